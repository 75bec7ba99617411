#include "results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace events::bench {
namespace {

std::string format_cell(const Samples& samples) {
    if (samples.size() < 2) return format_number(samples.median());
    return fmt::format("{} ({}..{})", format_number(samples.median()),
                       format_number(samples.least()), format_number(samples.greatest()));
}

/// Characters, for text in UTF-8.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

using Grid = std::vector<std::vector<std::string>>;

std::string format_grid(const Grid& grid) {
    std::vector<std::size_t> widths(grid.front().size());
    for (const auto& line : grid) {
        for (std::size_t column = 0; column < line.size(); ++column) {
            widths[column] = std::max(widths[column], width(line[column]));
        }
    }
    std::string text;
    for (const auto& line : grid) {
        for (std::size_t column = 0; column < line.size(); ++column) {
            const std::string padding(widths[column] - width(line[column]), ' ');
            text += column == 0 ? "| " + line[column] + padding : padding + line[column];
            text += " | ";
        }
        text.back() = '\n';
        if (&line != &grid.front()) continue;
        for (std::size_t column = 0; column < line.size(); ++column) {
            text += '|' + std::string(widths[column] + 1, '-') + (column == 0 ? "-" : ":");
        }
        text += "|\n";
    }
    return text;
}

}  // namespace

void write_json(const std::filesystem::path& path, const nlohmann::ordered_json& json) {
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
    std::ofstream file{path};
    file << json.dump(2) << '\n';
    if (!file.flush()) throw std::runtime_error{"can't write " + path.string()};
}

std::string format_number(double value) {
    if (value == 0) return "0";
    const auto magnitude = static_cast<int>(std::floor(std::log10(std::abs(value))));
    return fmt::format("{:.{}f}", value, std::clamp(2 - magnitude, 0, 6));
}

void Case::add(std::string_view figure, double value) {
    auto found = std::ranges::find(figures_, figure, [](const auto& f) { return f.first; });
    if (found == figures_.end()) found = figures_.insert(found, {std::string{figure}, {}});
    found->second.add(value);
}

void Case::add_cpu(const CpuTimes& spent, std::uint64_t events) {
    if (events == 0) return;
    for (const auto& [process, time] : spent) {
        const std::chrono::duration<double, std::micro> microseconds = time;
        add(process + " us/event", microseconds.count() / static_cast<double>(events));
    }
}

void Case::compare(std::string_view figure, double ceiling, std::string_view ceiling_name) {
    if (ceiling <= 0) throw std::invalid_argument{"no ceiling for " + name_};
    ceiling_ = {std::string{ceiling_name}, ceiling, median(figure) / ceiling};
}

void Case::note(std::string_view text) {
    if (!notes_.empty()) notes_ += "; ";
    notes_ += text;
}

const Samples* Case::find(std::string_view figure) const {
    const auto found = std::ranges::find(figures_, figure, [](const auto& f) { return f.first; });
    return found == figures_.end() ? nullptr : &found->second;
}

double Case::median(std::string_view figure) const {
    const auto* samples = find(figure);
    if (samples == nullptr) throw std::out_of_range{name_ + " has no " + std::string{figure}};
    return samples->median();
}

void Results::add(Case measured) {
    fmt::print("{}: {}", measured.section(), measured.name());
    if (!measured.figures().empty()) {
        const auto& [figure, samples] = measured.figures().front();
        fmt::print(": {} {}", format_cell(samples), figure);
    }
    fmt::print("\n");
    std::fflush(stdout);
    cases_.push_back(std::move(measured));
}

std::string Results::table() const {
    std::vector<std::string> sections;
    for (const auto& measured : cases_) {
        if (std::ranges::count(sections, measured.section()) == 0) {
            sections.push_back(measured.section());
        }
    }
    std::string text;
    for (const auto& section : sections) text += '\n' + format_grid(grid_of(section));
    return text;
}

std::vector<std::vector<std::string>> Results::grid_of(const std::string& section) const {
    std::vector<const Case*> cases;
    std::vector<std::string> head{section};
    bool compared = false;
    bool noted = false;
    for (const auto& measured : cases_) {
        if (measured.section() != section) continue;
        cases.push_back(&measured);
        compared |= measured.ceiling().has_value();
        noted |= !measured.notes().empty();
        for (const auto& [figure, samples] : measured.figures()) {
            if (std::ranges::count(head, figure) == 0) head.push_back(figure);
        }
    }
    std::vector<std::vector<std::string>> grid{head};
    for (const auto* measured : cases) {
        std::vector<std::string> line{measured->name()};
        for (std::size_t column = 1; column < head.size(); ++column) {
            const auto* samples = measured->find(head[column]);
            line.push_back(samples == nullptr ? "" : format_cell(*samples));
        }
        if (compared) {
            const auto& ceiling = measured->ceiling();
            line.push_back(ceiling ? fmt::format("{:.0f} % of {} {}", 100 * ceiling->share,
                                                 ceiling->name, format_number(ceiling->value))
                                   : "");
        }
        if (noted) line.push_back(measured->notes());
        grid.push_back(std::move(line));
    }
    if (compared) grid.front().emplace_back("of its ceiling");
    if (noted) grid.front().emplace_back("notes");
    return grid;
}

nlohmann::ordered_json Results::json() const {
    auto rows = nlohmann::ordered_json::array();
    for (const auto& measured : cases_) {
        nlohmann::ordered_json figures;
        for (const auto& [name, samples] : measured.figures()) {
            figures[name] = {{"median", samples.median()},
                             {"min", samples.least()},
                             {"max", samples.greatest()},
                             {"runs", samples.size()}};
        }
        nlohmann::ordered_json row{{"section", measured.section()},
                                   {"case", measured.name()},
                                   {"figures", std::move(figures)}};
        if (const auto& ceiling = measured.ceiling()) {
            row["ceiling"] = {
                {"name", ceiling->name}, {"value", ceiling->value}, {"share", ceiling->share}};
        }
        if (!measured.notes().empty()) row["notes"] = measured.notes();
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace events::bench
