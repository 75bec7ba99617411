// A message as a collector gets it, from anybody: header lines, an empty line, the payload.

#include "common/collector/decoder.hpp"
#include "common/collector/envelope.hpp"
#include "common/events/message_encoding.hpp"
#include "common/http/correlation_id.hpp"
#include "common/sources/facebook.hpp"
#include "target.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace events::fuzz {
namespace {

using collector::Batch;

constexpr Timestamp kStored{std::chrono::days{20'500}};

struct Input {
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    std::string_view payload;
};

/// Lines of "name:value" up to an empty one; without such a one all of it is payload.
Input split(std::string_view text) {
    const auto end = text.find("\n\n");
    if (end == std::string_view::npos) return {{}, text};
    Input input{{}, text.substr(end + 2)};
    for_each_line(text.substr(0, end), [&](std::string_view line) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return;
        input.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
    });
    return input;
}

collector::Envelope check_envelope(const Input& input) {
    const auto lookup = [&](const char* name) -> std::optional<std::string_view> {
        const auto found = std::ranges::find(input.headers, std::string_view{name},
                                             &decltype(input.headers)::value_type::first);
        if (found == input.headers.end()) return std::nullopt;
        return found->second;
    };
    auto envelope = collector::read_envelope(lookup, kStored);
    require(http::is_correlation_id(envelope.correlation_id), "an id is one that a client may use");
    require(envelope.received_at >= Timestamp{} && envelope.received_at <= kStored,
            "an event came between 1970 and now");
    require(envelope.trace.empty() || envelope.trace.traceparent().size() == 55,
            "what is traced has a traceparent");
    return envelope;
}

struct Decoded {
    std::vector<std::string> accepted, rejected, reasons;
    std::string texts;
};

Decoded decode(const Input& input, const collector::Envelope& envelope, std::size_t limit,
               char padding) {
    const auto item = std::make_shared<collector::Item>();
    item->envelope = envelope;
    item->payload.assign(input.payload);
    item->payload.append(kPadding, padding);
    item->payload.resize(input.payload.size());
    collector::Decoder decoder{kFacebook, {.events = limit}};
    collector::IncomingMessage message{item};
    Decoded decoded;
    for (bool goes_on = true; goes_on;) {
        Batch batch;
        decoder.decode(message, batch);
        require(batch.events.size() == batch.origins.size(), "each event has its origin");
        require(batch.events.size() + batch.rejected.size() == batch.figures.events,
                "each line is an event or is rejected");
        require(batch.figures.events <= limit, "a batch holds no more than it may");
        for (std::size_t i = 0; i < batch.events.size(); ++i) {
            const auto& [event, of] = batch.events[i];
            require(of == &item->envelope, "an event knows its message");
            require(event.type->source == kFacebook, "an event is of its stream's source");
            decoded.accepted.emplace_back(batch.origins[i].raw);
            decoded.texts += event.event_id;
            decoded.texts += '\n';
        }
        for (const auto& rejected : batch.rejected) {
            decoded.rejected.emplace_back(rejected.origin.raw);
            decoded.reasons.push_back(rejected.why.path + rejected.why.message);
        }
        goes_on = batch.is_cut;
        require(goes_on != message.is_decoded(), "a batch is cut where something is left");
    }
    return decoded;
}

void check_payload(const Input& input, const collector::Envelope& envelope) {
    const auto whole = decode(input, envelope, 100'000, '\0');
    std::vector<std::string> lines;
    for_each_line(input.payload, [&](std::string_view line) { lines.emplace_back(line); });
    if (lines.empty()) lines.emplace_back(input.payload);  // rejected as a whole
    auto seen = whole.accepted;
    seen.insert(seen.end(), whole.rejected.begin(), whole.rejected.end());
    std::ranges::sort(lines);
    std::ranges::sort(seen);
    require(lines == seen, "no line is lost or made up");
    // A message of one line is read as that line alone.
    for (std::size_t i = 0; i < whole.rejected.size(); ++i) {
        const auto alone = decode({{}, whole.rejected[i]}, envelope, 2, ' ');
        require(alone.reasons == std::vector{whole.reasons[i]},
                "a line is rejected for what it is by itself");
    }
    for (const auto& line : whole.accepted) {
        require(decode({{}, line}, envelope, 2, ' ').accepted.size() == 1,
                "a line is accepted by itself");
    }
    const auto cut = decode(input, envelope, 2, '}');
    require(cut.accepted == whole.accepted && cut.rejected == whole.rejected &&
                cut.reasons == whole.reasons && cut.texts == whole.texts,
            "neither the cut nor what is behind the text changes anything");
}

}  // namespace
}  // namespace events::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = events::fuzz::split(events::fuzz::text_of(data, size));
    events::fuzz::check_payload(input, events::fuzz::check_envelope(input));
    return 0;
}
