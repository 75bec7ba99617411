// What the publisher makes of descriptions that neither Facebook's nor TikTok's is like.
#include "publisher/event_layout.hpp"

#include "publisher/corruption.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace events::publisher {
namespace {

using enum FunnelStage;
using enum FieldKind;

constexpr std::array kTypes{TypeSpec{"seen", top}, TypeSpec{"taken", bottom}};

constexpr auto kFields = std::to_array<FieldSpec>({
    {.path = "user.home.city", .column = "city", .kind = text, .sample = Sample::city},
    {.path = "user.nick", .column = "nick", .kind = text, .sample = Sample::handle},
    {.path = "user.home.at.street", .column = "street", .kind = text, .sample = Sample::item},
    {.path = "user.home.country", .column = "country", .kind = text, .sample = Sample::country},
    {.path = "engagement.at", .column = "seen_at", .kind = time, .stage = top},
});

constexpr SourceSpec kNestedSpec{.name = "nested",
                                 .title = "Nested",
                                 .number = 7,
                                 .id_prefix = "n-",
                                 .collector = "nested-collector",
                                 .types = kTypes,
                                 .fields = kFields};
constexpr Source kNested{kNestedSpec};

constexpr SourceSpec kBareSpec{.name = "bare",
                               .title = "Bare",
                               .number = 8,
                               .id_prefix = "b-",
                               .collector = "bare-collector",
                               .types = kTypes,
                               .fields = {}};
constexpr Source kBare{kBareSpec};

/// With the fields' keys as their values.
std::string text_of(const EventLayout& layout) {
    std::string text;
    for (const auto& part : layout.parts) text += part.before + std::string{part.field->key()};
    return text + layout.end;
}

TEST(EventLayout, PutsFieldsOfOneObjectTogetherWhateverStandsBetweenThem) {
    EXPECT_EQ(text_of(user_layout(kNested)),
              R"(,"home":{"city":city,"at":{"street":street},"country":country},"nick":nick)");
    EXPECT_EQ(text_of(engagement_layout(kNested, top)), R"("at":at)");
    EXPECT_EQ(text_of(engagement_layout(kNested, bottom)), "");
}

TEST(EventLayout, LeavesAFieldOutThatIsTheFirstOfItsObject) {
    EXPECT_EQ(text_of(user_layout(kNested, &kFields[0])),
              R"(,"nick":nick,"home":{"at":{"street":street},"country":country})");
    EXPECT_EQ(text_of(user_layout(kNested, &kFields[2])),
              R"(,"home":{"city":city,"country":country},"nick":nick)");
}

TEST(FieldToSpoil, IsSomeFieldWhereThereIsNoneOfTheUsualKinds) {
    const EventType seen{.source = kNested, .stage = top, .name = "seen", .has_revenue = false};
    EXPECT_EQ(field_to_spoil(Corruption::bad_user, seen), &kFields[0]);
    EXPECT_EQ(field_to_spoil(Corruption::bad_engagement, seen), &kFields[4]);
    EXPECT_EQ(expected_rejection(Corruption::bad_engagement, seen)->path, "data.engagement.at");
    EXPECT_EQ(field_to_spoil(Corruption::missing_user, seen), nullptr);
}

TEST(FieldToSpoil, IsNoneWhereTheSourceHasNoFieldAndThenItsObjectIsMissing) {
    const EventType seen{.source = kBare, .stage = top, .name = "seen", .has_revenue = false};
    for (const auto corruption : {Corruption::missing_name, Corruption::bad_user}) {
        EXPECT_EQ(field_to_spoil(corruption, seen), nullptr);
        EXPECT_EQ(expected_rejection(corruption, seen)->code, RejectionCode::missing_field);
        EXPECT_EQ(expected_rejection(corruption, seen)->path, "data.user");
    }
    EXPECT_EQ(expected_rejection(Corruption::bad_engagement, seen)->path, "data.engagement");
}

}  // namespace
}  // namespace events::publisher
