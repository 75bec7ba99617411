// What can be known of the dashboards without a server: that Grafana will take them, that each
// panel says what it shows, and that the grid has no holes.
#include "support/environment.hpp"
#include "support/grafana.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

namespace events::test {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::IsSubsetOf;
using ::testing::UnorderedElementsAre;
using Names = std::set<std::string>;

Names keys_of(const json& object) {
    Names keys;
    for (const auto& [key, value] : object.items()) keys.insert(key);
    return keys;
}

const Names kPanelTypes{"bargauge", "stat", "table", "timeseries"};
const Names kUnits{"bytes", "eps", "locale", "none", "ops", "percentunit", "reqps", "s", "short"};
const std::map<std::string, Names> kTargetKeys{
    {"prometheus", {"refId", "editorMode", "expr", "legendFormat", "instant", "range"}},
    {"postgres", {"refId", "editorMode", "format", "rawQuery", "rawSql"}}};

/// Runs for every panel but the rows, with its place in the messages.
template <typename Check>
void for_each_panel(Check&& check) {
    for (const auto& [name, dashboard] : read_dashboards()) {
        for (const auto& panel : dashboard.at("panels")) {
            if (panel.at("type") == "row") continue;
            SCOPED_TRACE(name + ": " + panel.value("title", panel.dump()));
            check(panel);
        }
    }
}

TEST(Dashboards, AreFiveWithTheirOwnNamesAndLinks) {
    Names uids;
    Names names;
    for (const auto& [name, dashboard] : read_dashboards()) {
        names.insert(name);
        EXPECT_EQ(dashboard.at("uid"), "events-" + name);
        uids.insert(dashboard.at("uid").get<std::string>());
        EXPECT_FALSE(dashboard.at("title").get<std::string>().empty());
        EXPECT_FALSE(dashboard.at("description").get<std::string>().empty());
        EXPECT_THAT(dashboard.at("tags").get<Names>(), Contains("events-handler"));
        EXPECT_EQ(dashboard.at("editable"), false);
        EXPECT_EQ(dashboard.at("links").at(0).at("tags"), json{"events-handler"});
        EXPECT_FALSE(dashboard.contains("id")) << "Grafana gives ids";
    }
    EXPECT_THAT(names,
                UnorderedElementsAre("business", "collectors", "gateway", "overview", "reporter"));
    // Where a panel leads to is one of them.
    const std::regex link{R"(/d/([a-z-]+)\?\$\{__url_time_range\})"};
    for_each_panel([&](const json& panel) {
        for (const auto& to : panel.value("links", json::array())) {
            std::smatch match;
            const auto url = to.at("url").get<std::string>();
            ASSERT_TRUE(std::regex_match(url, match, link)) << url;
            EXPECT_THAT(uids, Contains(match[1].str()));
        }
    });
}

TEST(Dashboards, HaveOnlyKeysThatGrafanaKnows) {
    const Names of_panel{"id",      "type",  "title",   "description", "datasource",
                         "gridPos", "links", "targets", "fieldConfig", "options"};
    const Names of_row{"id", "type", "title", "collapsed", "gridPos", "panels"};
    const Names of_field{"unit",  "noValue",    "min",      "max",   "decimals",
                         "color", "thresholds", "mappings", "custom"};
    for (const auto& [name, dashboard] : read_dashboards()) {
        for (const auto& panel : dashboard.at("panels")) {
            SCOPED_TRACE(name + ": " + panel.value("title", panel.dump()));
            const bool row = panel.at("type") == "row";
            EXPECT_THAT(keys_of(panel), IsSubsetOf(row ? of_row : of_panel));
            EXPECT_EQ(keys_of(panel.at("gridPos")), (Names{"h", "w", "x", "y"}));
            if (row) continue;
            EXPECT_THAT(kPanelTypes, Contains(panel.at("type").get<std::string>()));
            EXPECT_EQ(keys_of(panel.at("fieldConfig")), (Names{"defaults", "overrides"}));
            EXPECT_THAT(keys_of(panel.at("fieldConfig").at("defaults")), IsSubsetOf(of_field));
            for (const auto& target : panel.at("targets")) {
                EXPECT_THAT(keys_of(target),
                            IsSubsetOf(kTargetKeys.at(panel.at("datasource").at("uid"))));
            }
        }
    }
}

TEST(Dashboards, AskSourcesThatAreProvisioned) {
    const auto sources = read_data_sources();
    EXPECT_EQ(sources,
              (std::map<std::string, std::string>{{"postgres", "grafana-postgresql-datasource"},
                                                  {"prometheus", "prometheus"}}));
    for_each_panel([&](const json& panel) {
        const auto& source = panel.at("datasource");
        EXPECT_EQ(source.at("type"), sources.at(source.at("uid")));
    });
}

TEST(Dashboards, SayWhatEveryPanelShows) {
    for_each_panel([](const json& panel) {
        EXPECT_FALSE(panel.at("title").get<std::string>().empty());
        EXPECT_THAT(panel.at("description").get<std::string>(), EndsWith("."));
        const auto& defaults = panel.at("fieldConfig").at("defaults");
        EXPECT_THAT(kUnits, Contains(defaults.at("unit").get<std::string>()));
        EXPECT_EQ(defaults.at("noValue"), "0");
        ASSERT_FALSE(panel.at("targets").empty());
        Names ids;
        for (const auto& target : panel.at("targets")) {
            EXPECT_TRUE(ids.insert(target.at("refId").get<std::string>()).second)
                << "two queries with one name";
            if (panel.at("datasource").at("uid") == "prometheus") {
                EXPECT_FALSE(target.at("expr").get<std::string>().empty());
                EXPECT_FALSE(target.at("legendFormat").get<std::string>().empty());
                EXPECT_NE(target.value("instant", false), target.value("range", false));
            } else {
                EXPECT_FALSE(target.at("rawSql").get<std::string>().empty());
                const bool series = panel.at("type") == "timeseries";
                EXPECT_EQ(target.at("format"), series ? "time_series" : "table");
            }
        }
        if (panel.at("type") == "timeseries") {
            EXPECT_EQ(panel.at("options").at("legend").at("showLegend"), true);
        }
    });
}

TEST(Dashboards, HaveThresholdsInOrder) {
    for_each_panel([](const json& panel) {
        const auto& steps = panel.at("fieldConfig").at("defaults").at("thresholds").at("steps");
        ASSERT_FALSE(steps.empty());
        EXPECT_TRUE(steps.at(0).at("value").is_null()) << "the first has no bound";
        for (std::size_t step = 0; step < steps.size(); ++step) {
            EXPECT_FALSE(steps.at(step).at("color").get<std::string>().empty());
            if (step > 1) {
                EXPECT_LT(steps.at(step - 1).at("value"), steps.at(step).at("value"));
            }
        }
    });
}

TEST(Dashboards, FillTheGridWithoutHolesOrOverlaps) {
    constexpr int kColumns = 24;
    for (const auto& [name, dashboard] : read_dashboards()) {
        std::set<int> ids;
        std::map<std::pair<int, int>, std::string> cells;
        int bottom = 0;
        for (const auto& panel : dashboard.at("panels")) {
            const auto title = panel.at("title").get<std::string>();
            SCOPED_TRACE(name + ": " + title);
            EXPECT_TRUE(ids.insert(panel.at("id").get<int>()).second) << "two panels with one id";
            const auto& place = panel.at("gridPos");
            const int left = place.at("x");
            const int top = place.at("y");
            const int right = left + place.at("w").get<int>();
            EXPECT_GE(left, 0);
            EXPECT_LE(right, kColumns);
            bottom = std::max(bottom, top + place.at("h").get<int>());
            for (int y = top; y < top + place.at("h").get<int>(); ++y) {
                for (int x = left; x < right; ++x) {
                    const auto [cell, free] = cells.emplace(std::pair{x, y}, title);
                    ASSERT_TRUE(free) << "overlaps " << cell->second;
                }
            }
        }
        EXPECT_EQ(static_cast<int>(cells.size()), bottom * kColumns) << name << " has a hole";
    }
}

TEST(Dashboards, NameOnlyJobsThatAreScraped) {
    const auto config = read_file(source_directory() / "deploy" / "prometheus" / "prometheus.yml");
    const std::regex label{R"re(job=~?"([^"]+)")re"};
    for (const auto& query : panel_queries()) {
        for (std::sregex_iterator match{query.text.begin(), query.text.end(), label}, end;
             match != end; ++match) {
            std::istringstream jobs{(*match)[1].str()};
            for (std::string job; std::getline(jobs, job, '|');) {
                EXPECT_TRUE(std::regex_search(config, std::regex{"job_name: " + job + "\n"}))
                    << query.where << ": " << job;
            }
        }
    }
}

TEST(Dashboards, OfferTheSourcesThatTheirQueriesChooseFrom) {
    for (const auto& [name, dashboard] : read_dashboards()) {
        const bool asked = dashboard.at("panels").dump().find("$source") != std::string::npos;
        const auto& variables = dashboard.at("templating").at("list");
        EXPECT_EQ(variables.size(), asked ? 1U : 0U) << name;
        for (const auto& variable : variables) {
            EXPECT_EQ(variable.at("name"), "source");
            // In PromQL "all" takes in a source that comes while the dashboard is open.
            const bool promql = variable.at("datasource").at("uid") == "prometheus";
            EXPECT_EQ(variable.value("allValue", ""), promql ? ".+" : "");
            EXPECT_EQ(variable.at("current").at("value"), json{"$__all"});
        }
    }
}

}  // namespace
}  // namespace events::test
