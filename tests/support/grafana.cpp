#include "support/grafana.hpp"

#include "support/environment.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <stdexcept>

namespace events::test {
namespace {

using nlohmann::json;

std::filesystem::path folder() {
    return source_directory() / "deploy" / "grafana";
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
        text.replace(at, what.size(), with);
        at += with.size();
    }
}

/// A variable that is left is one that nothing here knows: better an error than a query of it.
void expect_no_variable(const std::string& text) {
    if (text.find('$') != std::string::npos) {
        throw std::runtime_error{"a variable of Grafana's that the tests do not know: " + text};
    }
}

}  // namespace

std::map<std::string, json> read_dashboards() {
    std::map<std::string, json> dashboards;
    for (const auto& file : std::filesystem::directory_iterator{folder() / "dashboards"}) {
        dashboards[file.path().stem().string()] = json::parse(read_file(file.path()));
    }
    return dashboards;
}

std::map<std::string, std::string> read_data_sources() {
    std::map<std::string, std::string> types;
    for (const auto& path :
         std::filesystem::directory_iterator{folder() / "provisioning" / "datasources"}) {
        // One source a file, as they are written here; no need for all of YAML.
        std::ifstream file{path.path()};
        std::string uid;
        std::string type;
        for (std::string line; std::getline(file, line);) {
            if (line.starts_with("    uid: ")) uid = line.substr(9);
            if (line.starts_with("    type: ")) type = line.substr(10);
        }
        types[uid] = type;
    }
    return types;
}

std::vector<PanelQuery> panel_queries() {
    std::vector<PanelQuery> queries;
    for (const auto& [name, dashboard] : read_dashboards()) {
        for (const auto& panel : dashboard.at("panels")) {
            if (panel.at("type") == "row") continue;
            const auto source = panel.at("datasource").at("uid").get<std::string>();
            for (const auto& target : panel.at("targets")) {
                queries.push_back(
                    {.where = fmt::format("{}: {} {}", name, panel.at("title").get<std::string>(),
                                          target.at("refId").get<std::string>()),
                     .kind = panel.at("type"),
                     .source = source,
                     .text = target.at(source == "postgres" ? "rawSql" : "expr"),
                     .format = target.value("format", "")});
            }
        }
    }
    return queries;
}

std::string with_intervals(std::string promql, std::string_view rate_interval,
                           std::string_view range) {
    replace_all(promql, "$__rate_interval", rate_interval);
    replace_all(promql, "$__range", range);
    replace_all(promql, "$__interval", rate_interval);
    replace_all(promql, "$source", ".+");
    expect_no_variable(promql);
    return promql;
}

std::string with_last_hours(std::string sql, int hours) {
    replace_all(sql, "$__interval", "1h");
    replace_all(sql, "$source", "SELECT source FROM sources");
    const auto from = fmt::format("now() - interval '{} hours'", hours);
    replace_all(sql, "$__timeFrom()", "(" + from + ")");
    replace_all(sql, "$__timeTo()", "now()");
    sql = std::regex_replace(sql, std::regex{R"(\$__timeFilter\((\w+)\))"},
                             "$1 BETWEEN " + from + " AND now()");
    sql = std::regex_replace(sql, std::regex{R"(\$__timeGroupAlias\((\w+), '1h', 0\))"},
                             "floor(extract(epoch from $1)/3600)*3600 AS \"time\"");
    expect_no_variable(sql);
    return sql;
}

}  // namespace events::test
