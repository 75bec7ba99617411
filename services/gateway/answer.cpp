#include "gateway/answer.hpp"

#include "common/http/problem.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace events::gateway {
namespace {

constexpr std::chrono::seconds kRetryAfter{2};

nlohmann::ordered_json to_json(const RejectedEvent& event) {
    nlohmann::ordered_json error{{"index", event.index}};
    error["eventId"] = nullptr;
    if (event.why.event_id) error["eventId"] = *event.why.event_id;
    error["code"] = to_string(event.why.code);
    error["path"] = event.why.path;
    error["message"] = event.why.message;
    return error;
}

}  // namespace

http::Response created(Tally tally, std::span<const RejectedEvent> rejected) {
    nlohmann::ordered_json body{{"saved", tally.saved}, {"failed", tally.failed}};
    if (!rejected.empty()) {
        auto& errors = body["errors"] = nlohmann::ordered_json::array();
        for (const auto& event : rejected.first(std::min(rejected.size(), kMaxErrorsShown))) {
            errors.push_back(to_json(event));
        }
    }
    http::Response response;
    response.status = 201;
    response.body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    return response;
}

http::Response not_stored(std::string_view detail, std::string_view correlation_id, Tally tally) {
    return http::retry_later(detail, correlation_id, kRetryAfter,
                             fmt::format(R"("saved":{},"failed":{})", tally.saved, tally.failed));
}

}  // namespace events::gateway
