#include "common/retention/retention_days.hpp"

#include "common/config/env_reader.hpp"
#include "common/config/values.hpp"

#include <fmt/format.h>

#include <cctype>
#include <string>
#include <string_view>

namespace events::retention {
namespace {

constexpr auto kVariable = "RETENTION_DAYS";
/// 100 years: more is a number of something else.
constexpr int kMost = 36'500;

Days read_variable(config::EnvReader& read, std::string_view name, std::string_view description) {
    const auto text = read.text(name, "", description);
    if (text.empty()) return std::nullopt;
    const auto days = config::parse_number<int>(text);
    if (days && *days >= 1 && *days <= kMost) return std::chrono::days{*days};
    read.problem(
        name, text,
        fmt::format("a whole number of days from 1 to {}, without a unit (empty: for ever)",
                    kMost));
    return std::nullopt;
}

Days read_common(config::EnvReader& read) {
    return read_variable(read, kVariable,
                         "so many UTC days before today are kept, older ones are dropped; empty: "
                         "for ever");
}

std::string variable_of(Source source) {
    std::string name{kVariable};
    name += '_';
    for (const char c : source.name()) {
        name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return name;
}

Days read_own(config::EnvReader& read, Source source) {
    return read_variable(read, variable_of(source),
                         fmt::format("the same of {} alone; empty: RETENTION_DAYS", source.name()));
}

}  // namespace

RetentionDays read_days(config::EnvReader& read) {
    const auto common = read_common(read);
    RetentionDays days;
    for (const auto source : sources()) {
        const auto own = read_own(read, source);
        days.by_source[source] = own ? own : common;
    }
    return days;
}

Days read_days_of(config::EnvReader& read, Source source) {
    const auto common = read_common(read);
    const auto own = read_own(read, source);
    for (const auto other : sources()) read.leave_to_others(variable_of(other));
    return own ? own : common;
}

std::optional<Timestamp> first_kept(Timestamp now, const Days& days) {
    if (!days) return std::nullopt;
    return std::chrono::floor<std::chrono::days>(now) - *days;
}

TimeLimits limits_at(Timestamp now, const RetentionDays& days) {
    TimeLimits limits;
    for (const auto source : sources()) {
        limits.earliest[source] = first_kept(now, days.of(source));
    }
    return limits;
}

}  // namespace events::retention
