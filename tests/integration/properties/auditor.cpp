#include "auditor.hpp"

#include "common/postgres/segment_store.hpp"
#include "support/report_questions.hpp"
#include "verify/partition_check.hpp"
#include "verify/report.hpp"

#include <fmt/format.h>

namespace events::test {
namespace {

/// Nothing, where the view has just what the rows add up to.
constexpr auto kHours = R"(
WITH rows AS (
    SELECT date_bin('1 hour', occurred_at, 'epoch') AS time, * FROM {}
), recount AS (
    SELECT time, source, funnel_stage, event_type, count(*) AS events, count(amount) AS orders,
           coalesce(sum(amount), 0) AS revenue
    FROM rows GROUP BY 1, 2, 3, 4
)
SELECT coalesce(viewed::text, recount::text) FROM hourly_events AS viewed
FULL JOIN recount USING (time, source, funnel_stage, event_type)
WHERE (viewed.events, viewed.orders, viewed.revenue)
      IS DISTINCT FROM (recount.events, recount.orders, recount.revenue)
LIMIT 5)";

}  // namespace

Auditor::Auditor(const std::string& url, std::uint64_t seed)
    : connection_{{.url = config::Secret{url}, .application_name = "auditor"}, {}},
      reports_{seed} {}

std::string Auditor::differences() {
    return look([&](pqxx::transaction_base& transaction) {
        return of_segments(transaction) + of_hours(transaction) + reports_.differences(transaction);
    });
}

std::string Auditor::report_differences() {
    return look(
        [&](pqxx::transaction_base& transaction) { return reports_.differences(transaction); });
}

std::string Auditor::look(const std::function<std::string(pqxx::transaction_base&)>& at) {
    // A partition may be dropped while it is read: the next snapshot does not have it.
    for (;;) {
        try {
            return connection_.read(
                [&](pqxx::transaction_base& transaction) { return at(transaction); });
        } catch (const postgres::PartitionGone&) {
        }
    }
}

std::string Auditor::of_segments(pqxx::transaction_base& transaction) {
    std::string text;
    for (const auto& partition : postgres::read_partitions(transaction)) {
        const auto outcome = verify::check_partition(transaction, partition, {});
        if (!outcome.is_equal()) text += verify::format_outcome(outcome, "events");
        if (partition.is_built) ++built_;
    }
    return text;
}

std::string Auditor::of_hours(pqxx::transaction_base& transaction) {
    std::string text;
    for (const auto& row : transaction.exec(fmt::format(kHours, all_rows()))) {
        text += fmt::format("hourly_events: {}\n", row[0].c_str());
    }
    return text;
}

}  // namespace events::test
