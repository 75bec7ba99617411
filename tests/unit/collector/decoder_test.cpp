#include "common/collector/decoder.hpp"

#include "common/events/message_encoding.hpp"
#include "common/sources/facebook.hpp"
#include "support/sample_events.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace events::collector {
namespace {

std::shared_ptr<Item> make_item(std::string_view payload) {
    auto item = std::make_shared<Item>();
    item->payload.reserve(payload.size() + kPadding);
    item->payload = payload;
    return item;
}

std::string lines(int count, const std::string& prefix = "fb-") {
    std::string payload;
    for (int i = 0; i < count; ++i) {
        if (i > 0) payload += '\n';
        payload += test::facebook_top(prefix + std::to_string(i));
    }
    return payload;
}

/// The batches that a message goes into, when nothing else comes.
std::vector<Batch> decode(std::string_view payload, BatchLimits limits = {}) {
    Decoder decoder{kFacebook, limits};
    IncomingMessage message{make_item(payload)};
    std::vector<Batch> batches;
    do {
        decoder.decode(message, batches.emplace_back());
    } while (batches.back().is_cut);
    return batches;
}

TEST(Decoder, KeepsEventsAndSaysWhatIsNone) {
    const auto batches = decode(lines(2) + "\n\n7\n" + test::tiktok_top("ttk-1"));
    ASSERT_EQ(batches.size(), 1U);
    const auto& batch = batches.front();
    EXPECT_EQ(batch.events.size(), 2U);
    ASSERT_EQ(batch.rejected.size(), 2U);
    EXPECT_EQ(batch.rejected[0].why.code, RejectionCode::not_an_object);
    EXPECT_EQ(batch.rejected[1].why.path, "source");
    EXPECT_EQ(batch.figures.events, 4U);
    EXPECT_EQ(batch.figures.messages, 1U);
}

TEST(Decoder, TakesAMessageWithoutAnEventForOneThatCanNotBeRead) {
    for (const auto* payload : {"", "\n", "\n\n\n"}) {
        const auto batches = decode(payload);
        ASSERT_EQ(batches.size(), 1U);
        EXPECT_EQ(batches[0].events.size(), 0U);
        EXPECT_EQ(batches[0].rejected.size(), 1U);
    }
}

TEST(Decoder, GivesUpAPayloadThatCanNotBeMadePlainAsItCame) {
    auto item = make_item("\x28\xb5\n2\n\xfd");
    item->defect = "the message is no zstd";
    Decoder decoder{kFacebook, {}};
    IncomingMessage message{item};
    Batch batch;
    decoder.decode(message, batch);
    EXPECT_FALSE(batch.is_cut);
    EXPECT_TRUE(message.is_decoded());
    EXPECT_EQ(batch.figures.events, 1U);
    ASSERT_EQ(batch.rejected.size(), 1U);
    EXPECT_EQ(batch.rejected[0].origin.raw, item->payload);
    EXPECT_EQ(batch.rejected[0].why.message, item->defect);
}

// A message of 256 KiB of "1" lines had 131,072 rejections in one batch, of 200 bytes each.
TEST(Decoder, CutsAMessageThatHasMoreThanABatchMayHold) {
    std::string ones;
    for (int i = 0; i < 2'500; ++i) ones += "1\n";
    const auto batches = decode(ones, {.events = 1'000});
    ASSERT_EQ(batches.size(), 3U);
    EXPECT_EQ(batches[0].rejected.size(), 1'000U);
    EXPECT_TRUE(batches[0].is_cut);
    EXPECT_EQ(batches[2].rejected.size(), 500U);
    EXPECT_FALSE(batches[2].is_cut);
    EXPECT_EQ(batches[0].items, batches[2].items) << "the same message, acknowledged by the last";
}

TEST(Decoder, CutsByBytesToo) {
    const auto batches =
        decode(lines(100),
               {.events = 1'000, .bytes = 20 * decoded_size(test::facebook_top("fb-10").size())});
    EXPECT_GT(batches.size(), 3U);
    for (const auto& batch : batches) EXPECT_LE(batch.events.size(), 22U);
}

TEST(Decoder, SaysWhatFits) {
    Decoder decoder{kFacebook, {.events = 10, .bytes = 1 << 20}};
    Batch batch;
    IncomingMessage first{make_item(lines(6))};
    EXPECT_TRUE(decoder.fits(first, batch));
    decoder.decode(first, batch);
    EXPECT_TRUE(decoder.fits(IncomingMessage{make_item(lines(4))}, batch));
    EXPECT_FALSE(decoder.fits(IncomingMessage{make_item(lines(5))}, batch)) << "too many events";
    const auto large = test::facebook_top("fb-x") + std::string(1 << 20, ' ');
    EXPECT_FALSE(decoder.fits(IncomingMessage{make_item(large)}, batch)) << "too many bytes";
    EXPECT_FALSE(decoder.is_full(batch));
}

/// A payload of events, of almost events, and of anything.
std::string random_payload(std::mt19937& random) {
    const auto below = [&](std::size_t bound) { return random() % bound; };
    std::string payload;
    for (auto left = below(30); left > 0; --left) {
        auto line = test::facebook_top("fb-" + std::to_string(random()));
        switch (below(6)) {
            case 0:
                line[below(line.size())] = static_cast<char>(below(256));
                break;
            case 1:
                line.resize(below(line.size()));
                break;
            case 2:
                line.assign(below(64), static_cast<char>(below(256)));
                break;
            case 3:
                line.insert(below(line.size()), 1, '\n');
                break;
            default:
                break;
        }
        payload += line + (below(8) == 0 ? "\n\n" : "\n");
    }
    return payload;
}

// Whatever a message holds: each line is an event or is rejected, once, in order, and how it is cut
// into batches changes nothing.
TEST(Decoder, LosesNoLineOfARandomMessage) {
    std::mt19937 random{20'261'130};
    for (int round = 0; round < 2'000; ++round) {
        const auto payload = random_payload(random);
        std::vector<std::string_view> expected;
        for_each_line(payload, [&](std::string_view line) { expected.push_back(line); });
        std::size_t events = 0;
        for (const std::size_t limit : {1U, 3U, 1'000U}) {
            std::size_t accepted = 0;
            std::vector<std::string> seen;
            for (const auto& batch : decode(payload, {.events = limit})) {
                EXPECT_LE(batch.events.size() + batch.rejected.size(), limit);
                EXPECT_EQ(batch.events.size(), batch.origins.size());
                accepted += batch.events.size();
                // Both are in order; a line of one stands before or behind those of the other.
                auto raw = std::vector<std::string_view>{};
                for (const auto& origin : batch.origins) raw.push_back(origin.raw);
                for (const auto& rejected : batch.rejected) raw.push_back(rejected.origin.raw);
                std::ranges::sort(raw, {}, [](std::string_view line) { return line.data(); });
                seen.insert(seen.end(), raw.begin(), raw.end());
            }
            if (expected.empty()) {
                EXPECT_EQ(seen.size(), 1U);
            } else {
                ASSERT_EQ(seen, std::vector<std::string>(expected.begin(), expected.end()));
            }
            if (limit == 1) events = accepted;
            EXPECT_EQ(accepted, events);
        }
    }
}

}  // namespace
}  // namespace events::collector
