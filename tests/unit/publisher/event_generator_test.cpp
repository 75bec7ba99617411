#include "publisher/event_generator.hpp"

#include "common/events/parser.hpp"
#include "common/events/time.hpp"
#include "common/sources/facebook.hpp"
#include "parsed.hpp"
#include "support/made_events.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace events::publisher {
namespace {

using namespace std::chrono_literals;

const Timestamp kStart{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

GeneratorSettings small_batches() {
    return {.seed = 7,
            .start_time = kStart,
            .interval = 1s,
            .min_events = 10,
            .max_events = 200,
            .invalid_ratio = 0.5,
            .duplicate_ratio = 0.1,
            .out_of_order = 0ms,
            .count = 20'000};
}

std::vector<Batch> all_batches(const GeneratorSettings& settings) {
    EventGenerator generator{settings};
    std::vector<Batch> batches;
    while (auto batch = generator.next_batch()) batches.push_back(std::move(*batch));
    return batches;
}

std::vector<std::string> all_bodies(const GeneratorSettings& settings) {
    std::vector<std::string> bodies;
    for (auto& batch : all_batches(settings)) bodies.push_back(std::move(batch.body));
    return bodies;
}

/// What the parser makes of a POST.
class ParsedPost {
  public:
    explicit ParsedPost(const Batch& batch) : body_{batch.body} {
        const auto size = body_.size();
        body_.append(kPadding, ' ');
        const auto parsed =
            parser_.parse_body(std::string_view{body_}.substr(0, size), BodyFormat::json,
                               {.latest = kStart + std::chrono::years{10}});
        if (!parsed) {
            ADD_FAILURE() << parsed.error().message;
            return;
        }
        result_ = *parsed;
    }

    [[nodiscard]] const ParsedBody& result() const { return result_; }

    [[nodiscard]] Event event(std::size_t accepted) {
        const auto parsed = parser_.parse_event(result_.accepted.at(accepted).json, arena_);
        EXPECT_TRUE(parsed);
        return parsed.value();
    }

  private:
    std::string body_;
    Parser parser_;
    TextArena arena_;
    ParsedBody result_;
};

TEST(EventGenerator, GivesTheSameBytesForTheSameSettings) {
    EXPECT_EQ(all_bodies(small_batches()), all_bodies(small_batches()));
}

TEST(EventGenerator, GivesOtherEventsForAnotherSeed) {
    auto settings = small_batches();
    std::set<std::string> ids;
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        settings.seed = seed;
        settings.duplicate_ratio = 0;
        settings.invalid_ratio = 0;
        for (const auto& batch : all_batches(settings)) {
            for (std::size_t i = 0; i < batch.events(); ++i) {
                EXPECT_TRUE(ids.insert(std::string{batch.event_id(i)}).second);
            }
        }
    }
}

TEST(EventGenerator, GivesTheSameEventsAtAnotherStartTimeButForTheirTimes) {
    auto settings = small_batches();
    const auto first = all_batches(settings);
    settings.start_time += 24h;
    const auto second = all_batches(settings);
    ASSERT_EQ(first.size(), second.size());
    EXPECT_NE(first.front().body, second.front().body);
    for (std::size_t i = 0; i < first.size(); ++i) {
        EXPECT_EQ(first[i].event_id(0), second[i].event_id(0));
        EXPECT_EQ(first[i].stored, second[i].stored);
    }
}

TEST(EventGenerator, StopsAtExactlyTheCount) {
    for (const std::uint64_t count : {1U, 9U, 10U, 11U, 199U, 200U, 201U, 12'345U}) {
        auto settings = small_batches();
        settings.count = count;
        std::uint64_t events = 0;
        for (const auto& batch : all_batches(settings)) {
            EXPECT_GT(batch.events(), 0U);
            events += batch.events();
        }
        EXPECT_EQ(events, count);
    }
}

TEST(EventGenerator, KeepsEachPostWithinItsBoundsAndUsesTheirWholeRange) {
    auto settings = small_batches();
    settings.min_events = 3;
    settings.max_events = 6;
    auto batches = all_batches(settings);
    batches.pop_back();  // whatever was left of the count
    std::set<std::size_t> sizes;
    for (const auto& batch : batches) sizes.insert(batch.events());
    EXPECT_EQ(sizes, (std::set<std::size_t>{3, 4, 5, 6}));
}

TEST(EventGenerator, WithoutACountItGoesOn) {
    auto settings = small_batches();
    settings.count = 0;
    EventGenerator generator{settings};
    for (std::uint64_t i = 0; i < 100; ++i) {
        const auto batch = generator.next_batch();
        ASSERT_TRUE(batch);
        EXPECT_EQ(batch->number, i);
    }
}

TEST(EventGenerator, WritesEventsOf400To500BytesOnAverage) {
    auto settings = small_batches();
    settings.duplicate_ratio = 0;
    std::size_t bytes = 0;
    for (const auto& body : all_bodies(settings)) bytes += body.size();
    const auto average = static_cast<double>(bytes) / static_cast<double>(settings.count);
    EXPECT_GE(average, 400);
    EXPECT_LE(average, 500);
}

TEST(EventGenerator, GivesEveryEventANewIdAndANewUserAndNearlyUniqueCampaigns) {
    auto settings = small_batches();
    settings.duplicate_ratio = 0;
    settings.invalid_ratio = 0;
    std::set<std::string> ids;
    std::set<std::string> users;
    std::set<std::string> campaigns;
    std::size_t with_campaign = 0;
    for (const auto& batch : all_batches(settings)) {
        ParsedPost post{batch};
        for (std::size_t i = 0; i < batch.events(); ++i) {
            const auto event = post.event(i);
            ids.emplace(event.event_id);
            EXPECT_EQ(event.event_id, batch.event_id(i));
            const auto source = event.type->source;
            EXPECT_TRUE(event.event_id.starts_with(source.id_prefix()));
            users.emplace(event.user_id);
            if (source != kFacebook || event.type->stage != FunnelStage::bottom) continue;
            ++with_campaign;
            campaigns.emplace(test::value_of(event, "engagement.campaignId").text());
        }
    }
    EXPECT_EQ(ids.size(), settings.count);
    EXPECT_EQ(users.size(), settings.count);
    EXPECT_GE(campaigns.size() * 1'000, with_campaign * 999);
}

TEST(EventGenerator, ExpectsWhatTheParserCounts) {
    for (const auto& batch : all_batches(small_batches())) {
        ParsedPost post{batch};
        EXPECT_EQ(post.result().accepted.size(), batch.valid.events());
        EXPECT_EQ(post.result().rejected.size(), batch.expected_invalid());
        EXPECT_EQ(batch.valid.events() + batch.expected_invalid(), batch.events());

        Figures counted;
        for (std::size_t i = 0; i < post.result().accepted.size(); ++i) {
            const auto event = post.event(i);
            std::optional<Cents> revenue;
            const auto amount = purchase_amount_of(event);
            if (amount && event.type->has_revenue) revenue = parse_amount(*amount);
            counted.add(*event.type, revenue);
        }
        EXPECT_EQ(counted, batch.valid);
    }
}

TEST(EventGenerator, ExpectsEachEventStoredOnceHoweverOftenItWasSent) {
    std::map<std::string, std::string> events;  // by id, over the whole run
    Figures sent;
    Figures stored;
    Figures once;
    std::uint64_t duplicates = 0;
    for (const auto& batch : all_batches(small_batches())) {
        sent += batch.valid;
        stored += batch.stored;
        duplicates += batch.duplicates;
        ParsedPost post{batch};
        for (std::size_t i = 0; i < post.result().accepted.size(); ++i) {
            const auto event = post.event(i);
            const std::string json{post.result().accepted[i].json};
            const auto [earlier, is_new] = events.emplace(event.event_id, json);
            EXPECT_EQ(earlier->second, json);  // byte-identical
            if (!is_new) continue;
            const auto amount = purchase_amount_of(event);
            once.add(*event.type,
                     event.type->has_revenue && amount ? parse_amount(*amount) : std::nullopt);
        }
    }
    EXPECT_EQ(stored, once);
    EXPECT_EQ(stored.events() + duplicates, sent.events());
    EXPECT_NEAR(static_cast<double>(duplicates) / static_cast<double>(sent.events()), 0.1, 0.02);
    EXPECT_LT(stored.transactions(kFacebook), sent.transactions(kFacebook));
}

TEST(EventGenerator, RepeatsEventsOfEarlierPostsToo) {
    auto settings = small_batches();
    settings.count = 0;
    EventGenerator generator{settings};
    std::set<std::string> earlier;
    std::uint64_t from_earlier_posts = 0;
    std::uint64_t duplicates = 0;
    while (earlier.size() < 50'000) {
        const auto batch = *generator.next_batch();
        duplicates += batch.duplicates;
        std::set<std::string> here;
        for (std::size_t i = 0; i + batch.expected_invalid() < batch.events(); ++i) {
            const std::string id{batch.event_id(i)};
            if (earlier.contains(id)) ++from_earlier_posts;
            here.insert(id);
        }
        earlier.merge(here);
    }
    EXPECT_GT(from_earlier_posts * 2, duplicates);
}

TEST(EventGenerator, CorruptsTheLastEventOfItsShareOfPostsInEveryWay) {
    auto settings = small_batches();
    settings.count = 60'000;
    const auto batches = all_batches(settings);
    std::size_t corrupted = 0;
    std::set<Corruption> kinds;
    for (const auto& batch : batches) {
        ParsedPost post{batch};
        if (!batch.corruption) {
            EXPECT_TRUE(post.result().rejected.empty());
            continue;
        }
        ++corrupted;
        kinds.insert(batch.corruption->kind);
        const auto expected = expected_rejection(batch.corruption->kind, *batch.corruption->type);
        if (!expected) {
            EXPECT_TRUE(post.result().rejected.empty());
            EXPECT_NE(batch.event(batch.events() - 1).find("unknownField"), std::string_view::npos);
            continue;
        }
        ASSERT_EQ(post.result().rejected.size(), 1U);
        const auto& rejected = post.result().rejected.front();
        EXPECT_EQ(rejected.index, batch.events() - 1);
        EXPECT_EQ(rejected.json, batch.event(batch.events() - 1));
        EXPECT_EQ(rejected.why.code, expected->code);
        EXPECT_EQ(rejected.why.path, expected->path);
        EXPECT_EQ(rejected.why.event_id.value_or(""), batch.event_id(batch.events() - 1));
    }
    EXPECT_NEAR(static_cast<double>(corrupted) / static_cast<double>(batches.size()), 0.5, 0.07);
    EXPECT_EQ(kinds.size(), kCorruptions.size());
}

TEST(EventGenerator, CorruptsNothingAtARatioOfZeroAndEveryPostAtOne) {
    auto settings = small_batches();
    settings.invalid_ratio = 0;
    for (const auto& batch : all_batches(settings)) EXPECT_FALSE(batch.corruption);
    settings.invalid_ratio = 1;
    for (const auto& batch : all_batches(settings)) EXPECT_TRUE(batch.corruption);
}

/// The timestamps of a run's valid events, post by post.
std::vector<std::vector<Timestamp>> times_of(const GeneratorSettings& settings) {
    std::vector<std::vector<Timestamp>> times;
    for (const auto& batch : all_batches(settings)) {
        auto& here = times.emplace_back();
        ParsedPost post{batch};
        for (std::size_t i = 0; i < post.result().accepted.size(); ++i) {
            here.push_back(post.event(i).timestamp);
        }
    }
    return times;
}

TEST(EventGenerator, SpreadsThePostsEventsOverTheirIntervalInOrder) {
    auto settings = small_batches();
    settings.duplicate_ratio = 0;
    auto begin = kStart;
    for (const auto& times : times_of(settings)) {
        EXPECT_TRUE(std::ranges::is_sorted(times));
        for (const auto time : times) {
            EXPECT_GE(time, begin);
            EXPECT_LT(time, begin + 1s);
        }
        begin += 1s;
    }
}

TEST(EventGenerator, MovesTimestampsBackByNoMoreThanTheBound) {
    auto settings = small_batches();
    settings.duplicate_ratio = 0;
    settings.out_of_order = 5s;
    auto begin = kStart;
    auto earliest = Timestamp::duration::max();
    bool any_disorder = false;
    for (const auto& times : times_of(settings)) {
        any_disorder = any_disorder || !std::ranges::is_sorted(times);
        for (const auto time : times) {
            EXPECT_GE(time, begin - 5s);
            EXPECT_LT(time, begin + 1s);
            earliest = std::min(earliest, time - begin);
        }
        begin += 1s;
    }
    EXPECT_TRUE(any_disorder);
    EXPECT_LT(earliest, -4s);  // uses its range
}

TEST(EventGenerator, WithoutAnIntervalEachEventIsAMicrosecondLater) {
    auto settings = small_batches();
    settings.interval = 0s;
    settings.duplicate_ratio = 0;
    settings.invalid_ratio = 0;
    const auto times = times_of(settings);
    // 20,000 events in microsecond steps, written in milliseconds.
    EXPECT_EQ(times.front().front(), kStart);
    EXPECT_EQ(times.back().back(), kStart + 19ms);
}

TEST(EventGenerator, TakesAnotherStartForABatchThatFollowsTheWallClock) {
    auto settings = small_batches();
    settings.invalid_ratio = 0;
    settings.duplicate_ratio = 0;
    EventGenerator generator{settings};
    static_cast<void>(generator.next_batch());
    const auto batch = generator.next_batch(kStart + 1h);
    ASSERT_TRUE(batch);
    ParsedPost post{*batch};
    EXPECT_EQ(post.event(0).timestamp, kStart + 1h);
}

TEST(EventGenerator, RepeatsAlmostOnlyAtADuplicateRatioOfOne) {
    auto settings = small_batches();
    settings.duplicate_ratio = 1;
    settings.invalid_ratio = 0;
    settings.count = 100;
    Figures stored;
    for (const auto& batch : all_batches(settings)) stored += batch.stored;
    EXPECT_EQ(stored.events(), 1U);  // there has to be one to repeat
}

}  // namespace
}  // namespace events::publisher
