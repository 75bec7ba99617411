#include "common/segments/scan.hpp"

#include "common/segments/answer.hpp"
#include "common/segments/slices.hpp"
#include "common/segments/users.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <numeric>

namespace events::segments {
namespace {

/// What workers count apart. Events and amounts of cells add up to those of groups and buckets;
/// distinct users do not.
std::vector<Facet> facets_of(const Question& question) {
    if (question.figure != Figure::users) return {Facet::cells};
    std::vector<Facet> facets;
    if (!question.keys.empty()) facets.push_back(Facet::groups);
    if (!question.buckets.empty()) facets.push_back(Facet::buckets);
    if (facets.size() == 2) facets.push_back(Facet::cells);
    return facets;
}

/// One thread's part of the work.
class Worker {
  public:
    Worker(const Question& question, const Planner& planner, const ScanOptions& options)
        : figure_{question.figure},
          facets_{facets_of(question)},
          reader_{planner, question, facets_, options},
          users_{facets_.size(), has_signs(planner), options.seed},
          counters_(facets_.size(), Counters{question.figure == Figure::revenue}) {}

    void count_events(const Plan& plan, std::size_t begin, std::size_t end) {
        for (; begin < end; begin += Selection::kRows) {
            add(read(plan, begin, std::min(begin + Selection::kRows, end)));
        }
    }

    void count_users(const Population& population, std::size_t first, std::size_t last) {
        auto rows = population.rows_of(first);
        for (auto slice = first; slice < last; ++slice) {
            for (std::size_t i = 0; i < rows.size(); ++i) {
                const auto& section = population.sections[i];
                auto begin = rows[i];
                rows[i] = population.end_of(slice, section, begin);
                for (; begin < rows[i]; begin += Selection::kRows) {
                    const auto end = std::min(begin + Selection::kRows, rows[i]);
                    users_.add(read(*section.plan, begin, end), counters_);
                }
            }
            found_users_ += users_.end_slice(counters_);
        }
    }

    void give(Assembly& assembly) const {
        assembly.add_users(found_users_);
        for (std::size_t i = 0; i < facets_.size(); ++i) {
            const auto& places = reader_.places()[i];
            if (figure_ == Figure::users) {
                assembly.add(facets_[i], places, counters_[i]);
            } else {
                assembly.add_cells(places, counters_[i]);
            }
        }
    }

  private:
    static bool has_signs(const Planner& planner) {
        return std::ranges::any_of(planner.plans(),
                                   [](const Plan& plan) { return plan.sign != nullptr; });
    }

    const Block& read(const Plan& plan, std::size_t begin, std::size_t end) {
        const auto& block = reader_.read(plan, begin, end);
        for (std::size_t i = 0; i < facets_.size(); ++i) {
            counters_[i].resize(reader_.places()[i].size());
        }
        return block;
    }

    void add(const Block& block) {
        const auto* places = block.places[0].data();
        auto& counters = counters_[0];
        const auto size = block.rows.size;
        if (figure_ == Figure::events) {
            // Adding to one place again and again would wait for itself.
            if (counters.size() == 1) {
                return counters.add(0, std::accumulate(block.signs, block.signs + size, 0));
            }
            for (std::size_t i = 0; i < size; ++i) counters.add(places[i], block.signs[i]);
            return;
        }
        for (std::size_t i = 0; i < size; ++i) {
            counters.add(places[i], block.signs[i], block.cents[i] * block.signs[i]);
        }
    }

    Figure figure_;
    std::vector<Facet> facets_;
    BlockReader reader_;
    UserCounter users_;
    std::vector<Counters> counters_;
    std::int64_t found_users_ = 0;
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
        try {
            for (auto at = next++; at < tasks.size(); at = next++) {
                if (stop.stop_requested()) throw Stopped{};
                tasks[at](worker);
            }
        } catch (...) {
            next = tasks.size();  // the others end as well
            throw;
        }
    };
    std::vector<std::future<void>> others;
    for (std::size_t i = 1; i < workers.size(); ++i) {
        others.push_back(std::async(std::launch::async, work, std::ref(workers[i])));
    }
    work(workers.front());
    for (auto& other : others) other.get();
}

}  // namespace

ScanInput scan_input(Segment segment) {
    const RunInfo info{
        .source = segment.source(), .times = segment.times(), .rows = segment.rows()};
    return {.info = info, .parts = {std::move(segment)}};
}

Answer scan(const Question& question, std::span<const ScanInput> runs, const ScanOptions& options) {
    const Planner planner{question, runs, options};
    std::vector<Population> populations;
    if (question.figure == Figure::users) populations = populations_of(planner.plans());
    const auto tasks =
        question.figure == Figure::users ? tasks_of(populations) : tasks_of(planner.plans());
    std::vector<Worker> workers;
    const auto threads = std::clamp<std::size_t>(options.threads, 1, tasks.size() + 1);
    for (std::size_t i = 0; i < threads; ++i) workers.emplace_back(question, planner, options);
    run(tasks, workers, options.stop);
    Assembly assembly{question, planner, options};
    for (const auto& worker : workers) worker.give(assembly);
    const auto buckets = std::max<std::uint64_t>(question.buckets.size(), 1);
    planner.for_each_sum([&](auto group, auto bucket, const Figures& figures) {
        assembly.add_cell(group * buckets + bucket, figures);
    });
    return assembly.answer();
}

}  // namespace events::segments
