// Several gateways on one folder: each has a place, and what ended ones left is taken over.
#include "gateway/spool_places.hpp"

#include "gateway/spool.hpp"
#include "support/quiet_spool.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <fstream>
#include <future>
#include <memory>
#include <system_error>

namespace events::gateway {
namespace {

using namespace std::chrono_literals;
using events::test::kPlenty;
using events::test::kQuiet;
using events::test::TemporaryDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A gateway's spool and figures.
struct Gateway {
    explicit Gateway(SpoolOptions options)
        : spool{std::move(options), logging::Logger{"gateway", kQuiet}, metrics} {}

    /// Spools one request with one message that holds `payload`.
    void put(std::string_view payload) {
        auto writer = spool.begin();
        writer.add("events.facebook", {}, payload);
        writer.commit();
    }
    [[nodiscard]] std::vector<std::string> payloads() {
        std::vector<std::string> all;
        for (const auto& file : spool.files_after(0, 1'000'000, kPlenty)) {
            const auto messages = spool.read(file);
            if (!messages) continue;
            for (const auto& message : *messages) all.push_back(message.payload);
        }
        return all;
    }

    metrics::Registry metrics;
    Spool spool;
};

class SpoolPlacesTest : public ::testing::Test {
  protected:
    [[nodiscard]] std::filesystem::path base() const { return directory_.path() / "spool"; }
    [[nodiscard]] std::unique_ptr<Gateway> start(std::size_t instances,
                                                 std::uint64_t max_bytes = kPlenty) const {
        return std::make_unique<Gateway>(SpoolOptions{base(), max_bytes, instances});
    }
    /// The `.spool` and `.corrupt` files in the folder and all its places.
    [[nodiscard]] std::size_t files() const {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator{base()}) {
            const auto extension = entry.path().extension();
            if (extension == ".spool" || extension == ".corrupt") ++count;
        }
        return count;
    }

    TemporaryDirectory directory_;
};

TEST_F(SpoolPlacesTest, TwoGatewaysHaveOneEachAndAThirdHasNone) {
    const auto first = start(2);
    const auto second = start(2);
    first->put("a");
    second->put("b");
    EXPECT_TRUE(std::filesystem::exists(base() / "1" / "00000000000000000001.spool"));
    EXPECT_TRUE(std::filesystem::exists(base() / "2" / "00000000000000000001.spool"));
    try {
        (void)start(2);
        FAIL() << "three have two places";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::device_or_resource_busy);
        EXPECT_THAT(error.what(), HasSubstr("2 gateways that run, as many as SPOOL_INSTANCES"));
    }
}

TEST_F(SpoolPlacesTest, AnEndedOnesFilesComeBehindTheOwnOnesInTheirOrder) {
    auto first = start(2);
    const auto second = start(2);
    for (int i = 0; i < 12; ++i) first->put("first's " + std::to_string(i));
    second->put("own");
    first.reset();
    EXPECT_EQ(second->spool.adopt(), 12U);
    second->put("later");
    const auto all = second->payloads();
    ASSERT_EQ(all.size(), 14U);
    EXPECT_EQ(all.front(), "own");
    for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(all[i + 1], "first's " + std::to_string(i));
    EXPECT_EQ(all.back(), "later");
    EXPECT_EQ(files(), 14U);
    EXPECT_THAT(second->metrics.text(), HasSubstr("spool_files 14"));
    EXPECT_EQ(second->spool.adopt(), 0U);
}

TEST_F(SpoolPlacesTest, WhatWasAdoptedIsThereAfterARestart) {
    auto first = start(2);
    auto second = start(2);
    first->put("a");
    first.reset();
    EXPECT_EQ(second->spool.adopt(), 1U);
    second.reset();
    second = start(2);  // in the other place now, which is empty
    EXPECT_THAT(second->payloads(), IsEmpty());
    EXPECT_EQ(second->spool.adopt(), 1U);
    EXPECT_THAT(second->payloads(), ElementsAre("a"));
    EXPECT_EQ(files(), 1U);
}

TEST_F(SpoolPlacesTest, ARunningGatewayKeepsItsOwn) {
    const auto first = start(2);
    const auto second = start(2);
    first->put("a");
    EXPECT_EQ(second->spool.adopt(), 0U);
    EXPECT_EQ(first->spool.adopt(), 0U);
    EXPECT_THAT(first->payloads(), ElementsAre("a"));
}

TEST_F(SpoolPlacesTest, WhatAGatewayAloneLeftInTheFolderItselfIsAdopted) {
    auto alone = start(0);
    alone->put("a");
    const auto one_of_two = start(2);
    EXPECT_EQ(one_of_two->spool.adopt(), 0U);  // the other one runs
    alone.reset();
    EXPECT_EQ(one_of_two->spool.adopt(), 1U);
    EXPECT_THAT(one_of_two->payloads(), ElementsAre("a"));
}

TEST_F(SpoolPlacesTest, PlacesBeyondTheCountAreEmptiedToo) {
    {
        std::deque<std::unique_ptr<Gateway>> many;
        for (int i = 0; i < 11; ++i) many.push_back(start(11));
        many.back()->put("eleventh");
    }
    const auto only = start(1);
    EXPECT_EQ(only->spool.adopt(), 1U);
    EXPECT_THAT(only->payloads(), ElementsAre("eleventh"));
}

TEST_F(SpoolPlacesTest, AFolderOfAnotherNameIsLeftAlone) {
    const auto only = start(1);
    { Gateway{{base() / "1-old", kPlenty}}.put("a"); }
    EXPECT_EQ(only->spool.adopt(), 0U);
}

TEST_F(SpoolPlacesTest, AGatewayWithAFolderOfItsOwnAdoptsNothing) {
    { start(2)->put("a"); }
    const auto alone = start(0);
    EXPECT_EQ(alone->spool.adopt(), 0U);
    EXPECT_TRUE(alone->spool.empty());
}

TEST_F(SpoolPlacesTest, AdoptingMayPassTheBoundAndOnlyNewRequestsAreRefused) {
    auto first = start(2, 10'000);
    const auto second = start(2, 10'000);
    first->put(std::string(6'000, 'a'));
    second->put(std::string(6'000, 'b'));
    first.reset();
    EXPECT_EQ(second->spool.adopt(), 1U);
    EXPECT_THROW(second->put("c"), std::system_error);
    const auto files = second->spool.files_after(0, 10, kPlenty);
    ASSERT_EQ(files.size(), 2U);
    second->spool.remove(files[0]);
    second->put("c");
    EXPECT_EQ(second->payloads().back(), "c");
}

TEST_F(SpoolPlacesTest, WhatWasSetAsideComesAlongAndIsCounted) {
    auto first = start(2);
    const auto second = start(2);
    first->put("a");
    std::ofstream{base() / "1" / "00000000000000000007.corrupt"} << "nobody knows";
    std::ofstream{base() / "1" / "00000000000000000009.part"} << "half";
    first.reset();
    EXPECT_EQ(second->spool.adopt(), 2U);
    EXPECT_THAT(second->payloads(), ElementsAre("a"));
    EXPECT_THAT(second->metrics.text(), HasSubstr("spool_corrupt_files 1"));
    EXPECT_TRUE(std::filesystem::exists(base() / "2" / "00000000000000000002.corrupt"));
    second->put("b");  // under a number that the damaged file does not have
    EXPECT_TRUE(std::filesystem::exists(base() / "2" / "00000000000000000003.spool"));
    EXPECT_EQ(files(), 3U);
}

TEST_F(SpoolPlacesTest, TheOldestAgeIsThatOfAnAdoptedFile) {
    auto first = start(2);
    const auto second = start(2);
    first->put("a");
    const auto file = base() / "1" / "00000000000000000001.spool";
    std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - 1h);
    first.reset();
    second->put("own");
    EXPECT_EQ(second->spool.adopt(), 1U);
    second->spool.show_age();
    EXPECT_THAT(second->metrics.text(),
                ::testing::ContainsRegex("oldest_age_seconds 36[0-9][0-9]"));
    second->spool.remove(second->spool.files_after(1, 1, kPlenty).at(0));
    second->spool.show_age();
    EXPECT_THAT(second->metrics.text(),
                ::testing::Not(::testing::ContainsRegex("oldest_age_seconds [0-9][0-9][0-9]")));
}

TEST_F(SpoolPlacesTest, NobodyAdoptsOutOfTurn) {
    auto first = start(2);
    const auto second = start(2);
    first->put("a");
    first.reset();
    {
        const auto turn = SpoolPlaces{base()}.try_turn();
        ASSERT_TRUE(turn);
        EXPECT_EQ(second->spool.adopt(), 0U);
    }
    EXPECT_EQ(second->spool.adopt(), 1U);
}

TEST_F(SpoolPlacesTest, AGatewayThatStartsWaitsWhileAPlaceIsBeingEmptied) {
    const SpoolPlaces places{base()};
    std::filesystem::create_directories(base());
    auto turn = places.try_turn();
    ASSERT_TRUE(turn);
    auto emptied = SpoolFolder::if_free(base() / "1");
    ASSERT_TRUE(emptied);
    auto started = std::async(std::launch::async, [&] { return start(1); });
    // Time to be refused in, for one that does not wait.
    EXPECT_EQ(started.wait_for(200ms), std::future_status::timeout);
    emptied.reset();
    turn.reset();
    started.get()->put("a");
    EXPECT_EQ(files(), 1U);
}

}  // namespace
}  // namespace events::gateway
