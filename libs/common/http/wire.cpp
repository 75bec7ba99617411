#include "common/http/wire.hpp"

#include "common/http/problem.hpp"

#include <fmt/compile.h>

#include <algorithm>
#include <iterator>

namespace events::http {

using namespace std::chrono_literals;

namespace {

/// The connection stays open for so much longer than clients are told.
constexpr auto kKeepAliveMargin = 1s;
constexpr auto kLongestTold = 75s;

}  // namespace

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

Persistence::Persistence(std::chrono::milliseconds idle_timeout)
    : keep_{"Connection: keep-alive\r\n"} {
    const auto told = std::min(
        std::chrono::floor<std::chrono::seconds>(idle_timeout - kKeepAliveMargin), kLongestTold);
    if (told > 0s) keep_ += fmt::format("Keep-Alive: timeout={}\r\n", told.count());
}

std::string_view Persistence::fields(bool close) const noexcept {
    return close ? std::string_view{"Connection: close\r\n"} : keep_;
}

std::string response_head(const Response& response, std::string_view correlation_id,
                          std::string_view date, std::string_view connection) {
    std::string out;
    out.reserve(384);
    fmt::format_to(std::back_inserter(out), FMT_COMPILE("HTTP/1.1 {} {}\r\nDate: {}\r\n"),
                   response.status, title_of(response.status), date);
    if (may_have_body(response.status)) {
        if (!response.content_type.empty()) {
            append_field(out, "Content-Type", response.content_type);
        }
        fmt::format_to(std::back_inserter(out), FMT_COMPILE("Content-Length: {}\r\n"),
                       response.body.size());
    }
    out += "X-Correlation-Id: ";
    out += correlation_id;
    out += "\r\n";
    for (const auto& [name, value] : response.headers) append_field(out, name, value);
    out += connection;
    out += "\r\n";
    return out;
}

}  // namespace events::http
