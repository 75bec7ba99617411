#include "common/sources/check.hpp"

#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace events {
namespace {

/// A description that a test may spoil.
struct Draft {
    SourceSpec spec = facebook::kSpec;
    std::vector<TypeSpec> types{facebook::kTypes.begin(), facebook::kTypes.end()};
    std::vector<FieldSpec> fields{facebook::kFields.begin(), facebook::kFields.end()};

    FieldSpec& field(std::string_view column) {
        for (auto& field : fields) {
            if (field.column == column) return field;
        }
        throw std::logic_error{"no such field"};
    }
};

/// The rule that the description breaks.
std::optional<std::string> broken_rule(Draft draft) {
    draft.spec.types = draft.types;
    draft.spec.fields = draft.fields;
    try {
        source_rules::check(draft.spec);
        return std::nullopt;
    } catch (const source_rules::Broken& broken) {
        return broken.what();
    }
}

struct Case {
    std::string name;
    std::function<void(Draft&)> spoil;
    std::string rule;
};

class BadDescription : public ::testing::TestWithParam<Case> {};

TEST_P(BadDescription, IsRefusedByItsRule) {
    Draft draft;
    ASSERT_EQ(broken_rule(draft), std::nullopt);
    GetParam().spoil(draft);
    EXPECT_EQ(broken_rule(draft), GetParam().rule);
}

const auto kAddField = [](FieldSpec field) {
    return [field](Draft& draft) { draft.fields.push_back(field); };
};
constexpr FieldSpec kNote{
    .path = "engagement.note", .column = "note", .kind = FieldKind::text, .sample = Sample::item};

template <typename T>
constexpr FieldSpec with(FieldSpec field, T FieldSpec::*member, T value) {
    field.*member = value;
    return field;
}

INSTANTIATE_TEST_SUITE_P(
    Names, BadDescription,
    ::testing::Values(Case{"Capitals", [](Draft& d) { d.spec.name = "Facebook"; },
                           "a name is of lower-case letters and digits"},
                      Case{"NoName", [](Draft& d) { d.spec.name = ""; },
                           "a name is of lower-case letters and digits"},
                      Case{"Long", [](Draft& d) { d.spec.name = "aaaaaaaaaaaaaaaaaaaaa"; },
                           "a name has at most 20 letters"},
                      Case{"StreamOfDeadLetters", [](Draft& d) { d.spec.name = "dead"; },
                           "the name is the suite's own"},
                      Case{"SubjectOfTheGateway", [](Draft& d) { d.spec.name = "gateway"; },
                           "the name is the suite's own"},
                      Case{"NoTitle", [](Draft& d) { d.spec.title = ""; }, "a source has a title"},
                      Case{"LargeNumber", [](Draft& d) { d.spec.number = 16; },
                           "a source's number is below kMaxSources"},
                      Case{"NoPrefix", [](Draft& d) { d.spec.id_prefix = ""; },
                           "a source has a prefix of ids"},
                      Case{"Subject", [](Draft& d) { d.spec.collector = "fb.collector"; },
                           "a collector's name ends with -collector"}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Types, BadDescription,
    ::testing::Values(Case{"StageWithoutType",
                           [](Draft& d) {
                               std::erase_if(d.types, [](auto& type) {
                                   return type.stage == FunnelStage::top;
                               });
                           },
                           "each stage has an event type"},
                      Case{"Twice",
                           [](Draft& d) {
                               d.types.push_back({"comment", FunnelStage::bottom});
                           },
                           "an event type stands once in a source"},
                      Case{"NoTypeName", [](Draft& d) { d.types[0].name = ""; },
                           "an event type has a name"},
                      Case{"RevenueWithoutAmount",
                           [](Draft& d) {
                               d.types.push_back({"donation", FunnelStage::top, true});
                           },
                           "a type with revenue has an amount in the fields of its stage"}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Fields, BadDescription,
    ::testing::Values(
        Case{"ColumnTwice", kAddField(with(kNote, &FieldSpec::column, std::string_view{"name"})),
             "a column stands once"},
        Case{"PathTwice",
             kAddField(with(kNote, &FieldSpec::path, std::string_view{"engagement.adId"})),
             "a path stands once"},
        Case{"ValueAndObject",
             kAddField(with(kNote, &FieldSpec::path, std::string_view{"engagement.device.os"})),
             "a field that is a value holds no other"},
        Case{"Elsewhere", kAddField(with(kNote, &FieldSpec::path, std::string_view{"page.url"})),
             "a field stands in user or in engagement"},
        Case{"EmptyKey", kAddField(with(kNote, &FieldSpec::path, std::string_view{"engagement."})),
             "each part of a path has a name"},
        Case{"UserBehindEngagement",
             kAddField(with(kNote, &FieldSpec::path, std::string_view{"user.note"})),
             "the user's fields stand first"},
        Case{"UserOfAStage", [](Draft& d) { d.field("age").stage = FunnelStage::top; },
             "every event has all fields of the user"},
        Case{"UserId", [](Draft& d) { d.field("name").path = "user.userId"; },
             "user.userId is the suite's own field"},
        Case{"CommonColumn",
             kAddField(with(kNote, &FieldSpec::column, std::string_view{"received_at"})),
             "the column is the suite's own"},
        Case{"ColumnToQuote",
             kAddField(with(kNote, &FieldSpec::column, std::string_view{"a note"})),
             "a column is of lower-case letters and digits"},
        Case{"NoChoices", [](Draft& d) { d.field("gender").choices = {}; },
             "a choice has choices, and nothing else has"},
        Case{"ChoicesOfText", [](Draft& d) { d.field("name").choices = facebook::kGenders; },
             "a choice has choices, and nothing else has"},
        Case{"BoundsOfText", [](Draft& d) { d.field("name").bounds = {0, 5}; },
             "only an integer has bounds"},
        Case{"BoundsReversed", [](Draft& d) { d.field("age").bounds = {150, 0}; },
             "the bounds are the wrong way round"},
        Case{"AmountInAColumnOfText", [](Draft& d) { d.field("purchase_amount").column = "price"; },
             "an amount's column is purchase_amount, which nothing else is"},
        Case{"TextInTheAmountsColumn",
             [](Draft& d) { d.field("purchase_amount").kind = FieldKind::text_or_null; },
             "an amount's column is purchase_amount, which nothing else is"},
        Case{"NumberForADimensionOfText",
             [](Draft& d) {
                 d.field("city").kind = FieldKind::integer;
                 d.field("city").sample = Sample::any;
             },
             "a dimension is fed by a field of its kind"},
        Case{"TextForADimensionOfNumbers",
             kAddField(with(kNote, &FieldSpec::column, std::string_view{"followers"})),
             "a dimension is fed by a field of its kind"},
        Case{"TextWithoutASample", [](Draft& d) { d.field("name").sample = Sample::any; },
             "a text, and nothing else, has a sample of text"},
        Case{"SampleBeyondTheBounds", [](Draft& d) { d.field("age").range = {13, 200}; },
             "the range of samples is within the bounds"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Description, MayGiveBothStagesAFieldOfOnePathInColumnsOfTheirOwn) {
    Draft draft;
    draft.fields.push_back(with(kNote, &FieldSpec::stage, std::optional{FunnelStage::top}));
    auto other = with(kNote, &FieldSpec::stage, std::optional{FunnelStage::bottom});
    other.column = "other_note";
    draft.fields.push_back(other);
    EXPECT_EQ(broken_rule(draft), std::nullopt);
}

/// Whether the description that Make makes is one to the compiler.
template <typename Make>
concept IsConstant = requires {
    typename std::integral_constant<int, (source_rules::check(Make{}()), 0)>;
};

using Good = decltype([] { return facebook::kSpec; });
using Bad = decltype([] {
    auto spec = facebook::kSpec;
    spec.id_prefix = "";
    return spec;
});
static_assert(IsConstant<Good> && !IsConstant<Bad>);

TEST(Sources, AreDifferentOnes) {
    const auto rule = [](const SourceSpec& one, const SourceSpec& other) -> std::string {
        try {
            source_rules::check_apart(one, other);
            return "";
        } catch (const source_rules::Broken& broken) {
            return broken.what();
        }
    };
    auto other = tiktok::kSpec;
    EXPECT_EQ(rule(facebook::kSpec, other), "");
    other.collector = facebook::kSpec.collector;
    EXPECT_EQ(rule(facebook::kSpec, other), "two sources have one collector");
    other.id_prefix = facebook::kSpec.id_prefix;
    EXPECT_EQ(rule(facebook::kSpec, other), "two sources have one prefix of ids");
    other.number = facebook::kSpec.number;
    EXPECT_EQ(rule(facebook::kSpec, other), "two sources have one number");
    other.name = facebook::kSpec.name;
    EXPECT_EQ(rule(facebook::kSpec, other), "two sources have one name");
}

}  // namespace
}  // namespace events
