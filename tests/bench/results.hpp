#pragma once

#include "processes.hpp"
#include "samples.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace events::bench {

/// What was measured of one case: figures of repeated runs, in the order in which they were added
/// first. A figure's name has its unit: "events/s", "p50 ms", "gateway us/event".
class Case {
  public:
    /// What the bare thing reached, and the case's share of it.
    struct Ceiling {
        std::string name;
        double value;
        double share;
    };

    Case(std::string section, std::string name)
        : section_{std::move(section)}, name_{std::move(name)} {}

    /// One run's value of a figure.
    void add(std::string_view figure, double value);
    /// One run's CPU time of each process, divided by its events: "<process> us/event".
    void add_cpu(const CpuTimes& spent, std::uint64_t events);
    /// Says what share of a ceiling the figure's median is.
    void compare(std::string_view figure, double ceiling, std::string_view ceiling_name);
    /// Said once beside the figures: what was limited, what went wrong.
    void note(std::string_view text);

    [[nodiscard]] const Samples* find(std::string_view figure) const;
    /// The median of a figure; throws std::out_of_range where there is none.
    [[nodiscard]] double median(std::string_view figure) const;
    [[nodiscard]] const std::string& section() const noexcept { return section_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& notes() const noexcept { return notes_; }
    [[nodiscard]] const auto& figures() const noexcept { return figures_; }
    [[nodiscard]] const auto& ceiling() const noexcept { return ceiling_; }

  private:
    std::string section_;
    std::string name_;
    std::string notes_;
    std::vector<std::pair<std::string, Samples>> figures_;
    std::optional<Ceiling> ceiling_;
};

/// All cases of a run of the benchmark.
class Results {
  public:
    /// Keeps the case and says on standard output that it is done.
    void add(Case measured);

    /// One table a section: a line a case, a column a figure, "median (least..greatest)".
    [[nodiscard]] std::string table() const;
    [[nodiscard]] nlohmann::ordered_json json() const;

  private:
    [[nodiscard]] std::vector<std::vector<std::string>> grid_of(const std::string& section) const;

    std::vector<Case> cases_;
};

/// Writes it as a file of lines, with its folders. Throws std::runtime_error where it can't.
void write_json(const std::filesystem::path& path, const nlohmann::ordered_json& json);

/// A number with three digits that count, or all of those before the point. Pure.
[[nodiscard]] std::string format_number(double value);

}  // namespace events::bench
