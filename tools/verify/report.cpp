#include "verify/report.hpp"

#include "common/events/time.hpp"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

namespace events::verify {
namespace {

Timestamp timestamp(std::int64_t microseconds) {
    return Timestamp{std::chrono::microseconds{microseconds}};
}

/// An identifier in SQL.
std::string quoted(std::string_view name) {
    std::string text = "\"";
    for (const char c : name) text += c == '"' ? std::string{"\"\""} : std::string{c};
    return text + "\"";
}

void add_differences(std::string& text, const Outcome& outcome) {
    auto out = std::back_inserter(text);
    const auto* least = outcome.are_all_counted ? "" : "at least ";
    if (outcome.missing + outcome.too_many > 0) {
        fmt::format_to(out,
                       "    {}{} rows that the segments do not have, {}{} events of segments that "
                       "no row has; the first:\n",
                       least, outcome.missing, least, outcome.too_many);
    }
    for (const auto& [time, type, is_missing] : outcome.examples) {
        fmt::format_to(out, "        {:<9}{} {}\n", is_missing ? "missing" : "too many",
                       format_timestamp(timestamp(time)), type.empty() ? "(another type)" : type);
    }
    for (const auto& damage : outcome.damages) fmt::format_to(out, "    {}\n", damage);
}

}  // namespace

std::string format_outcome(const Outcome& outcome, std::string_view schema) {
    const auto source = outcome.partition.source.name();
    auto text = fmt::format("{} {}: ", source, outcome.name);
    auto out = std::back_inserter(text);
    if (!outcome.partition.is_built) {
        text += outcome.partition.is_plain
                    ? "not built: reports read its rows until a collector has built its segments\n"
                    : "no plain table: reports read its rows\n";
        return text;
    }
    fmt::format_to(out, "{}: {} rows; {} segments, {} changes\n",
                   outcome.is_equal() ? "equal" : "DIFFERENT", outcome.rows, outcome.segments,
                   outcome.changes);
    if (outcome.is_equal()) return text;
    add_differences(text, outcome);
    const auto day = format_timestamp(timestamp(outcome.first_difference)).substr(0, 10);
    fmt::format_to(out, "    to build it again from its rows: SELECT {}.rebuild_day('{}', '{}');\n",
                   quoted(schema), source, day);
    return text;
}

}  // namespace events::verify
