#include "common/events/vocabulary.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace events {
namespace {

constexpr std::array kTypes{TypeSpec{"seen", FunnelStage::top},
                            TypeSpec{"done", FunnelStage::bottom}};

constexpr FieldSpec text(std::string_view path, std::string_view column) {
    return {.path = path, .column = column, .kind = FieldKind::text, .sample = Sample::item};
}

constexpr std::array kOneFields{text("user.home.town.name", "town"), text("user.age", "years"),
                                text("engagement.device", "model")};
constexpr std::array kOtherFields{text("user.nick", "nick"), text("engagement.device.os", "os"),
                                  text("engagement.zone", "zone")};

constexpr SourceSpec spec(std::string_view name, std::uint8_t number, std::string_view collector,
                          std::span<const FieldSpec> fields) {
    return {.name = name,
            .title = name,
            .number = number,
            .id_prefix = name,
            .collector = collector,
            .types = kTypes,
            .fields = fields};
}

constexpr auto kOne = spec("one", 0, "one-collector", kOneFields);
constexpr auto kOther = spec("other", 1, "other-collector", kOtherFields);
constexpr auto kBoth = make_list(Source{kOne}, Source{kOther});

class VocabularyTest : public ::testing::Test {
  protected:
    [[nodiscard]] std::optional<Field> field(std::string_view path) const {
        return vocabulary_.find_path(path);
    }
    /// The path of the field of that key in the object at `object`.
    [[nodiscard]] std::string found(std::string_view object, std::string_view key,
                                    std::optional<Field> previous = std::nullopt) const {
        const auto place = *vocabulary_.find_path(object);
        const auto& likely =
            previous ? vocabulary_.next_to(*previous) : vocabulary_.first_in(place);
        const auto field = vocabulary_.find(place, likely, key);
        return field ? std::string{vocabulary_.path(*field)} : "nothing";
    }

    Vocabulary vocabulary_{kBoth};
};

TEST_F(VocabularyTest, BeginsWithWhatEveryEventHas) {
    EXPECT_EQ(field(""), Field::event);
    EXPECT_EQ(field("eventId"), Field::event_id);
    EXPECT_EQ(field("eventType"), Field::event_type);
    EXPECT_EQ(field("data"), Field::data);
    EXPECT_EQ(field("data.user"), Field::user);
    EXPECT_EQ(field("data.engagement"), Field::engagement);
    EXPECT_EQ(field("data.user.userId"), Field::user_id);
}

TEST_F(VocabularyTest, FindsTheFieldsOfAllSourcesInTheirObjects) {
    EXPECT_EQ(found("", "source"), "source");
    EXPECT_EQ(found("data.user", "nick"), "data.user.nick");
    EXPECT_EQ(found("data.user", "age"), "data.user.age");
    EXPECT_EQ(found("data.user.home.town", "name"), "data.user.home.town.name");
    EXPECT_EQ(found("data.user", "name"), "nothing");
    EXPECT_EQ(found("data", "age"), "nothing");
    EXPECT_EQ(found("data.user.age", "age"), "nothing");
}

TEST_F(VocabularyTest, FindsAFieldWhateverStandsBeforeIt) {
    for (const auto* before : {"data.user.userId", "data.user.home", "data.user.age"}) {
        for (const auto* key : {"userId", "home", "age", "nick"}) {
            EXPECT_EQ(found("data.user", key, field(before)), "data.user." + std::string{key});
        }
    }
}

TEST_F(VocabularyTest, KnowsAFieldThatOneSourceHasAsAValueAndAnotherAsAnObject) {
    EXPECT_EQ(found("data.engagement", "device"), "data.engagement.device");
    EXPECT_EQ(found("data.engagement.device", "os"), "data.engagement.device.os");
}

TEST_F(VocabularyTest, KeepsAllThatIsBelowAnObjectTogether) {
    const auto below = [&](std::string_view object) {
        std::string paths;
        const auto range = vocabulary_.below(*field(object));
        for (auto place = range.first; place < range.end; ++place) {
            paths += std::string{vocabulary_.path(Field{static_cast<std::uint8_t>(place)})} + " ";
        }
        return paths;
    };
    EXPECT_EQ(below("data.user.home"), "data.user.home.town data.user.home.town.name ");
    EXPECT_EQ(below("data.engagement"),
              "data.engagement.device data.engagement.zone data.engagement.device.os ");
    EXPECT_EQ(below("data.user.nick"), "");
    EXPECT_EQ(vocabulary_.below(Field::event).end, vocabulary_.size());
}

}  // namespace
}  // namespace events
