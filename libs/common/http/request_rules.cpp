#include "common/http/request_rules.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>

namespace events::http {
namespace {

using boost::beast::iequals;

std::ptrdiff_t count(const RequestHead& head, std::string_view name) {
    return std::ranges::count_if(head.headers,
                                 [&](const auto& field) { return iequals(field.first, name); });
}

/// Two readers that disagree on a body's end let one request hide inside another ("smuggling"), so
/// whatever is ambiguous is refused, and the connection is closed.
std::optional<Refusal> refuse_framing(const RequestHead& head, unsigned version) {
    const auto codings = count(head, "Transfer-Encoding");
    if (codings == 0) return std::nullopt;
    if (count(head, "Content-Length") > 0) {
        return Refusal{400, "Content-Length and Transfer-Encoding exclude each other"};
    }
    if (version < 11) return Refusal{400, "HTTP/1.0 has no Transfer-Encoding"};
    if (codings != 1 || !iequals(*head.header("Transfer-Encoding"), "chunked")) {
        return Refusal{501, "the only Transfer-Encoding that is understood is chunked"};
    }
    return std::nullopt;
}

/// "http://" or "https://", as a client of a proxy writes it before the host (RFC 9112, 3.2.2);
/// empty for a target that is a path.
std::string_view scheme_of(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        const auto start = target.substr(0, scheme.size());
        if (target.size() > scheme.size() && iequals(start, scheme)) return start;
    }
    return {};
}

}  // namespace

bool split_target(RequestHead& head) {
    std::string_view rest = head.target;
    if (const auto scheme = scheme_of(rest); !scheme.empty()) {
        rest.remove_prefix(scheme.size());
        rest.remove_prefix(std::min(rest.find_first_of("/?"), rest.size()));
        if (rest.empty() || rest.front() == '?') {
            head.path = "/";
            head.query = rest.empty() ? rest : rest.substr(1);
            return true;
        }
    }
    if (!rest.starts_with('/')) return false;
    const auto mark = std::min(rest.find('?'), rest.size());
    head.path = rest.substr(0, mark);
    head.query = mark < rest.size() ? rest.substr(mark + 1) : std::string_view{};
    return true;
}

std::optional<Refusal> refuse_by_protocol(const RequestHead& head, unsigned version) {
    if (auto refusal = refuse_framing(head, version)) return refusal;
    const auto hosts = count(head, "Host");
    if (hosts > 1 || (hosts == 0 && version >= 11)) {
        return Refusal{400, "an HTTP/1.1 request has exactly one Host"};
    }
    if (head.path.empty()) return Refusal{400, "the target is not a path"};
    if (version >= 11 && head.header("Expect") && !expects_continue(head, version)) {
        return Refusal{417, "the only expectation that is met is 100-continue"};
    }
    return std::nullopt;
}

bool expects_continue(const RequestHead& head, unsigned version) noexcept {
    const auto expectation = head.header("Expect");
    return version >= 11 && expectation && iequals(*expectation, "100-continue");
}

}  // namespace events::http
