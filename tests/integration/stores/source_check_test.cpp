#include "common/collector/source_check.hpp"

#include "common/postgres/migrations.hpp"
#include "common/sources/facebook.hpp"
#include "sample_events.hpp"
#include "support/postgres_cluster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace events {
namespace {

using namespace test;
using ::testing::HasSubstr;

TEST(CheckSource, TakesWhatTheMigrationsMakeOfEverySource) {
    postgres::Connection connection{options_for(make_events_database()), {}};
    for (const auto source : sources()) {
        EXPECT_NO_THROW(collector::check_source(source, connection)) << source.name();
    }
}

TEST(CheckSource, SaysWhatSomebodyChanged) {
    const auto url = make_events_database();
    postgres::Connection connection{options_for(url), {}};
    query(url, "ALTER TABLE facebook_events ADD note text");
    EXPECT_NO_THROW(collector::check_source(kFacebook, connection));
    query(url, "ALTER TABLE facebook_events RENAME referrer TO came_from");
    try {
        collector::check_source(kFacebook, connection);
        ADD_FAILURE() << "it takes the table";
    } catch (const postgres::MigrationPending& pending) {
        EXPECT_THAT(pending.what(), HasSubstr("facebook_events lacks the column referrer text"));
    }
}

}  // namespace
}  // namespace events
