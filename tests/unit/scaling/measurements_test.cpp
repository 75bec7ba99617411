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
    file["costs"]["store"]["value"] = 12.5;
    file["choices"]["STREAM_REPLICAS"]["value"] = 5;
    const auto read = read_measurements(file);

    ASSERT_TRUE(read);
    EXPECT_DOUBLE_EQ(read->costs.cpu.store, 12.5);
    EXPECT_DOUBLE_EQ(read->choices.stream_replicas, 5);
}

TEST(Measurements, AllProblemsAreToldAtOnce) {
    auto file = sample();
    file["costs"].erase("gateway");
    file["costs"]["store"]["unit"] = "ms/event";
    file["costs"]["stor"] = {{"value", 1}};
    file["choices"]["disk"]["value"] = -1;
    file["choices"]["network"]["value"] = "much";
    file["costs"]["row"].erase("command");

    EXPECT_THAT(
        problems(file),
        UnorderedElementsAre("costs: gateway is missing", "costs: store is wanted in us/event",
                             "costs: stor is not known", "choices: disk is out of range",
                             "choices: network has no value",
                             "costs: row does not say where it comes from"));
}

TEST(Measurements, AMissingSectionIsAProblem) {
    auto file = sample();
    file.erase("choices");
    EXPECT_THAT(problems(file), ::testing::Contains(HasSubstr("choices: is missing")));
    EXPECT_THAT(problems(nlohmann::json::array()), ::testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace events::bench::scaling
