#include "common/http/problem.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace events::http {

Response problem(unsigned status, std::string_view detail, std::string_view correlation_id,
                 std::string_view extra_members) {
    const nlohmann::ordered_json members{{"type", "about:blank"},
                                         {"title", title_of(status)},
                                         {"status", status},
                                         {"detail", detail},
                                         {"correlationId", correlation_id}};
    // What a client sent may stand in the detail: it need not be UTF-8.
    auto body = members.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    if (!extra_members.empty()) {
        body.pop_back();
        body += ',';
        body += extra_members;
        body += '}';
    }
    return {.status = status,
            .content_type = "application/problem+json",
            .body = std::move(body),
            .headers = {{"Cache-Control", "no-store"}}};
}

Response retry_later(std::string_view detail, std::string_view correlation_id,
                     std::chrono::seconds after, std::string_view extra_members) {
    auto response = problem(503, detail, correlation_id, extra_members);
    const auto seconds = std::max(after, std::chrono::seconds{0}).count();
    response.headers.emplace_back("Retry-After", std::to_string(seconds));
    return response;
}

std::string_view title_of(unsigned status) noexcept {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 411:
            return "Length Required";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Unknown";
    }
}

}  // namespace events::http
