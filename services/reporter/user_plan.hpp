#pragma once

#include "reporter/query.hpp"
#include "reporter/time_slices.hpp"

#include <pqxx/pqxx>

#include <cstddef>
#include <optional>
#include <vector>

namespace events::reporter {

/// Where a source's users are counted.
enum class UserPlan : std::uint8_t {
    rows,      ///< the events of the range
    profiles,  ///< the profiles seen in the range's whole minutes, and rows for the rest
    audience,  ///< the same for the whole history: users with one profile are counted already
};

/// What a plan is chosen by; all of one snapshot.
struct UserFacts {
    double events_in_range = 0;
    double events_in_rows = 0;  ///< of these, those that profiles do not cover
    double profiles = 0;
    double several = 0;               ///< profiles of users with more than one
    bool whole_history = false;       ///< every profiled minute lies in the range
    bool countable_audience = false;  ///< conditions and keys are those that the audience has
    /// What profiles do not cover: its ragged ends, and the minutes that are not profiled yet.
    std::vector<Range> uncovered{};
};

/// At most so many ranges that hold all of these, which are ascending: the smallest gaps between
/// them are filled. Pure.
[[nodiscard]] std::vector<Range> coarsened(const std::vector<Range>& ranges, std::size_t at_most);

/// About how long it takes, in microseconds of one core. Pure.
[[nodiscard]] double cost_of(UserPlan plan, const UserFacts& facts) noexcept;

/// The cheapest plan that gives the exact figures. Pure.
[[nodiscard]] UserPlan choose_plan(const UserFacts& facts) noexcept;

/// Whether the audience of the source tells these attributes apart. Pure.
[[nodiscard]] bool audience_has(const Query& query) noexcept;

[[nodiscard]] UserFacts read_facts(const Query& query, Source source, const Range& range,
                                   const std::optional<Range>& minutes,
                                   pqxx::transaction_base& transaction);

}  // namespace events::reporter
