#include "support/report_questions.hpp"

#include "common/sources/source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <random>

namespace events::test {
namespace {

using nlohmann::json;

constexpr int kRanges = 3;
constexpr std::array<std::string_view, 3> kReports{"events", "revenue", "demographics"};

std::string rows_of(Source source) {
    auto sql = fmt::format("SELECT '{}' AS source, occurred_at, user_id, funnel_stage, event_type",
                           source.name());
    for (const auto& dimension : kDimensions) {
        const bool has = std::ranges::find(source.fields(), dimension.column, &FieldSpec::column) !=
                         source.fields().end();
        sql += fmt::format(", {}::{} AS {}", has ? dimension.column : "NULL",
                           dimension.kind == Dimension::Kind::text ? "text" : "bigint",
                           dimension.column);
    }
    std::string amount = "NULL";
    for (const auto& type : source.types()) {
        if (!type.has_revenue) continue;
        amount = fmt::format("CASE event_type WHEN '{}' THEN purchase_amount ELSE {} END",
                             type.name, amount);
    }
    return sql + fmt::format(", {}::numeric AS amount FROM {}", amount, source.table());
}

/// A parameter of that name, and what it means to a row; {} is its value.
struct Parameter {
    std::string_view name;
    std::string_view condition;
    std::string_view column;  ///< has a value for it; empty: not chosen from rows
};
const std::vector<Parameter> kParameters{
    {"from", "occurred_at >= timestamptz 'epoch' + {}::bigint * interval '1 millisecond'", ""},
    // The whole millisecond.
    {"to", "occurred_at < timestamptz 'epoch' + ({}::bigint + 1) * interval '1 millisecond'", ""},
    {"source", "source = {}", "source"},
    {"funnelStage", "funnel_stage = {}", "funnel_stage"},
    {"eventType", "event_type = {}", "event_type"},
    {"campaignId", "campaign_id = {}", "campaign_id"},
    {"country", "country = {}", "country"},
    {"city", "city = {}", "city"},
    {"gender", "gender = {}", "gender"},
    {"device", "device = {}", "device"},
    {"age", "age = {}", "age"},
    {"ageMin", "age >= {}", "age"},
    {"ageMax", "age <= {}", "age"},
    {"followers", "followers = {}", "followers"},
    {"followersMin", "followers >= {}", "followers"},
    {"followersMax", "followers <= {}", "followers"},
};

const std::map<std::string_view, std::string_view> kKeys{
    {"source", "source"},
    {"funnelStage", "funnel_stage"},
    {"eventType", "event_type"},
    {"campaignId", "campaign_id"},
    {"gender", "gender"},
    {"ageGroup",
     "CASE WHEN age < 18 THEN '0-17' WHEN age < 25 THEN '18-24' WHEN age < 35 THEN '25-34' WHEN "
     "age < 45 THEN '35-44' WHEN age < 55 THEN '45-54' WHEN age < 65 THEN '55-64' WHEN age >= 65 "
     "THEN '65+' END"},
    {"country", "country"},
    {"city", "city"},
    {"device", "device"},
    {"followersGroup",
     "CASE WHEN followers < 1000 THEN '0-999' WHEN followers < 10000 THEN '1000-9999' WHEN "
     "followers < 100000 THEN '10000-99999' WHEN followers < 1000000 THEN '100000-999999' WHEN "
     "followers IS NOT NULL THEN '1000000+' END"},
};

std::string encoded(std::string_view text) {
    std::string result;
    for (const char c : text) {
        result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return result;
}

/// The figure that groups are ordered by, and all of a row's or an object's figures as text.
std::string_view main_figure(const std::string& report) {
    if (report == "revenue") return "coalesce(sum(amount), 0)";
    return report == "events" ? "count(*)" : "count(DISTINCT (source, user_id))";
}

std::string figure_of(const std::string& report, const json& object) {
    if (report == "events") return object.at("count").dump();
    if (report == "demographics") return object.at("userCount").dump();
    return fmt::format("{:.2f} in {}", object.at("revenue").get<double>(),
                       object.at("transactions").dump());
}

std::string figure_of(const std::string& report, const pqxx::row& row) {
    const std::string main{row[0].c_str()};
    if (report != "revenue") return main;
    return fmt::format("{:.2f} in {}", row[0].as<double>(), row[1].c_str());
}

using Range = std::vector<std::pair<std::string, std::string>>;

class Chooser {
  public:
    Chooser(pqxx::transaction_base& transaction, std::uint64_t seed) : random_{seed} {
        rows_ = transaction.exec(fmt::format(
            "SELECT *, floor(extract(epoch FROM occurred_at) * 1000)::bigint AS milliseconds "
            "FROM {} ORDER BY md5(user_id || occurred_at || '{}') LIMIT 200",
            all_rows(), seed));
    }

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    /// Some filters that one row meets, of one to three of its columns.
    void add_filter(Question& question) {
        if (rows_.empty()) return;
        const auto chosen_row = rows_[row()];
        auto parameters = kParameters;
        std::erase_if(parameters, [&](const Parameter& parameter) {
            return parameter.column.empty() || chosen_row[std::string{parameter.column}].is_null();
        });
        const auto wanted = 1 + below(3);
        for (std::uint64_t i = 0; i < wanted; ++i) {
            const auto chosen = parameters[below(parameters.size())];
            question.filter.emplace_back(chosen.name,
                                         chosen_row[std::string{chosen.column}].c_str());
            std::erase_if(parameters,
                          [&](const auto& other) { return other.column == chosen.column; });
        }
    }

    /// Of two rows' times, in milliseconds.
    Range range() {
        if (rows_.empty()) return {};
        const auto time = [this] {
            return rows_[row()]["milliseconds"].as<std::int64_t>() +
                   static_cast<std::int64_t>(below(3)) - 1;
        };
        const auto [from, to] = std::minmax({time(), time()});
        return {{"from", std::to_string(from)}, {"to", std::to_string(to + 1)}};
    }

    void add_keys(Question& question) {
        auto keys = kKeys;
        for (auto wanted = below(3); wanted > 0; --wanted) {
            const auto key =
                std::next(keys.begin(), static_cast<std::ptrdiff_t>(below(keys.size())));
            question.keys.emplace_back(key->first);
            keys.erase(key);
        }
    }

  private:
    pqxx::result::size_type row() {
        return static_cast<pqxx::result::size_type>(below(rows_.size()));
    }

    std::mt19937_64 random_;
    pqxx::result rows_;
};

/// The first one has no ends; those of the others are at or beside events and cut minutes.
std::vector<Range> choose_ranges(Chooser& choose) {
    std::vector<Range> ranges{{}};
    for (int i = 0; i < kRanges; ++i) ranges.push_back(choose.range());
    return ranges;
}

std::string condition_of(const Question& question, pqxx::transaction_base& transaction) {
    std::string all = question.report == "revenue" ? "amount IS NOT NULL" : "true";
    for (const auto& [name, value] : question.filter) {
        const auto parameter = std::ranges::find(kParameters, name, &Parameter::name);
        all += " AND " + fmt::format(fmt::runtime(parameter->condition), transaction.quote(value));
    }
    return all;
}

}  // namespace

const std::string& all_rows() {
    static const auto kRows = [] {
        std::string sql;
        for (const auto source : sources()) {
            sql += (sql.empty() ? "(" : " UNION ALL ") + rows_of(source);
        }
        return sql + ") AS rows";
    }();
    return kRows;
}

std::string Question::target() const {
    std::vector<std::string> parts;
    for (const auto& [name, value] : filter) parts.push_back(name + "=" + encoded(value));
    if (!keys.empty()) parts.push_back(fmt::format("groupBy={}&limit=1000", fmt::join(keys, ",")));
    if (!interval.empty()) parts.push_back("interval=" + interval);
    return fmt::format("/reports/{}?{}", report, fmt::join(parts, "&"));
}

std::vector<Question> choose_questions(pqxx::transaction_base& transaction, std::uint64_t seed,
                                       int crossings) {
    Chooser choose{transaction, seed};
    std::vector<Question> questions;
    for (const auto& range : choose_ranges(choose)) {
        for (const std::string_view report : kReports) {
            const Question plain{.report = std::string{report}, .filter = range};
            questions.push_back(plain);
            questions.push_back(plain);
            questions.back().keys = {"source", "eventType"};
            for (const auto* interval : {"day", "week", "month"}) {
                questions.push_back(plain);
                questions.back().interval = interval;
            }
            for (int i = 0; i < crossings; ++i) {
                auto crossing = plain;
                choose.add_filter(crossing);
                choose.add_keys(crossing);
                questions.push_back(std::move(crossing));
            }
        }
    }
    return questions;
}

void add_answer(const Question& question, std::string_view json_text, Figures& figures) {
    const auto answer = json::parse(json_text);
    const auto target = question.target();
    figures[target] = figure_of(question.report, answer);
    for (const auto& group : answer.value("groups", json::array())) {
        auto name = target;
        for (const auto& key : question.keys) name += " " + group.at(key).dump();
        figures[name] = figure_of(question.report, group);
    }
    for (const auto& bucket : answer.value("series", json::array())) {
        const auto figure = figure_of(question.report, bucket);
        if (figure == "0" || figure == "0.00 in 0") continue;
        figures[target + " " + bucket.at("time").get<std::string>()] = figure;
    }
}

void add_recount(const Question& question, pqxx::transaction_base& transaction, Figures& figures) {
    const auto target = question.target();
    const auto main = main_figure(question.report);
    const auto from =
        fmt::format("FROM {} WHERE {}", all_rows(), condition_of(question, transaction));
    const auto all = transaction.exec(fmt::format("SELECT {}, count(*) {}", main, from));
    figures[target] = figure_of(question.report, all[0]);
    if (!question.keys.empty()) {
        std::string keys;
        std::string order;
        for (const auto& key : question.keys) {
            keys += fmt::format(", ({}) COLLATE \"C\" AS \"{}\"", kKeys.at(key), key);
            order += fmt::format(", \"{}\" NULLS LAST", key);
        }
        std::string places;
        for (std::size_t i = 0; i < question.keys.size(); ++i) {
            places += fmt::format("{}{}", i == 0 ? "" : ", ", i + 3);
        }
        for (const auto& row : transaction.exec(
                 fmt::format("SELECT {}, count(*){} {} GROUP BY {} ORDER BY 1 DESC{} LIMIT 1000",
                             main, keys, from, places, order))) {
            auto name = target;
            for (int key = 2; key < static_cast<int>(row.size()); ++key) {
                name += row[key].is_null() ? " null" : " " + json(row[key].c_str()).dump();
            }
            figures[name] = figure_of(question.report, row);
        }
    }
    if (question.interval.empty()) return;
    for (const auto& row : transaction.exec(fmt::format(
             "SELECT {}, count(*), to_char(date_trunc('{}', occurred_at AT TIME ZONE 'UTC'), "
             "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') {} GROUP BY 3",
             main, question.interval, from))) {
        figures[target + " " + row[2].c_str()] = figure_of(question.report, row);
    }
}

}  // namespace events::test
