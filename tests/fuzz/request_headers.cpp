// The headers that say who sends and what: keys, signatures, a trace, a body's kind. Each line of
// an input is the value of all of them; the first line is a handshake's query, too.

#include "common/http/auth.hpp"
#include "common/http/correlation_id.hpp"
#include "common/http/gzip.hpp"
#include "common/http/trace_context.hpp"
#include "gateway/content.hpp"
#include "gateway/handshake.hpp"
#include "gateway/signature.hpp"
#include "target.hpp"

#include <algorithm>
#include <string>

namespace events::fuzz {
namespace {

constexpr std::string_view kKey = "a-key-of-sixteen";

const http::KeyRing& ring() {
    static const std::vector keys{config::Secret{std::string{kKey}}};
    static const http::KeyRing known{keys};
    return known;
}

bool are_hexadecimal(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
}

void check_trace(std::string_view value) {
    const auto trace = http::TraceContext::parse(value);
    if (trace.empty()) {
        require(trace.traceparent().empty() && trace.continued().empty(), "no trace is no trace");
        return;
    }
    require(value.find(trace.trace_id()) == 3 && value.find(trace.span_id(), 36) == 36,
            "its ids stand in the header");
    require(trace.traceparent().size() == 55 && trace.traceparent().starts_with("00-"),
            "what is sent on is of version 00");
    const auto again = http::TraceContext::parse(trace.traceparent());
    require(again.traceparent() == trace.traceparent(), "what is sent on is read the same");
    const auto next = trace.continued();
    require(next.trace_id() == trace.trace_id() && next.span_id() != trace.span_id(),
            "a new span is of the same trace");
}

void check_signatures(std::string_view value) {
    if (const auto digest = gateway::parse_meta_signature(value)) {
        require(value.size() == 71 && are_hexadecimal(value.substr(7)), "a digest has its digits");
        require(gateway::parse_meta_signature("sha256=" + crypto::to_hex(*digest)) == digest,
                "it is read the same again");
    }
    if (const auto signature = gateway::parse_tiktok_signature(value)) {
        const auto& time = signature->time;
        require(!time.empty() && time.size() <= 11 &&
                    std::ranges::all_of(time, [](char c) { return c >= '0' && c <= '9'; }),
                "a time has digits");
        const auto again = gateway::parse_tiktok_signature(
            "t=" + time + ",s=" + crypto::to_hex(signature->digest));
        require(again && again->at == signature->at && again->digest == signature->digest,
                "it is read the same again");
    }
}

void check_claims(const http::RequestHead& head) {
    static const gateway::Signatures signatures{
        {.meta_secrets = {config::Secret{"meta"}}, .tiktok_secrets = {config::Secret{"tiktok"}}}};
    const auto claims = signatures.claims_of(head);
    if (!claims) return;
    (void)signatures.is_fresh(*claims, std::chrono::system_clock::time_point{});
    require(!claims->any() || !signatures.hold(*claims, "a body that nobody signed"),
            "nobody guesses a signature");
}

void check_line(std::string_view value) {
    check_trace(value);
    check_signatures(value);
    require(!http::is_correlation_id(value) || (!value.empty() && value.size() <= 128),
            "a correlation id is in its bounds");
    http::RequestHead head;
    for (const auto* name :
         {"Authorization", "X-API-Key", "X-Hub-Signature-256", "TikTok-Signature", "Content-Type",
          "Content-Encoding", "Accept-Encoding"}) {
        head.headers.emplace_back(name, value);
    }
    const auto proof = http::judge_keys(head, ring(), "X-API-Key");
    require(proof != http::Proof::right || value.find(kKey) != std::string_view::npos,
            "only who knows the key has it");
    require(!http::prefers_gzip(head) || value.find_first_of("gG*") != std::string_view::npos,
            "only who names gzip gets it");
    check_claims(head);
    if (const auto content = gateway::content_of(head); !content) {
        require(!content.error().detail.empty() && !content.error().taken.empty(),
                "a refusal says why, and what is taken");
    }
}

void check(std::string_view text) {
    const auto query = text.substr(0, text.find('\n'));
    if (const auto challenge = gateway::take_challenge(query, ring())) {
        require(!challenge->empty() && challenge->size() <= 256 &&
                    std::ranges::all_of(*challenge, [](char c) { return c > ' ' && c < 0x7F; }),
                "a challenge is of visible characters");
    }
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        check_line(line);
    }
}

}  // namespace
}  // namespace events::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    events::fuzz::check(events::fuzz::text_of(data, size));
    return 0;
}
