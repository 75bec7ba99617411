#include "reports_auditor.hpp"

#include "common/segments/scan.hpp"
#include "reporter/answer.hpp"
#include "reporter/buckets.hpp"
#include "reporter/parse_query.hpp"
#include "support/report_questions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <random>
#include <stdexcept>

namespace events::test {
namespace {

constexpr int kCrossings = 6;
constexpr std::size_t kQuestions = 5;  // of those that there are to choose from

reporter::Query query_of(const Question& question) {
    const auto category = from_name(reporter::kCategories, question.report);
    const auto target = question.target();
    auto query = reporter::parse_query(category.value(), target.substr(target.find('?') + 1), {});
    if (!query) throw std::runtime_error{target + " is refused: " + query.error().at(0).message};
    return *std::move(query);
}

/// Where a series begins and ends that has no ends of its own: at events.
segments::TimeRange span_of(const reporter::Query& query, pqxx::transaction_base& transaction) {
    const auto question = reporter::question_of(query);
    segments::TimeRange span{question.from, question.to};
    if (query.from && query.to) return span;
    std::string tables;
    for (const auto source : sources()) {
        tables += fmt::format("{}SELECT occurred_at FROM {}", tables.empty() ? "" : " UNION ALL ",
                              source.table());
    }
    const auto row = transaction.exec1(
        fmt::format("SELECT (extract(epoch FROM min(occurred_at)) * 1000000)::bigint, "
                    "(extract(epoch FROM max(occurred_at)) * 1000000)::bigint FROM ({}) AS times",
                    tables));
    return {row[0].as<std::int64_t>(0), row[1].as<std::int64_t>(0)};
}

}  // namespace

ReportsAuditor::ReportsAuditor(std::uint64_t seed)
    : random_{seed},
      log_{"reporter", {.level = logging::Level::fatal}},
      snapshots_{{.max_memory = 1 << 20}, metrics_, log_} {}

std::string ReportsAuditor::differences(pqxx::transaction_base& transaction) {
    auto questions = choose_questions(transaction, random_.below(1'000), kCrossings);
    std::string text;
    for (std::size_t i = 0; i < kQuestions; ++i) {
        text += difference(questions[random_.below(questions.size())], transaction);
    }
    return text;
}

std::string ReportsAuditor::difference(const Question& asked, pqxx::transaction_base& transaction) {
    const auto query = query_of(asked);
    auto question = reporter::question_of(query);
    reporter::Report report{.category = query.category, .keys = query.group_by};
    if (query.interval) {
        auto buckets = reporter::read_buckets(query, span_of(query, transaction), transaction);
        question.buckets = std::move(buckets.starts);
        report.times = std::move(buckets.times);
    }
    reporter::SnapshotReader reader{snapshots_, question, transaction, {}};
    reader.fetch(question);
    const auto snapshot = reader.take();
    report.answer = segments::scan(question, snapshot.runs, {.seed = snapshots_.seed()});
    Figures reported;
    Figures recounted;
    add_answer(asked, reporter::to_json(report), reported);
    add_recount(asked, transaction, recounted);
    std::string text;
    for (const auto& [name, figure] : recounted) {
        const auto found = reported.find(name);
        if (found != reported.end() && found->second == figure) continue;
        text += fmt::format("{}: {} by rows, {} by segments\n", name, figure,
                            found == reported.end() ? "nothing" : found->second);
    }
    for (const auto& [name, figure] : reported) {
        if (!recounted.contains(name)) text += fmt::format("{}: {} by segments\n", name, figure);
    }
    return text;
}

}  // namespace events::test
