// docs/events.md says what the sources' descriptions say; where a change is meant,
// EVENTS_WRITE_GOLDEN=1 writes it anew.
#include "reference.hpp"

#include "common/events/event.hpp"
#include "common/events/example.hpp"
#include "common/events/parser.hpp"
#include "support/environment.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>

namespace events::test {
namespace {

TEST(EventReference, IsUpToDate) {
    const auto file = source_directory() / "docs/events.md";
    const auto now = event_reference();
    if (std::getenv("EVENTS_WRITE_GOLDEN") != nullptr) std::ofstream{file} << now;
    EXPECT_EQ(read_file(file), now);
}

TEST(EventReference, ShowsValidEvents) {
    Parser parser;
    for (const auto& type : event_types()) {
        auto json = example_event(type).dump();
        json.reserve(json.size() + kPadding);
        TextArena arena;
        const auto event = parser.parse_event(json, arena);
        ASSERT_TRUE(event) << json << "\n" << event.error().message;
        EXPECT_EQ(event->type, &type) << json;
    }
}

}  // namespace
}  // namespace events::test
