#include "common/postgres/migrations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace events::postgres {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST(EmbeddedMigrations, AreNumberedFromOneWithoutGaps) {
    const auto migrations = embedded_migrations();
    ASSERT_FALSE(migrations.empty());
    for (std::size_t index = 0; index < migrations.size(); ++index) {
        EXPECT_EQ(migrations[index].number, static_cast<int>(index) + 1);
    }
}

TEST(EmbeddedMigrations, HaveTheirFilesTextNameAndChecksum) {
    const auto& first = embedded_migrations().front();
    EXPECT_EQ(first.name, "0001_events.sql");
    EXPECT_THAT(std::string{first.sql}, HasSubstr("CREATE TABLE segments ("));
    EXPECT_TRUE(first.sql.ends_with("$$;\n"));
    EXPECT_THAT(std::string{first.checksum}, MatchesRegex("[0-9a-f]{64}"));
}

}  // namespace
}  // namespace events::postgres
