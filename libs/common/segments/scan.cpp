#include "common/segments/scan.hpp"

#include "common/segments/slices.hpp"
#include "common/segments/tally.hpp"

#include <algorithm>
#include <atomic>
#include <future>

namespace events::segments {
namespace {

constexpr auto kNone = ~std::uint32_t{0};

class Worker {
  public:
    Worker(const Question& question, const Planner& planner, const Seed& seed)
        : with_cents_{question.figure == Figure::revenue},
          facets_{facets_of(question)},
          reader_{planner, question, seed},
          users_{facets_, seed} {}

    void count_events(const Plan& plan, std::size_t begin, std::size_t end) {
        for (; begin < end; begin += Block::kRows) {
            const auto& block = reader_.read(plan, begin, std::min(begin + Block::kRows, end));
            add_events(block, facets_, with_cents_, tally_);
        }
    }

    void count_users(const Population& population, std::size_t first, std::size_t last) {
        auto rows = population.rows_of(first);
        for (auto slice = first; slice < last; ++slice) {
            for (std::size_t i = 0; i < rows.size(); ++i) {
                const auto& section = population.sections[i];
                auto begin = rows[i];
                rows[i] = population.end_of(slice, section, begin);
                for (; begin < rows[i]; begin += Block::kRows) {
                    const auto end = std::min(begin + Block::kRows, rows[i]);
                    users_.add(reader_.read(*section.plan, begin, end));
                }
            }
            users_.end_slice(tally_);
        }
    }

    [[nodiscard]] const Tally& tally() const noexcept { return tally_; }
    [[nodiscard]] const Places& places() const noexcept { return reader_.places(); }

  private:
    bool with_cents_;
    std::vector<Facet> facets_;
    BlockReader reader_;
    UserCounter users_;
    Tally tally_;
};

/// A piece of work that a thread takes.
using Task = std::function<void(Worker&)>;

std::vector<Task> tasks_of(const std::vector<Plan>& plans) {
    constexpr std::size_t kRows = 1 << 17;
    std::vector<Task> tasks;
    for (const auto& plan : plans) {
        const auto rows = plan.segment->rows();
        for (std::size_t row = 0; row < rows; row += kRows) {
            tasks.emplace_back([&plan, row, end = std::min(row + kRows, rows)](Worker& worker) {
                worker.count_events(plan, row, end);
            });
        }
    }
    return tasks;
}

std::vector<Task> tasks_of(const std::vector<Population>& populations) {
    constexpr std::size_t kSlices = 32;
    std::vector<Task> tasks;
    for (const auto& population : populations) {
        const auto slices = population.slices();
        for (std::size_t slice = 0; slice < slices; slice += kSlices) {
            const auto end = std::min(slice + kSlices, slices);
            tasks.emplace_back([&population, slice, end](Worker& worker) {
                worker.count_users(population, slice, end);
            });
        }
    }
    return tasks;
}

void run(const std::vector<Task>& tasks, std::vector<Worker>& workers,
         const std::stop_token& stop) {
    std::atomic<std::size_t> next{0};
    const auto work = [&](Worker& worker) {
        for (auto at = next++; at < tasks.size(); at = next++) {
            if (stop.stop_requested()) throw Stopped{};
            tasks[at](worker);
        }
    };
    std::vector<std::future<void>> others;
    for (std::size_t i = 1; i < workers.size(); ++i) {
        others.push_back(std::async(std::launch::async, work, std::ref(workers[i])));
    }
    work(workers.front());
    for (auto& other : others) other.get();
}

/// Puts the workers' tallies and the sums together, and the answer out of them.
class Assembly {
  public:
    Assembly(const Question& question, const Planner& planner, const Seed& seed)
        : question_{question}, planner_{planner}, places_{question.keys.size(), seed} {}

    void add(const Worker& worker) {
        const auto& [total, figures] = worker.tally();
        add(figures_.total, total);
        for (std::uint32_t i = 0; i < figures[kBuckets].size(); ++i) {
            add(kBuckets, i, figures[kBuckets][i]);
        }
        const auto group_of = [&](std::uint32_t group) {
            return places_.group_of(worker.places().values_of(group));
        };
        for (std::uint32_t i = 0; i < figures[kGroups].size(); ++i) {
            if (figures[kGroups][i] != Figures{}) add(kGroups, group_of(i), figures[kGroups][i]);
        }
        for (std::uint32_t i = 0; i < figures[kCells].size(); ++i) {
            if (figures[kCells][i] == Figures{}) continue;
            const auto [group, bucket] = worker.places().cell(i);
            add(kCells, places_.cell_of(group_of(group), bucket), figures[kCells][i]);
        }
    }

    void add(const PlannedSum& sum) {
        add(figures_.total, sum.figures);
        add(kBuckets, sum.bucket, sum.figures);
        if (sum.values.empty()) return;
        const auto group = places_.group_of(sum.values);
        add(kGroups, group, sum.figures);
        add(kCells, places_.cell_of(group, sum.bucket), sum.figures);
    }

    Answer answer() {
        Answer answer{.total = figures_.total, .groups = {}, .series = {}};
        answer.series = std::move(figures_.figures[kBuckets]);
        answer.series.resize(question_.buckets.size());
        if (question_.keys.empty()) return answer;
        auto first = first_groups();
        answer.truncated = first.size() > question_.limit;
        if (answer.truncated) first.pop_back();
        std::vector<std::uint32_t> places(figures_.figures[kGroups].size(), kNone);
        for (const auto group : first) {
            places[group] = static_cast<std::uint32_t>(answer.groups.size());
            answer.groups.push_back({keys_of(group), figures_.at(kGroups, group),
                                     std::vector<Figures>(question_.buckets.size())});
        }
        const auto& cells = figures_.figures[kCells];
        for (std::uint32_t i = 0; i < cells.size() && !question_.buckets.empty(); ++i) {
            if (cells[i] == Figures{}) continue;
            const auto [group, bucket] = places_.cell(i);
            // A group whose cells are not 0 can be 0 itself, where events are taken back.
            if (group >= places.size() || places[group] == kNone) continue;
            answer.groups[places[group]].series[bucket] = cells[i];
        }
        return answer;
    }

  private:
    static void add(Figures& to, const Figures& figures) {
        to.count += figures.count;
        to.cents += figures.cents;
    }
    void add(Facet facet, std::uint32_t place, const Figures& figures) {
        add(figures_.at(facet, place), figures);
    }

    /// In the answer's order: one more than its limit, if there are as many.
    [[nodiscard]] std::vector<std::uint32_t> first_groups() const {
        const auto& figures = figures_.figures[kGroups];
        std::vector<std::uint32_t> groups;
        for (std::uint32_t i = 0; i < figures.size(); ++i) {
            if (figures[i].count != 0) groups.push_back(i);
        }
        const auto figure = [&](std::uint32_t i) {
            return question_.figure == Figure::revenue ? figures[i].cents : figures[i].count;
        };
        const auto is_before = [&](std::uint32_t left, std::uint32_t right) {
            if (figure(left) != figure(right)) return figure(left) > figure(right);
            return is_before_by_keys(left, right);
        };
        const auto count = std::min(groups.size(), question_.limit + 1);
        std::ranges::partial_sort(groups, groups.begin() + static_cast<std::ptrdiff_t>(count),
                                  is_before);
        groups.resize(count);
        return groups;
    }

    [[nodiscard]] bool is_before_by_keys(std::uint32_t left, std::uint32_t right) const {
        const auto lefts = places_.values_of(left);
        const auto rights = places_.values_of(right);
        const auto [mine, other] = std::ranges::mismatch(lefts, rights);
        if (mine == lefts.end() || *mine == 0 || *other == 0)
            return mine != lefts.end() && *other == 0;
        return *planner_.text(*mine) < *planner_.text(*other);
    }

    [[nodiscard]] std::vector<std::optional<std::string>> keys_of(std::uint32_t group) const {
        std::vector<std::optional<std::string>> keys;
        for (const auto value : places_.values_of(group)) keys.emplace_back(planner_.text(value));
        return keys;
    }

    const Question& question_;
    const Planner& planner_;
    Places places_;
    Tally figures_;
};

}  // namespace

Answer scan(const Question& question, std::span<const ScanInput> inputs,
            const ScanOptions& options) {
    Planner planner{question, options.seed};
    for (const auto& input : inputs) planner.add(input);
    std::vector<Population> populations;
    if (question.figure == Figure::users) populations = populations_of(planner.plans());
    const auto tasks =
        question.figure == Figure::users ? tasks_of(populations) : tasks_of(planner.plans());
    std::vector<Worker> workers;
    const auto threads = std::clamp<std::size_t>(options.threads, 1, tasks.size() + 1);
    for (std::size_t i = 0; i < threads; ++i) workers.emplace_back(question, planner, options.seed);
    run(tasks, workers, options.stop);
    Assembly assembly{question, planner, options.seed};
    for (const auto& worker : workers) assembly.add(worker);
    for (const auto& sum : planner.sums()) assembly.add(sum);
    return assembly.answer();
}

}  // namespace events::segments
