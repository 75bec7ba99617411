#include "common/collector/source_check.hpp"

#include "common/sources/facebook.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

namespace events::collector {
namespace {

using postgres::StoredSource;

/// The database of the description.
StoredSource facebook() {
    StoredSource stored{.table = "facebook_events", .types = {}, .columns = {}, .dimensions = {}};
    for (const auto& type : kFacebook.types()) {
        stored.types.push_back(
            {std::string{type.name}, std::string{to_string(type.stage)}, type.has_revenue});
    }
    stored.columns = {{"event_id", "text", true},
                      {"occurred_at", "timestamp with time zone", true},
                      {"received_at", "timestamp with time zone", true},
                      {"funnel_stage", "text", true},
                      {"event_type", "text", true},
                      {"user_id", "text", true},
                      {"correlation_id", "text", false}};
    for (const auto& field : kFacebook.fields()) {
        stored.columns.push_back(
            {std::string{field.column}, std::string{field.sql_type()}, field.is_in_every_row()});
        if (field.dimension() != nullptr) stored.dimensions.emplace_back(field.column);
    }
    return stored;
}

struct Case {
    std::string name;
    std::function<void(StoredSource&)> change;
    std::string difference;  ///< empty: it is all right
};

class ADatabase : public ::testing::TestWithParam<Case> {};

TEST_P(ADatabase, IsComparedWithTheDescription) {
    auto stored = facebook();
    GetParam().change(stored);
    const auto expected =
        GetParam().difference.empty()
            ? std::string{}
            : "the database does not fit this daemon's description of facebook: " +
                  GetParam().difference +
                  "; apply the missing migration, or start the daemon of the version that made it";
    EXPECT_EQ(difference(kFacebook, stored), expected);
}

auto& column(StoredSource& stored, std::string_view name) {
    return *std::ranges::find(stored.columns, name, &StoredSource::Column::name);
}

const auto kRemoveColumn = [](std::string_view name) {
    return [name](StoredSource& stored) {
        std::erase_if(stored.columns, [&](const auto& each) { return each.name == name; });
    };
};

INSTANTIATE_TEST_SUITE_P(
    Each, ADatabase,
    ::testing::Values(
        Case{"AsItShouldBe", [](StoredSource&) {}, ""},
        Case{"WithAColumnOfAnOperator",
             [](StoredSource& s) {
                 s.columns.push_back({"note", "text", false});
             },
             ""},
        Case{"WithAColumnThatNeedsAValue",
             [](StoredSource& s) {
                 s.columns.push_back({"note", "text", true});
             },
             "each row of facebook_events needs a value for note, which is not known here"},
        Case{"WithoutAColumn", kRemoveColumn("referrer"),
             "facebook_events lacks the column referrer text"},
        Case{"WithoutACommonColumn", kRemoveColumn("received_at"),
             "facebook_events lacks the column received_at timestamp with time zone"},
        Case{"WithAnotherType", [](StoredSource& s) { column(s, "age").type = "integer"; },
             "facebook_events.age is integer instead of smallint"},
        Case{"WithAnAmountThatIsNoMoney",
             [](StoredSource& s) { column(s, "purchase_amount").type = "double precision"; },
             "facebook_events.purchase_amount is double precision instead of numeric(14,2)"},
        Case{"WithAnotherTable", [](StoredSource& s) { s.table = "old.facebook_events"; },
             "the source's table is old.facebook_events instead of facebook_events"},
        Case{"WithoutAnEventType", [](StoredSource& s) { s.types.erase(s.types.begin()); },
             "event_types lacks the event type ad.view"},
        Case{"WithAnUnknownEventType",
             [](StoredSource& s) {
                 s.types.push_back({"ad.hide", "top", false});
             },
             "event_types has the event type ad.hide, which is not known here"},
        Case{"WithRevenueOfAnotherType",
             [](StoredSource& s) { s.types.front().has_revenue = true; },
             "event_types has another stage or revenue of ad.view"},
        Case{"WithoutADimension", [](StoredSource& s) { std::erase(s.dimensions, "city"); },
             "sources lacks the dimension city of facebook"},
        Case{"WithAnUnknownDimension",
             [](StoredSource& s) { s.dimensions.emplace_back("followers"); },
             "sources has more dimensions of facebook than are known here"}),
    [](const auto& tested) { return tested.param.name; });

TEST(ADatabaseWithoutTheSource, IsToldToGetIt) {
    EXPECT_EQ(difference(kFacebook, std::nullopt),
              "the database has no source facebook: apply the migration that makes it");
}

}  // namespace
}  // namespace events::collector
