#include "common/crypto/digest.hpp"
#include "common/segments/crc32c.hpp"
#include "common/segments/format.hpp"
#include "common/segments/merge.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "support/made_events.hpp"
#include "unit/segments/recount.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <random>

namespace events::segments {
namespace {

constexpr std::int64_t kWholeDay = 86'400'000'000;

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span{text});
}

Sample facebook(std::string user, std::int64_t time) {
    return {.source = kFacebook,
            .user_id = std::move(user),
            .time = time,
            .funnel_stage = "top",
            .event_type = "ad.view",
            .city = "Köln"};
}

std::vector<Sample> random_samples(Dice& dice, Source source, std::size_t count) {
    std::vector<Sample> samples;
    for (std::size_t i = 0; i < count; ++i) samples.push_back(random_sample(dice, source));
    return samples;
}

NewSegment new_segment(std::span<const Sample> samples, const Seed& seed = {}) {
    return encode(samples.front().source, records_of(samples), seed).value();
}

std::vector<Segment> merged(Source source, std::vector<MergeInput> inputs, MergeOptions options) {
    std::vector<Segment> parts;
    Merge merge{source, std::move(inputs), options};
    while (auto part = merge.next()) parts.push_back(decoded(std::move(part->bytes)));
    return parts;
}

Answer ask(const Question& question, const std::vector<Segment>& segments) {
    std::vector<ScanInput> runs;
    for (const auto& segment : segments) runs.push_back(scan_input(segment));
    return scan(question, runs, {});
}

std::string error_of(std::vector<std::byte> bytes) {
    const auto segment = Segment::decode(blob_of(std::move(bytes)));
    return segment ? std::string{} : segment.error();
}

TEST(Crc32c, IsTheStandardsWithAndWithoutTheInstruction) {
    EXPECT_EQ(crc32c(bytes_of("123456789")), 0xe3069283);
    EXPECT_EQ(crc32c({}), 0U);
    std::mt19937_64 random{3};
    std::string text;
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(crc32c(bytes_of(text)), crc32c_portable(bytes_of(text)));
        text += static_cast<char>(random());
    }
}

TEST(UserKey, KeepsAUuidInItsUsualSpellingAsItIs) {
    const auto key = user_key("00112233-4455-6677-8899-aabbccddeeff");
    EXPECT_FALSE(key.hashed);
    EXPECT_EQ(key.high, 0x0011223344556677U);
    EXPECT_EQ(key.low, 0x8899aabbccddeeffU);
}

class OtherUserId : public ::testing::TestWithParam<std::string_view> {};

TEST_P(OtherUserId, IsHashed) {
    const auto key = user_key(GetParam());
    const auto digest = crypto::to_hex(crypto::sha256(GetParam()));
    EXPECT_TRUE(key.hashed);
    EXPECT_EQ(fmt::format("{:016x}{:016x}", key.high, key.low), digest.substr(0, 32));
}

INSTANTIATE_TEST_SUITE_P(Spellings, OtherUserId,
                         ::testing::Values("", "user-7", "00112233-4455-6677-8899-AABBCCDDEEFF",
                                           "00112233445566778899aabbccddeeff",
                                           "{00112233-4455-6677-8899-aabbccddeeff}",
                                           "00112233-4455-6677-8899-aabbccddeefg",
                                           "00112233-4455-6677-8899_aabbccddeeff",
                                           "00112233-4455-6677-8899-aabbccddeef",
                                           "0011223:-4455-6677-8899-aabbccddeeff"));

TEST(UserKey, TellsAUuidFromTheHashThatItWasMadeOf) {
    const auto digest = crypto::to_hex(crypto::sha256("user-7"));
    const auto uuid =
        fmt::format("{}-{}-{}-{}-{}", digest.substr(0, 8), digest.substr(8, 4),
                    digest.substr(12, 4), digest.substr(16, 4), digest.substr(20, 12));
    const std::vector samples{facebook("user-7", 0), facebook(uuid, 0), facebook(uuid, 1)};
    EXPECT_EQ(ask({.figure = Figure::users}, {segment_of(samples)}).total.count, 2);
}

TEST(RecordOf, HasWhatReportsAskFor) {
    auto event = test::make_event("e", Timestamp{std::chrono::microseconds{7}},
                                  *find_event_type(kFacebook, "checkout.complete"), "u",
                                  {{"user.name", Value{"n"}},
                                   {"user.age", Value{std::int64_t{30}}},
                                   {"user.gender", Value{"female"}},
                                   {"user.location.country", Value{"c"}},
                                   {"user.location.city", Value{"t"}},
                                   {"engagement.campaignId", Value{"k"}},
                                   {"engagement.device", Value{"mobile"}},
                                   {"engagement.purchaseAmount", Value{"12.5"}}});
    const auto record = record_of(event);
    EXPECT_EQ(record.user_id, "u");
    EXPECT_EQ(record.occurred_at, event.timestamp);
    EXPECT_EQ(record.funnel_stage, "bottom");
    EXPECT_EQ(record.event_type, "checkout.complete");
    EXPECT_EQ(record.campaign_id, "k");
    EXPECT_EQ(record.country, "c");
    EXPECT_EQ(record.city, "t");
    EXPECT_EQ(record.gender, "female");
    EXPECT_EQ(record.device, "mobile");
    EXPECT_EQ(record.age, 30);
    EXPECT_EQ(record.followers, std::nullopt);
    EXPECT_EQ(record.revenue, 1250);

    // Only some types have revenue, whatever amount the others carry.
    event.type = find_event_type(kFacebook, "ad.click");
    EXPECT_EQ(record_of(event).revenue, std::nullopt);

    event = test::make_event("e", event.timestamp, *find_event_type(kTikTok, "like"), "v",
                             {{"user.followers", Value{std::int64_t{5'000'000'000}}},
                              {"engagement.device", Value{"iOS"}},
                              {"engagement.country", Value{"d"}}});
    EXPECT_EQ(record_of(event).followers, 5'000'000'000);
    EXPECT_EQ(record_of(event).device, "iOS");
    EXPECT_EQ(record_of(event).country, "d");
    EXPECT_EQ(record_of(event).age, std::nullopt);
}

// The file as docs/segments-format.md has it, read without the library.
TEST(Encode, WritesTheDocumentedBytes) {
    auto sample = facebook("00112233-4455-6677-8899-aabbccddeeff", 3 * 60'000'000 + 5);
    sample.revenue = 700;
    const auto bytes = new_segment(std::vector{sample}).bytes;
    const auto u64 = [&](std::size_t at) {
        std::uint64_t value = 0;
        std::memcpy(&value, bytes.data() + at, sizeof value);
        return value;
    };
    const auto text = [&](std::size_t at, std::size_t size) {
        return std::string{reinterpret_cast<const char*>(bytes.data() + at), size};  // NOLINT
    };
    EXPECT_EQ(text(0, 8), "EVSEG01\n");
    EXPECT_EQ(u64(8) >> 32, 7U) << "columns";
    EXPECT_EQ(u64(16), bytes.size());
    EXPECT_EQ(u64(24), 1U) << "rows";
    EXPECT_EQ(u64(32), 1U) << "UUIDs";
    EXPECT_EQ(u64(40), 180'000'005U) << "first time";
    EXPECT_EQ(u64(48), 180'000'005U) << "last time";
    EXPECT_EQ(u64(56), 0U) << "facebook";
    std::vector<std::uint64_t> ids;
    for (std::size_t entry = 64; entry < 64 + 7 * 40; entry += 40)
        ids.push_back(u64(entry) & 0xffff);
    EXPECT_EQ(ids, (std::vector<std::uint64_t>{1, 2, 3, 16, 17, 20, 50}));
    const auto users = u64(64 + 16);
    EXPECT_EQ(u64(users), 0x0011223344556677U);
    EXPECT_EQ(u64(users + 8), 0x8899aabbccddeeffU);
    const auto minute = 64 + 40;
    EXPECT_EQ(u64(minute + 8), 3U) << "base";
    EXPECT_EQ(u64(u64(minute + 16)), 1U) << "code and padding";
    const auto city = 64 + 5 * 40;
    EXPECT_EQ(u64(city + 32), 1U) << "texts";
    EXPECT_EQ(u64(u64(city + 16) + 8), 5ULL << 32) << "offsets 0 and 5";
    EXPECT_EQ(text(u64(city + 16) + 16, 5), "Köln");
    EXPECT_EQ(u64(64 + 6 * 40 + 8), 700U) << "cents";
}

TEST(Decode, NoticesEveryFlippedBit) {
    Dice dice{5};
    const auto bytes = new_segment(random_samples(dice, kFacebook, 5)).bytes;
    ASSERT_EQ(error_of(bytes), "");
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        auto flipped = bytes;
        flipped[bit / 8] ^= std::byte{1} << bit % 8;
        ASSERT_NE(error_of(std::move(flipped)), "") << "bit " << bit;
    }
}

TEST(Decode, NoticesEveryOtherLength) {
    Dice dice{6};
    auto bytes = new_segment(random_samples(dice, kTikTok, 4)).bytes;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        ASSERT_NE(error_of({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}), "");
    }
    bytes.resize(bytes.size() + 8);
    EXPECT_EQ(error_of(bytes), "not a segment: it has another length than it says");
}

TEST(Decode, RefusesUsersThatAreNotSortedThoughTheChecksumsAreRight) {
    auto bytes = new_segment(std::vector{facebook("00000000-0000-0000-0000-000000000001", 0),
                                         facebook("00000000-0000-0000-0000-000000000002", 0)})
                     .bytes;
    format::Header header{};
    format::ColumnEntry users{};
    std::memcpy(&header, bytes.data(), sizeof header);
    std::memcpy(&users, bytes.data() + sizeof header, sizeof users);
    std::swap(bytes[users.offset + 16], bytes[users.offset + 24]);  // of the low halves
    users.crc = crc32c(std::span{bytes}.subspan(users.offset, users.length));
    std::memcpy(bytes.data() + sizeof header, &users, sizeof users);
    const auto front = sizeof header + header.columns * sizeof users;
    header.crc = crc32c(std::span{bytes}.first(front).subspan(12));
    std::memcpy(bytes.data(), &header, sizeof header);
    EXPECT_EQ(error_of(bytes), "not a segment: its users and their times are not sorted");
}

TEST(Decode, TakesBytesAtAnyAddress) {
    const auto bytes = new_segment(std::vector{facebook("u", 0)}).bytes;
    std::vector<std::byte> shifted(bytes.size() + 8);
    for (std::size_t by = 0; by < 8; ++by) {
        std::ranges::copy(bytes, shifted.begin() + static_cast<std::ptrdiff_t>(by));
        const Blob blob{{std::shared_ptr<void>{}, shifted.data() + by}, bytes.size()};
        EXPECT_TRUE(Segment::decode(blob));
    }
}

TEST(Encode, DependsNeitherOnTheOrderNorOnTheSeed) {
    Dice dice{7};
    auto samples = random_samples(dice, kFacebook, 700);
    const auto bytes = new_segment(samples).bytes;
    std::ranges::shuffle(samples, std::mt19937_64{8});
    EXPECT_EQ(new_segment(samples, {1, 2}).bytes, bytes);
}

// One writer's segment and what many writers' merge into: the same file.
TEST(Merge, GivesTheBytesOfOneSegmentOfAllEvents) {
    Dice dice{9};
    for (const auto source : sources()) {
        const auto samples = random_samples(dice, source, 9'000);
        std::vector<MergeInput> inputs;
        for (std::span<const Sample> left{samples}; !left.empty();) {
            const auto batch =
                left.first(std::min<std::size_t>(left.size(), 1 + dice.below(2'500)));
            inputs.push_back(input_of(segment_of(batch, {dice.below(9), 1})));
            left = left.subspan(batch.size());
        }
        Merge merge{source, std::move(inputs), {.seed = {4, 4}}};
        const auto all = new_segment(samples);
        const auto part = merge.next();
        ASSERT_TRUE(part);
        EXPECT_EQ(part->bytes, all.bytes);
        EXPECT_EQ(part->shares.front().sums, all.shares.front().sums);
        EXPECT_FALSE(merge.next());
    }
}

TEST(Merge, GoesOnThroughTheInputsParts) {
    Dice dice{10};
    auto samples = random_samples(dice, kFacebook, 6'000);
    // One user and moment more often than a part is long: it goes on over several of them.
    for (int i = 0; i < 500; ++i)
        samples.push_back(facebook("00000000-0000-0000-0000-000000000001", 7));
    const auto middle = samples.begin() + 3'000;
    std::vector<MergeInput> inputs;
    for (const auto& half :
         {std::vector(samples.begin(), middle), std::vector(middle, samples.end())}) {
        auto parts = merged(kFacebook, {input_of(segment_of(half))}, {.rows_per_part = 100});
        EXPECT_GT(parts.size(), 1U);
        inputs.push_back({[parts = std::move(parts), at = std::size_t{0}]() mutable {
            return at < parts.size() ? std::optional{parts[at++]} : std::nullopt;
        }});
    }
    Merge merge{kFacebook, std::move(inputs), {}};
    EXPECT_EQ(merge.next()->bytes, new_segment(samples).bytes);
}

TEST(Merge, CancelsWhatIsTakenBack) {
    Dice dice{11};
    const auto samples = random_samples(dice, kTikTok, 400);
    auto taken_back = samples;
    for (auto& sample : taken_back) sample.taken_back = true;
    const auto removals = segment_of(taken_back);
    EXPECT_TRUE(removals.is_signed());
    EXPECT_TRUE(merged(kTikTok, {input_of(removals), input_of(segment_of(samples))}, {}).empty());
    EXPECT_FALSE(encode(kTikTok, {}, {}));

    // A removal whose event is not among the inputs waits for it.
    const auto waiting = merged(kTikTok, {input_of(removals)}, {});
    EXPECT_EQ(waiting.front().rows(), 400U);
    EXPECT_TRUE(waiting.front().is_signed());
}

TEST(Merge, TakesADayOutOfSegmentsOfSeveral) {
    std::vector<Sample> samples;
    for (const std::int64_t time :
         {-1LL, 0LL, 1LL, 86'399'999'999LL, 86'400'000'000LL, 200'000'000'000LL}) {
        samples.push_back(facebook("u", time));
    }
    const auto segment = segment_of(samples);
    const auto of = [&](std::int64_t day) {
        return merged(kFacebook, {input_of(segment)},
                      {.window = {day * kWholeDay, (day + 1) * kWholeDay - 1}});
    };
    EXPECT_EQ(of(-1).front().rows(), 1U);
    EXPECT_EQ(of(0).front().rows(), 3U);
    EXPECT_EQ(of(1).front().rows(), 1U);
    EXPECT_EQ(of(2).front().times().first, 200'000'000'000);
    EXPECT_TRUE(of(3).empty());
}

TEST(Merge, RefusesAnotherSource) {
    Merge merge{kFacebook, {}, {}};
    EXPECT_FALSE(merge.next());
    const auto tiktok = segment_of(std::vector{Sample{.source = kTikTok, .user_id = "u"}});
    EXPECT_THROW(merged(kFacebook, {input_of(tiktok)}, {}), std::invalid_argument);
}

class Distinct : public ::testing::TestWithParam<std::size_t> {};

/// An old bug of the kind: the width of codes is checked where a segment is built, not where the
/// texts of several are joined.
TEST_P(Distinct, TextsAreKeptByBuildingAndByMerging) {
    std::vector<Sample> samples;
    for (std::size_t i = 0; i < GetParam(); ++i) {
        samples.push_back(facebook(fmt::format("{:08x}-0000-0000-0000-000000000000", i), 0));
        samples.back().city = fmt::format("city {}", i);
        samples.back().age = static_cast<std::int64_t>(i);
    }
    const auto check = [&](const std::vector<Segment>& segments) {
        const Question by_city{.keys = {{Column::city}}, .limit = samples.size()};
        const auto answer = ask(by_city, segments);
        ASSERT_EQ(answer.groups.size(), samples.size());
        ASSERT_FALSE(answer.truncated);
        for (const auto& group : answer.groups) {
            ASSERT_EQ(group.figures.count, 1);
            ASSERT_TRUE(group.keys.front()) << "a text became null";
        }
        const auto greatest = static_cast<std::int64_t>(samples.size() - 1);
        for (const std::int64_t age : {std::int64_t{0}, greatest / 2, greatest}) {
            const Question one{.figure = Figure::users,
                               .conditions = {{Column::age, NumberRange{age, age}},
                                              {Column::city, fmt::format("city {}", age)}}};
            EXPECT_EQ(ask(one, segments).total.count, 1);
        }
    };
    check({segment_of(samples)});
    const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
    const auto low = segment_of(std::vector(samples.begin(), middle + 1));
    const auto high = segment_of(std::vector(middle, samples.end() - 1));
    const auto rest = segment_of(std::vector(samples.end() - 1, samples.end()));
    auto all = merged(kFacebook, {input_of(high), input_of(rest), input_of(low)}, {});
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all.front().rows(), samples.size() + 1);
    samples.push_back(*middle);
    EXPECT_EQ(all.front().size(), new_segment(samples).bytes.size());
}

INSTANTIATE_TEST_SUITE_P(AtTheLimitsOfAWidth, Distinct,
                         ::testing::Values(254, 255, 256, 257, 65'534, 65'535, 65'536, 65'537));

TEST(Numbers, AreKeptFromTheSecondLeastToTheGreatest) {
    constexpr auto kLeast = std::numeric_limits<std::int64_t>::min() + 1;
    constexpr auto kGreatest = std::numeric_limits<std::int64_t>::max();
    const std::vector<std::int64_t> numbers{kLeast, -1, 0, 255, 256, 4'294'967'296, kGreatest};
    std::vector<Sample> samples(numbers.size() + 1,
                                {.source = kTikTok, .user_id = "u", .event_type = "purchase"});
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        samples[i].followers = numbers[i];
        samples[i].revenue = numbers[i];
    }
    const std::vector<Segment> both{segment_of(samples)};
    const auto joined = merged(kTikTok,
                               {input_of(segment_of(std::span{samples}.first(1))),
                                input_of(segment_of(std::span{samples}.subspan(1)))},
                               {});
    for (const auto& segments : {both, joined}) {
        for (const auto number : numbers) {
            for (const auto& range : {NumberRange{number, number}, NumberRange{.min = number},
                                      NumberRange{.max = number}}) {
                const Question question{.figure = Figure::revenue,
                                        .conditions = {{Column::followers, range}},
                                        .keys = {{Column::followers, kFollowersGroups}}};
                EXPECT_EQ(ask(question, segments), recount(question, samples)) << question;
            }
        }
    }
    samples[0].followers = kLeast - 1;
    EXPECT_THROW(new_segment(samples), std::length_error);
}

TEST(Times, AreKeptFromTheFirstToTheLastOfAll) {
    std::vector<Sample> samples;
    for (const auto time : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                            std::int64_t{0}, std::numeric_limits<std::int64_t>::max()}) {
        samples.push_back(facebook("u", time));
    }
    const auto segment = segment_of(samples);
    for (const auto& from : samples) {
        for (const auto& to : samples) {
            const Question question{.from = from.time, .to = to.time, .buckets = {-1, 0, 1}};
            EXPECT_EQ(ask(question, {segment}), recount(question, samples)) << question;
        }
    }
}

// Ids that a sender chose to stand together: in one slice by their first half, one user with
// nearly all events.
TEST(Users, AreCountedHoweverTheirIdsAreSpread) {
    std::vector<Sample> samples;
    for (int i = 0; i < 30'000; ++i) {
        const auto number = i % 3 == 0 ? 0 : i;
        samples.push_back(facebook(fmt::format("77777777-7777-7777-0000-{:012x}", number), i % 50));
    }
    const std::vector<Segment> segments{segment_of(std::span{samples}.first(20'000)),
                                        segment_of(std::span{samples}.subspan(20'000))};
    EXPECT_EQ(ask({.figure = Figure::users}, segments).total.count, 20'001);
}

TEST(Scan, StopsWhenItIsAsked) {
    std::stop_source source;
    source.request_stop();
    const std::vector<ScanInput> runs{scan_input(segment_of(std::vector{facebook("u", 0)}))};
    EXPECT_THROW((void)scan({}, runs, {.stop = source.get_token()}), Stopped);
}

}  // namespace
}  // namespace events::segments
