#include "reporter/kept_from.hpp"

#include "common/events/event.hpp"
#include "common/events/time.hpp"
#include "common/segments/scan.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace events::reporter {
namespace {

std::string text_of(std::int64_t time) {
    constexpr std::string_view kNoFraction = ".000000Z";
    auto text = format_timestamp(Timestamp{std::chrono::microseconds{time}});
    if (text.ends_with(kNoFraction)) text.replace(text.size() - kNoFraction.size(), 8, "Z");
    return text;
}

}  // namespace

std::string read_kept_from(const segments::Question& question,
                           pqxx::transaction_base& transaction) {
    std::optional<std::int64_t> latest;
    for (const auto& row : transaction.exec(
             "SELECT source, (extract(epoch FROM first) * 1000000)::bigint FROM retained_from")) {
        const auto source = find_source(std::string_view{row[0].c_str(), row[0].size()});
        const auto first = row[1].as<std::int64_t>();
        if (!source) continue;
        const segments::RunInfo gone{.source = *source,
                                     .times = {segments::TimeRange{}.first, first - 1}};
        if (segments::need_of(question, gone) == segments::Need::nothing) continue;
        latest = std::max(latest.value_or(first), first);
    }
    return latest ? text_of(*latest) : std::string{};
}

}  // namespace events::reporter
