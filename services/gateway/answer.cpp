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

std::string errors_of(std::span<const RejectedEvent> rejected) {
    auto errors = nlohmann::ordered_json::array();
    for (const auto& event : rejected.first(std::min(rejected.size(), kMaxErrorsShown))) {
        errors.push_back(to_json(event));
    }
    return errors.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

http::Response stored(Tally tally, std::span<const RejectedEvent> rejected) {
    http::Response response;
    response.status = tally.spooled == 0 ? 201 : 202;
    response.body =
        fmt::format(R"({{"saved":{},"failed":{}{}{}}})", tally.saved, tally.failed,
                    tally.spooled == 0 ? "" : fmt::format(R"(,"spooled":{})", tally.spooled),
                    rejected.empty() ? "" : R"(,"errors":)" + errors_of(rejected));
    return response;
}

http::Response not_stored(std::string_view detail, std::string_view correlation_id, Tally tally) {
    return http::retry_later(detail, correlation_id, kRetryAfter,
                             fmt::format(R"("saved":{},"failed":{})", tally.saved, tally.failed));
}

}  // namespace events::gateway
