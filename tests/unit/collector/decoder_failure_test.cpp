// What happens when memory runs out while one message is read: at each allocation in turn.
#include "common/collector/decoder.hpp"
#include "common/sources/facebook.hpp"
#include "support/sample_events.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <string>

namespace {

/// The allocation of this thread that fails, counted from now; 0: none.
thread_local int failing_allocation = 0;

}  // namespace

void* operator new(std::size_t size) {
    if (failing_allocation > 0 && --failing_allocation == 0) throw std::bad_alloc{};
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}

namespace events::collector {
namespace {

std::shared_ptr<Item> make_item(const std::string& payload) {
    auto item = std::make_shared<Item>();
    item->payload.reserve(payload.size() + kPadding);
    item->payload = payload;
    return item;
}

/// Events with escapes, whose texts are kept apart, and lines that are none.
std::string payload(const std::string& prefix) {
    std::string text;
    for (int i = 0; i < 5; ++i) {
        auto event = test::facebook_top(prefix + std::to_string(i));
        event.insert(event.find("Ada"), R"(\u00e9 and a text that needs memory of its own )");
        text += event + "\n" + R"({"eventId":"no event, but one with a long id )" +
                std::to_string(i) + "\"}\n";
    }
    return text;
}

// It ended the process.
TEST(DecoderWithoutMemory, LosesNothingAndCostsNoOtherMessage) {
    bool failed = true;
    for (int allocation = 1; failed; ++allocation) {
        ASSERT_LT(allocation, 10'000);
        Decoder decoder{kFacebook, {}};
        Batch batch;
        IncomingMessage before{make_item(payload("before-"))};
        decoder.decode(before, batch);
        ASSERT_EQ(batch.events.size(), 5U);
        IncomingMessage message{make_item(payload("fb-"))};

        failing_allocation = allocation;
        try {
            decoder.decode(message, batch);
        } catch (const std::bad_alloc&) {
            // It is not in the batch yet: the reader tries again.
            EXPECT_EQ(batch.items.size(), 1U);
            decoder.decode(message, batch);
        }
        failed = failing_allocation == 0;
        failing_allocation = 0;

        ASSERT_EQ(batch.items.size(), 2U);
        EXPECT_TRUE(message.is_decoded());
        EXPECT_EQ(batch.figures.events, batch.events.size() + batch.rejected.size());
        ASSERT_EQ(batch.events.size(), batch.origins.size());
        ASSERT_GE(batch.events.size(), 5U);
        for (std::size_t i = 0; i < 5; ++i) {
            EXPECT_EQ(batch.events[i].event.event_id, "before-" + std::to_string(i));
        }
        ASSERT_GE(batch.rejected.size(), 6U);
        const bool whole = batch.rejected.back().origin.raw == message.item->payload;
        EXPECT_EQ(batch.events.size() + batch.rejected.size(), whole ? 11U : 20U)
            << "it is a dead letter as a whole, or each of its lines has its place";

        IncomingMessage after{make_item(payload("after-"))};
        const auto events = batch.events.size();
        decoder.decode(after, batch);
        EXPECT_EQ(batch.events.size(), events + 5) << "what comes next is read as ever";
    }
}

}  // namespace
}  // namespace events::collector
