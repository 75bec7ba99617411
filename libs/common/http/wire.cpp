#include "common/http/wire.hpp"

#include "common/http/problem.hpp"

#include <fmt/compile.h>

#include <algorithm>
#include <iterator>

namespace events::http {

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    const auto at = static_cast<std::ptrdiff_t>(out.size());
    out += value;
    std::replace_if(
        out.begin() + at, out.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    out += "\r\n";
}

std::string response_head(const Response& response, std::string_view correlation_id,
                          Persistence persistence) {
    std::string out;
    out.reserve(256);
    fmt::format_to(std::back_inserter(out), FMT_COMPILE("HTTP/1.1 {} {}\r\n"), response.status,
                   title_of(response.status));
    if (may_have_body(response.status)) {
        if (!response.content_type.empty()) {
            append_field(out, "Content-Type", response.content_type);
        }
        fmt::format_to(std::back_inserter(out), FMT_COMPILE("Content-Length: {}\r\n"),
                       response.body.size());
    }
    append_field(out, "X-Correlation-Id", correlation_id);
    for (const auto& [name, value] : response.headers) append_field(out, name, value);
    if (persistence == Persistence::keep_if_asked) out += "Connection: keep-alive\r\n";
    if (persistence == Persistence::close) out += "Connection: close\r\n";
    out += "\r\n";
    return out;
}

}  // namespace events::http
