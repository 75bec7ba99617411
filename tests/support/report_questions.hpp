#pragma once

#include <pqxx/pqxx>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace events::test {

/// All rows of all sources with what reports know of them, as an item of FROM: columns that a
/// source lacks are null, and `amount` is what is revenue.
[[nodiscard]] const std::string& all_rows();

/// A question that a report answers and SQL recounts from the rows. Nothing of the recount is the
/// reporter's.
struct Question {
    std::string report;                                         ///< "events"
    std::vector<std::pair<std::string, std::string>> filter{};  ///< names and values of parameters
    std::vector<std::string> keys{};                            ///< of groupBy
    std::string interval{};                                     ///< "hour", "day" or none

    /// "/reports/events?source=facebook&groupBy=country"
    [[nodiscard]] std::string target() const;
};

/// Figures by their names: which question, which group or bucket.
using Figures = std::map<std::string, std::string>;

/// About the whole history and about some ranges: each report by itself, by source and type, by
/// day, and `crossings` times with filters and groupings that cross. Values and ends are those of
/// rows that are there. The same seed and rows give the same questions.
[[nodiscard]] std::vector<Question> choose_questions(pqxx::transaction_base& transaction,
                                                     std::uint64_t seed, int crossings);

/// Adds the figures of the report's JSON answer.
void add_answer(const Question& question, std::string_view json, Figures& figures);
/// Adds the figures that the rows of the transaction's snapshot have.
void add_recount(const Question& question, pqxx::transaction_base& transaction, Figures& figures);

}  // namespace events::test
