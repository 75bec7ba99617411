// What the column segments cost: CPU nanoseconds an event to encode and to merge, and milliseconds
// for the main questions. One thread, in memory, no database.
//
//     segments_bench [events, default 1000000] [threads for the questions, default 1]
//                    [a part of the names of the questions, default all]

#include "common/segments/encode.hpp"
#include "common/segments/merge.hpp"
#include "common/segments/scan.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"

#include <fmt/format.h>

#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace events;
using namespace events::segments;

constexpr std::int64_t kDay = 86'400'000'000;
constexpr std::int64_t kStart = 20'513 * kDay;
constexpr std::size_t kDays = 30;
constexpr std::size_t kBatch = 1'000;
constexpr std::size_t kFanIn = 64;
constexpr std::size_t kRuns = 9;

double cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Runs it and returns the CPU seconds that it took.
template <typename Run>
double cost_of(Run run) {
    const auto begin = cpu_seconds();
    run();
    return cpu_seconds() - begin;
}

/// Events as the reference load has them: every user is new, nine of ten campaigns are.
class Load {
  public:
    Load() {
        for (int i = 0; i < 250; ++i) countries_.push_back(fmt::format("Country number {}", i));
        for (int i = 0; i < 10'000; ++i) cities_.push_back(fmt::format("City of {}", i));
        for (int i = 0; i < 1'000; ++i) campaigns_.push_back(fmt::format("campaign-{}", i));
    }

    /// A batch within a minute of that day; its texts hold until the next one.
    const std::vector<Record>& batch(Source source, std::size_t day, std::size_t second) {
        texts_.clear();
        texts_.reserve(2 * kBatch);
        records_.clear();
        for (std::size_t i = 0; i < kBatch; ++i) records_.push_back(record(source));
        for (auto& record : records_) {
            const auto time = kStart + static_cast<std::int64_t>(day) * kDay +
                              static_cast<std::int64_t>(second % 86'400) * 1'000'000 +
                              static_cast<std::int64_t>(below(1'000'000));
            record.occurred_at = Timestamp{std::chrono::microseconds{time}};
        }
        return records_;
    }

  private:
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

    Record record(Source source) {
        const auto a = random_();
        const auto b = random_();
        Record record;
        record.user_id =
            keep(fmt::format("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", a >> 32, a >> 16 & 0xffff,
                             a & 0xfff, b >> 52, b & 0xffff'ffff'ffff));
        const auto first = source == kFacebook ? 0U : 7U;
        const auto& type = event_types()[first + below(7)];
        const bool bottom = type.stage == FunnelStage::bottom;
        record.funnel_stage = to_string(type.stage);
        record.event_type = type.name;
        if (type.has_revenue && below(2) == 0) {
            record.revenue = static_cast<std::int64_t>(below(100'000));
        }
        if (source == kTikTok) {
            record.followers = static_cast<std::int64_t>(below(2'000'000));
            if (bottom) return record;
            record.country = countries_[below(countries_.size())];
            record.device = tiktok::kDevices[below(3)];
            return record;
        }
        record.age = static_cast<std::int64_t>(13 + below(78));
        record.gender = facebook::kGenders[below(3)];
        record.country = countries_[below(countries_.size())];
        record.city = cities_[below(cities_.size())];
        if (!bottom) return record;
        record.device = facebook::kDevices[below(2)];
        record.campaign_id = below(10) == 0 ? std::string_view{campaigns_[below(campaigns_.size())]}
                                            : keep(fmt::format("campaign-{}", random_() >> 32));
        return record;
    }

    std::mt19937_64 random_{7};
    std::vector<std::string> countries_;
    std::vector<std::string> cities_;
    std::vector<std::string> campaigns_;
    std::vector<std::string> texts_;
    std::vector<Record> records_;
};

struct Stored {
    Source source;
    Share share;
    std::vector<Segment> parts;
};

Stored stored(Source source, NewSegment segment) {
    return {source,
            std::move(segment.shares.front()),
            {Segment::decode(blob_of(std::move(segment.bytes))).value()}};
}

Stored merged(Source source, std::vector<Stored> runs) {
    std::vector<MergeInput> inputs;
    for (auto& run : runs) {
        inputs.push_back({[parts = std::move(run.parts), at = std::size_t{0}]() mutable {
            return at < parts.size() ? std::optional{parts[at++]} : std::nullopt;
        }});
    }
    Merge merge{source, std::move(inputs), {}};
    Stored run{.source = source, .share = {}, .parts = {}};
    while (auto part = merge.next()) {
        run.parts.push_back(
            Segment::decode(blob_of(std::move(part->bytes)), Check::directory).value());
    }
    run.share = merge.share();
    return run;
}

struct Costs {
    double encode = 0;
    double decode = 0;
    double fold = 0;   // 64 batches
    double merge = 0;  // what a day's folds make, all at once
    std::size_t events = 0;
    std::size_t bytes = 0;
    std::size_t final_bytes = 0;
};

std::vector<Stored> build(std::size_t events, Costs& costs) {
    Load load;
    std::vector<Stored> all;
    const auto batches = std::max<std::size_t>(events / kDays / 2 / kBatch, 1);
    for (std::size_t day = 0; day < kDays; ++day) {
        for (const auto source : sources()) {
            std::vector<Stored> folds;
            std::vector<Stored> level0;
            const auto fold = [&] {
                costs.fold += cost_of([&] { folds.push_back(merged(source, std::move(level0))); });
                level0.clear();
            };
            for (std::size_t batch = 0; batch < batches; ++batch) {
                const auto& records = load.batch(source, day, batch * 86'400 / batches);
                std::optional<NewSegment> segment;
                // The least of some, since other programs use the caches as well.
                auto least = std::numeric_limits<double>::max();
                for (int i = 0; i < 5; ++i) {
                    least =
                        std::min(least, cost_of([&] { segment = encode(source, records, {}); }));
                }
                costs.encode += least;
                costs.events += records.size();
                costs.bytes += segment->bytes.size();
                costs.decode +=
                    cost_of([&] { level0.push_back(stored(source, *std::move(segment))); });
                if (level0.size() == kFanIn) fold();
            }
            if (!level0.empty()) fold();
            costs.merge += cost_of([&] { all.push_back(merged(source, std::move(folds))); });
            for (const auto& part : all.back().parts) costs.final_bytes += part.size();
        }
    }
    return all;
}

struct Named {
    std::string_view name;
    Question question;
    bool by_sums = false;
};

std::vector<std::int64_t> buckets(std::int64_t from, std::int64_t step, std::size_t count) {
    std::vector<std::int64_t> starts;
    for (std::size_t i = 0; i < count; ++i) {
        starts.push_back(from + static_cast<std::int64_t>(i) * step);
    }
    return starts;
}

std::vector<Named> questions() {
    constexpr auto kHour = kDay / 24;
    constexpr auto kFrom = kStart + 10 * kDay + 12'345'678'901;
    const auto is = [](Column column, std::string_view text) {
        return Condition{column, std::string{text}};
    };
    const auto events = Figure::events;
    const auto revenue = Figure::revenue;
    const auto users = Figure::users;
    std::vector<Named> all;
    const auto add = [&](std::string_view name, Question question, bool by_sums = false) {
        all.push_back({name, std::move(question), by_sums});
    };
    const std::vector<Condition> three{is(Column::country, "Country number 7"),
                                       is(Column::gender, "female"), is(Column::device, "mobile")};
    const std::vector<Condition> age{{Column::age, NumberRange{25, 34}},
                                     is(Column::country, "Country number 7")};
    add("events, from sums", {.figure = events}, true);
    add("events by type, from sums", {.figure = events, .keys = {{Column::event_type}}}, true);
    add("events by hour, from sums", {.figure = events, .buckets = buckets(kStart, kHour, 720)},
        true);
    add("events, ragged week, sums", {.figure = events, .from = kFrom, .to = kFrom + 7 * kDay},
        true);
    add("events by type, rows", {.figure = events, .keys = {{Column::event_type}}});
    add("events by hour, rows", {.figure = events, .buckets = buckets(kStart, kHour, 720)});
    add("events, ragged hour", {.figure = events, .from = kFrom, .to = kFrom + kHour});
    add("events, country+gender+device", {.figure = events, .conditions = three});
    add("events by country, gender, age",
        {.figure = events,
         .keys = {{Column::country}, {Column::gender}, {Column::age, kAgeGroups}}});
    add("events by country, city", {.figure = events, .keys = {{Column::country}, {Column::city}}});
    add("events by campaign", {.figure = events, .keys = {{Column::campaign_id}}});
    add("events of a campaign",
        {.figure = events, .conditions = {is(Column::campaign_id, "campaign-77")}});
    add("revenue, rows", {.figure = revenue});
    add("revenue by campaign", {.figure = revenue, .keys = {{Column::campaign_id}}});
    add("revenue by country", {.figure = revenue, .keys = {{Column::country}}});
    add("revenue, three filters", {.figure = revenue, .conditions = three});
    add("users", {.figure = users});
    add("users by gender", {.figure = users, .keys = {{Column::gender}}});
    add("users by country", {.figure = users, .keys = {{Column::country}}});
    add("users by city", {.figure = users, .keys = {{Column::city}}});
    add("users, age and country", {.figure = users, .conditions = age});
    add("users, city", {.figure = users, .conditions = {is(Column::city, "City of 77")}});
    add("users, ragged week", {.figure = users, .from = kFrom, .to = kFrom + 7 * kDay});
    add("users, ragged hour", {.figure = users, .from = kFrom, .to = kFrom + kHour});
    add("users by day", {.figure = users, .buckets = buckets(kStart, kDay, 30)});
    add("users by type by day",
        {.figure = users, .keys = {{Column::event_type}}, .buckets = buckets(kStart, kDay, 30)});
    return all;
}

void report(const Named& named, const std::vector<Stored>& all, std::size_t threads) {
    std::vector<ScanInput> runs;
    for (const auto& [source, share, parts] : all) {
        const RunInfo info{source, share.times, share.rows, named.by_sums};
        runs.push_back({info, &share.sums, parts});
    }
    std::array<double, kRuns> costs{};
    std::array<double, kRuns> walls{};
    Answer answer;
    for (std::size_t i = 0; i < costs.size(); ++i) {
        const auto begin = std::chrono::steady_clock::now();
        costs[i] = cost_of([&] { answer = scan(named.question, runs, {.threads = threads}); });
        walls[i] = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }
    std::ranges::sort(costs);
    std::ranges::sort(walls);
    fmt::print("{:<34}{:>10.2f}{:>10.2f}{:>14}\n", named.name, costs[0] * 1e3, walls[0] * 1e3,
               answer.total.count);
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t events = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
    const std::size_t threads = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
    Costs costs;
    const auto all = build(events, costs);
    const auto each = [&](double cost) { return cost * 1e9 / static_cast<double>(costs.events); };
    const auto bytes = [&](std::size_t size) {
        return static_cast<double>(size) / static_cast<double>(costs.events);
    };
    fmt::print("{} events, batches of {}, {} runs\n", costs.events, kBatch, all.size());
    fmt::print(
        "ns an event: encode {:.0f}, decode {:.0f}, fold of {} {:.0f}, merge of a day {:.0f}\n",
        each(costs.encode), each(costs.decode), kFanIn, each(costs.fold), each(costs.merge));
    fmt::print("bytes an event: batches {:.1f}, merged {:.1f}\n\n", bytes(costs.bytes),
               bytes(costs.final_bytes));
    fmt::print("{:<34}{:>10}{:>10}{:>14}\n", "question, best of 9", "ms CPU", "ms wall", "total");
    const std::string_view part = argc > 3 ? argv[3] : "";
    for (const auto& named : questions()) {
        if (named.name.find(part) != std::string_view::npos) report(named, all, threads);
    }
}
