#include "gateway/answer.hpp"

#include "common/http/problem.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace events::gateway {
namespace {

constexpr std::chrono::seconds kRetryAfter{2};

std::string text_of(const nlohmann::ordered_json& json) {
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// The problems of a request's events, and how many of them find no room.
struct Errors {
    nlohmann::ordered_json listed = nlohmann::ordered_json::array();
    std::size_t omitted = 0;

    void add(const RejectedEvent& event, const Rejection& problem) {
        if (listed.size() == kMaxProblemsOfBody) {
            ++omitted;
            return;
        }
        nlohmann::ordered_json error{{"index", event.index}, {"eventId", nullptr}};
        if (event.why.event_id) error["eventId"] = *event.why.event_id;
        error["code"] = to_string(problem.code);
        error["path"] = problem.path;
        error["message"] =
            problem.found.empty() ? problem.message : problem.message + "; " + problem.found;
        listed.push_back(std::move(error));
    }
};

std::string errors_of(std::span<const RejectedEvent> rejected) {
    if (rejected.empty()) return {};
    Errors errors;
    for (const auto& event : rejected) {
        errors.add(event, event.why);
        for (const auto& problem : event.why.more) errors.add(event, problem);
        errors.omitted += event.why.left_out;
    }
    return fmt::format(
        R"(,"errors":{}{})", text_of(errors.listed),
        errors.omitted == 0 ? "" : fmt::format(R"(,"errorsOmitted":{})", errors.omitted));
}

unsigned status_of(const Tally& tally, const SendOptions& options) {
    if (options.strict && tally.failed > 0) return 422;
    if (options.dry_run) return 200;
    return tally.spooled == 0 ? 201 : 202;
}

}  // namespace

http::Response checked(Tally tally, std::span<const RejectedEvent> rejected,
                       const SendOptions& options) {
    http::Response response;
    response.status = status_of(tally, options);
    response.body =
        fmt::format(R"({{"saved":{},"failed":{}{}{}{}}})", tally.saved, tally.failed,
                    tally.spooled == 0 ? "" : fmt::format(R"(,"spooled":{})", tally.spooled),
                    options.dry_run ? R"(,"dryRun":true)" : "", errors_of(rejected));
    return response;
}

http::Response not_stored(std::string_view detail, std::string_view correlation_id, Tally tally) {
    return http::retry_later(detail, correlation_id, kRetryAfter,
                             fmt::format(R"("saved":{},"failed":{})", tally.saved, tally.failed));
}

http::Response refused(std::span<const BadSendOption> bad, std::string_view correlation_id) {
    auto errors = nlohmann::ordered_json::array();
    std::vector<std::string_view> names;
    for (const auto& [parameter, message] : bad) {
        names.push_back(parameter);
        errors.push_back({{"parameter", parameter}, {"message", message}});
    }
    return http::problem(
        400, fmt::format("These parameters can not be used: {}.", fmt::join(names, ", ")),
        correlation_id, "\"errors\":" + text_of(errors));
}

}  // namespace events::gateway
