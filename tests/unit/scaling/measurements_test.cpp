#include "scaling/measurements.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace events::bench::scaling {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

nlohmann::json sample() {
    std::ifstream file{EVENTS_MEASURED_JSON};
    return nlohmann::json::parse(file);
}

std::vector<std::string> problems(const nlohmann::json& file) {
    const auto read = read_measurements(file);
    return read ? std::vector<std::string>{} : read.error();
}

TEST(Measurements, TheCommittedFileIsWhole) {
    EXPECT_THAT(problems(sample()), IsEmpty());
}

TEST(Measurements, AFigureIsReadIntoItsPlace) {
    auto file = sample();
    file["costs"]["fold"]["value"] = 12.5;
    file["choices"]["STREAM_REPLICAS"]["value"] = 5;
    file["runs"]["bursts, peak"]["value"] = 77;
    const auto read = read_measurements(file);

    ASSERT_TRUE(read);
    EXPECT_DOUBLE_EQ(read->costs.cpu.fold, 12.5);
    EXPECT_DOUBLE_EQ(read->choices.stream_replicas, 5);
    EXPECT_DOUBLE_EQ(read->runs.bursts_peak, 77);
}

TEST(Measurements, AllProblemsAreToldAtOnce) {
    auto file = sample();
    file["costs"].erase("gateway");
    file["costs"]["insert"]["unit"] = "ms/event";
    file["costs"]["profil"] = {{"value", 1}};
    file["choices"]["disk"]["value"] = -1;
    file["choices"]["network"]["value"] = "much";
    file["runs"]["drain, rate"].erase("command");

    EXPECT_THAT(
        problems(file),
        UnorderedElementsAre("costs: gateway is missing", "costs: insert is wanted in us/event",
                             "costs: profil is not known", "choices: disk is out of range",
                             "choices: network has no value",
                             "runs: drain, rate does not say where it comes from"));
}

TEST(Measurements, AMissingSectionIsAProblem) {
    auto file = sample();
    file.erase("runs");
    EXPECT_THAT(problems(file), ::testing::Contains(HasSubstr("runs: is missing")));
    EXPECT_THAT(problems(nlohmann::json::array()), ::testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace events::bench::scaling
