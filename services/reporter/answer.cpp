#include "reporter/answer.hpp"

#include "reporter/money.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace events::reporter {
namespace {

using segments::Figures;
using segments::Group;
using Field = std::pair<std::string_view, std::string>;

/// The figures' names and JSON texts, in the answers' order.
std::vector<Field> fields_of(Category category, const Figures& figures) {
    const auto count = std::to_string(figures.count);
    switch (category) {
        case Category::events:
            break;
        case Category::revenue:
            return {{"revenue", to_json_amount(figures.cents)},
                    {"transactions", count},
                    {"averageOrderValue",
                     figures.count == 0 ? "null" : average_amount(figures.cents, figures.count)}};
        case Category::demographics:
            return {{"userCount", count}};
    }
    return {{"count", count}};
}

std::string json_text(const nlohmann::ordered_json& json) {
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void append_figures(std::string& out, Category category, const Figures& figures) {
    for (const auto& [name, value] : fields_of(category, figures)) {
        if (out.back() != '{') out += ',';
        out += fmt::format("\"{}\":{}", name, value);
    }
}

void append_series(std::string& out, Category category, const std::vector<std::string>& times,
                   const std::vector<Figures>& figures) {
    out += ",\"series\":[";
    for (std::size_t index = 0; index < times.size(); ++index) {
        if (index > 0) out += ',';
        out += fmt::format("{{\"time\":\"{}\"", times[index]);
        append_figures(out, category, figures[index]);
        out += '}';
    }
    out += ']';
}

void append_groups(std::string& out, const Report& report) {
    out += ",\"groups\":[";
    for (const auto& group : report.answer.groups) {
        if (out.back() != '[') out += ',';
        out += '{';
        for (std::size_t key = 0; key < report.keys.size(); ++key) {
            const auto& value = group.keys[key];
            out += fmt::format("{}\"{}\":{}", key == 0 ? "" : ",", name_in(kKeys, report.keys[key]),
                               value ? json_text(*value) : "null");
        }
        append_figures(out, report.category, group.figures);
        if (report.times) append_series(out, report.category, *report.times, group.series);
        out += '}';
    }
    out += fmt::format("],\"truncated\":{}", report.answer.truncated);
}

/// Nothing (a null) is an empty field, and an empty text is two quotes.
std::string csv_field(const std::optional<std::string>& value) {
    if (!value) return "";
    const auto& text = *value;
    if (text.empty()) return "\"\"";
    constexpr std::string_view kFormulaStarts = "=+-@\t\r";
    const bool formula = !text.empty() && kFormulaStarts.find(text.front()) != std::string::npos;
    auto plain = formula ? "'" + text : text;
    if (plain.find_first_of("\",\r\n") == std::string::npos) return plain;
    std::string quoted = "\"";
    for (const char c : plain) quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + '"';
}

/// One line of the table: a time, the keys' values and the figures, as far as there are any.
void append_line(std::string& out, const Report& report, const std::string* time,
                 const Group* group, const Figures& figures) {
    std::vector<std::string> fields;
    if (time != nullptr) fields.push_back(*time);
    if (group != nullptr) {
        for (const auto& key : group->keys) fields.push_back(csv_field(key));
    }
    for (auto& [name, value] : fields_of(report.category, figures)) {
        fields.push_back(value == "null" ? "" : std::move(value));
    }
    for (std::size_t index = 0; index < fields.size(); ++index) {
        if (index > 0) out += ',';
        out += fields[index];
    }
    out += "\r\n";
}

void append_header(std::string& out, const Report& report) {
    if (report.times) out += "time,";
    for (const auto key : report.keys) out += fmt::format("{},", name_in(kKeys, key));
    for (const auto& [name, value] : fields_of(report.category, {})) {
        out += fmt::format("{},", name);
    }
    out.back() = '\r';
    out += '\n';
}

}  // namespace

std::string to_json(const Report& report) {
    std::string out = "{";
    append_figures(out, report.category, report.answer.total);
    if (!report.kept_from.empty()) out += fmt::format(",\"from\":\"{}\"", report.kept_from);
    if (!report.keys.empty()) append_groups(out, report);
    if (report.times) append_series(out, report.category, *report.times, report.answer.series);
    if (!report.series_from.empty()) {
        out += fmt::format(",\"seriesFrom\":\"{}\"", report.series_from);
    }
    return out + '}';
}

std::string to_csv(const Report& report) {
    std::string out;
    append_header(out, report);
    const auto add_series = [&](const Group* group, const std::vector<Figures>& figures) {
        for (std::size_t index = 0; index < figures.size(); ++index) {
            append_line(out, report, &(*report.times)[index], group, figures[index]);
        }
    };
    if (report.keys.empty() && !report.times) {
        append_line(out, report, nullptr, nullptr, report.answer.total);
    } else if (report.keys.empty()) {
        add_series(nullptr, report.answer.series);
    }
    for (const auto& group : report.answer.groups) {
        if (report.times) {
            add_series(&group, group.series);
        } else {
            append_line(out, report, nullptr, &group, group.figures);
        }
    }
    return out;
}

std::string describe(std::span<const BadParameter> bad) {
    std::string names;
    for (const auto& [name, message] : bad) {
        if (!names.empty()) names += ", ";
        names += name;
    }
    return fmt::format("{} can not be used: {}.",
                       bad.size() == 1 ? "This parameter" : "These parameters", names);
}

std::string errors_member(std::span<const BadParameter> bad) {
    auto errors = nlohmann::ordered_json::array();
    for (const auto& [name, message] : bad) {
        errors.push_back({{"parameter", name}, {"message", message}});
    }
    return "\"errors\":" + json_text(errors);
}

}  // namespace events::reporter
