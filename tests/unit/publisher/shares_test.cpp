// How often each source and type is generated, whatever sources there are.
#include "common/events/event.hpp"
#include "publisher/event_generator.hpp"

#include <gtest/gtest.h>

namespace events::publisher {
namespace {

TEST(EventGenerator, MakesEachSourceEquallyOftenAndEachOfItsTypes) {
    EventGenerator generator{
        {.seed = 7, .min_events = 1'000, .max_events = 1'000, .count = 70'000}};
    Figures figures;
    while (const auto batch = generator.next_batch()) figures += batch->stored;
    const auto total = static_cast<double>(figures.events());
    const auto of_source = 1.0 / static_cast<double>(sources().size());
    for (const auto source : sources()) {
        EXPECT_NEAR(static_cast<double>(figures.events(source)) / total, of_source, 0.01);
    }
    for (const auto& type : event_types()) {
        const auto share =
            static_cast<double>(figures.events(type.source, type.stage, type.name)) / total;
        const auto types = static_cast<double>(type.source.types().size());
        EXPECT_NEAR(share, of_source / types, 0.01) << type.source.name() << " " << type.name;
    }
}

TEST(EventGenerator, GivesIdsThePrefixOfTheirSource) {
    EventGenerator generator{{.seed = 3, .invalid_ratio = 0, .count = 1'000}};
    const auto batch = generator.next_batch();
    ASSERT_TRUE(batch);
    for (std::size_t i = 0; i < batch->events(); ++i) {
        const auto json = batch->event(i);
        const auto name = json.substr(json.find(R"("source":")") + 10);
        const auto source = find_source(name.substr(0, name.find('"')));
        ASSERT_TRUE(source) << json;
        EXPECT_TRUE(batch->event_id(i).starts_with(source->id_prefix())) << json;
    }
}

}  // namespace
}  // namespace events::publisher
