#include "publisher/answer.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace events::publisher {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kQuoted = 300;  ///< bytes of an answer's body that the log shows

/// A header in whole seconds; 0 for the other form, a date, which no gateway of ours sends.
std::chrono::seconds read_seconds(std::string_view text) noexcept {
    std::int64_t seconds = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, seconds);
    if (error != std::errc{} || rest != end || seconds < 0) return 0s;
    return std::chrono::seconds{seconds};
}

FailureReason reason_of(unsigned status) noexcept {
    constexpr std::array<unsigned, 4> kComeLater{429, 502, 503, 504};
    return std::ranges::find(kComeLater, status) != kComeLater.end() ? FailureReason::refused
                                                                     : FailureReason::rejected;
}

void read_figures(Answer& answer, const std::string& body, std::uint64_t events) {
    const auto json = nlohmann::json::parse(body, nullptr, false);
    const auto figure = [&](const char* name) -> std::optional<std::uint64_t> {
        if (!json.is_object()) return std::nullopt;
        const auto found = json.find(name);
        if (found == json.end() || !found->is_number_unsigned()) return std::nullopt;
        return found->get<std::uint64_t>();
    };
    answer.failed = figure("failed").value_or(0);
    answer.saved = figure("saved").value_or(events - std::min(events, answer.failed));
    answer.spooled = figure("spooled").value_or(0);
    if (answer.saved > events || answer.failed > events - answer.saved) {
        answer.error = "the answer counts more events than were sent: " + body.substr(0, kQuoted);
        answer.saved = std::min(answer.saved, events);
        answer.failed = std::min(answer.failed, events - answer.saved);
    }
}

}  // namespace

Answer read_answer(const Expected<http::ClientResponse, http::ClientError>& response,
                   std::uint64_t events) {
    Answer answer;
    if (!response) {
        answer.failure =
            response.error().sent ? FailureReason::unanswered : FailureReason::unreachable;
        answer.error = response.error().message;
        return answer;
    }
    answer.status = response->status;
    if (answer.status >= 200 && answer.status < 300) {
        read_figures(answer, response->body, events);
        return answer;
    }
    answer.failure = reason_of(answer.status);
    answer.retry_after = read_seconds(response->header("Retry-After"));
    answer.error = fmt::format("{}: {}", answer.status, response->body.substr(0, kQuoted));
    return answer;
}

std::chrono::milliseconds retry_delay(unsigned attempt, std::chrono::seconds retry_after,
                                      Random& random) noexcept {
    constexpr std::chrono::milliseconds kFirst = 200ms;
    constexpr std::chrono::milliseconds kLongest = 30s;
    constexpr std::chrono::seconds kMostPatience = 5min;
    constexpr unsigned kDoublings = 8;  // 200 ms * 2^8 is over the longest already
    const auto doublings = std::min(attempt > 0 ? attempt - 1 : 0, kDoublings);
    const auto whole = std::min(kFirst * (1U << doublings), kLongest);
    const std::chrono::milliseconds jittered{random.between(whole.count() / 2, whole.count())};
    // A little after the time that was asked for, so that not everybody comes at the same instant.
    return retry_after > 0s ? std::min(retry_after, kMostPatience) + jittered : jittered;
}

}  // namespace events::publisher
