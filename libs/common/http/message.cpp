#include "common/http/message.hpp"

#include "common/http/problem.hpp"

#include <boost/beast/core/string.hpp>

#include <chrono>

namespace events::http {

std::string_view to_string(Method method) noexcept {
    switch (method) {
        case Method::get:
            return "GET";
        case Method::head:
            return "HEAD";
        case Method::post:
            return "POST";
        case Method::put:
            return "PUT";
        case Method::patch:
            return "PATCH";
        case Method::delete_:
            return "DELETE";
        case Method::options:
            return "OPTIONS";
        case Method::other:
            break;
    }
    return "other";
}

std::optional<std::string_view> RequestHead::header(std::string_view name) const noexcept {
    for (const auto& [field, value] : headers) {
        if (boost::beast::iequals(field, name)) return value;
    }
    return std::nullopt;
}

Response Permit::refusal(const RequestHead& head) {
    return retry_later("too much is in flight already", head.correlation_id,
                       std::chrono::seconds{1});
}

}  // namespace events::http
