#include "common/logging/logger.hpp"

#include "common/config/env_reader.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <unistd.h>

#include <limits>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace events::logging {
namespace {

/// A logger that writes into a string.
struct Captured {
    explicit Captured(Options options = {})
        : log{"gateway", options,
              std::make_shared<spdlog::logger>(
                  "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(out))} {
        // The pattern that the standard output has.
    }

    /// The line's JSON: spdlog's own prefix of the test's sink is cut off.
    [[nodiscard]] nlohmann::json json() const {
        const auto text = out.str();
        return nlohmann::json::parse(text.substr(text.find('{')));
    }

    std::ostringstream out;
    Logger log;
};

TEST(Logger, WritesOneObjectInPinosShape) {
    const Captured captured;
    captured.log.info("events stored", {{"correlationId", "abc"}, {"saved", 3}});
    const auto line = captured.json();
    EXPECT_EQ(line.at("level"), 30);
    EXPECT_EQ(line.at("msg"), "events stored");
    EXPECT_EQ(line.at("service"), "gateway");
    EXPECT_EQ(line.at("pid"), ::getpid());
    EXPECT_TRUE(line.at("hostname").is_string());
    EXPECT_GT(line.at("time").get<std::int64_t>(), 1'600'000'000'000);
    EXPECT_EQ(line.at("correlationId"), "abc");
    EXPECT_EQ(line.at("saved"), 3);
}

TEST(Logger, WritesTheIdsOfARequestAsFields) {
    const Captured captured;
    captured.log.info("stored", {{"saved", 3}, RequestIds{"abc", "4bf9", "00f0"}, {"failed", 0}});
    EXPECT_NE(
        captured.out.str().find(
            R"("saved":3,"correlationId":"abc","traceId":"4bf9","spanId":"00f0","failed":0})"),
        std::string::npos)
        << captured.out.str();
}

TEST(Logger, LeavesOutTheTraceWhereThereIsNone) {
    const Captured captured{{.level = Level::info, .format = Format::pretty}};
    captured.log.info("stored", {RequestIds{"abc"}});
    const auto line = captured.out.str();
    EXPECT_NE(line.find(R"(correlationId="abc")"), std::string::npos) << line;
    EXPECT_EQ(line.find("traceId"), std::string::npos) << line;
    EXPECT_EQ(line.find("spanId"), std::string::npos) << line;
}

TEST(Logger, UsesPinosNumbersForTheLevels) {
    const std::vector<std::pair<Level, int>> levels{{Level::trace, 10}, {Level::debug, 20},
                                                    {Level::info, 30},  {Level::warn, 40},
                                                    {Level::error, 50}, {Level::fatal, 60}};
    for (const auto& [level, number] : levels) {
        const Captured captured{{.level = Level::trace, .format = Format::json}};
        captured.log.log(level, "x", {});
        EXPECT_EQ(captured.json().at("level"), number);
    }
}

TEST(Logger, LeavesOutWhatIsBelowItsLevel) {
    const Captured captured{{.level = Level::warn, .format = Format::json}};
    captured.log.info("not this");
    EXPECT_TRUE(captured.out.str().empty());
    captured.log.warn("this");
    EXPECT_EQ(captured.json().at("msg"), "this");
}

TEST(Logger, EscapesTextAndReplacesBadUtf8) {
    const Captured captured;
    captured.log.info("a \"quote\"\nand a line", {{"err", "bad \xff byte"}});
    const auto line = captured.json();
    EXPECT_EQ(line.at("msg"), "a \"quote\"\nand a line");
    EXPECT_EQ(line.at("err"), "bad \xEF\xBF\xBD byte");
}

TEST(Logger, KeepsTheTypesOfValues) {
    const std::vector<std::string> ids{"a", "b"};
    const Captured captured;
    captured.log.info("x", {{"flag", true},
                            {"negative", -5},
                            {"large", std::uint64_t{18'446'744'073'709'551'615U}},
                            {"ratio", 0.5},
                            {"ids", ids},
                            {"text", std::string{"t"}}});
    const auto line = captured.json();
    EXPECT_EQ(line.at("flag"), true);
    EXPECT_EQ(line.at("negative"), -5);
    EXPECT_EQ(line.at("large"), 18'446'744'073'709'551'615U);
    EXPECT_EQ(line.at("ratio"), 0.5);
    EXPECT_EQ(line.at("ids"), ids);
    EXPECT_EQ(line.at("text"), "t");
}

TEST(Logger, WritesNumbersToThreeDecimalsAndThoseThatJsonDoesNotHaveAsNull) {
    const Captured captured;
    captured.log.info("x", {{"none", std::numeric_limits<double>::quiet_NaN()},
                            {"endless", std::numeric_limits<double>::infinity()},
                            {"large", 1e300},
                            {"precise", 0.6112500000000001}});
    const auto line = captured.json();
    EXPECT_TRUE(line.at("none").is_null());
    EXPECT_TRUE(line.at("endless").is_null());
    EXPECT_EQ(line.at("large"), 1e300);
    EXPECT_NE(captured.out.str().find(R"("precise":0.611})"), std::string::npos);
}

TEST(Logger, KeepsLinesOfSeveralThreadsApart) {
    const Captured captured;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&captured] {
                for (int n = 0; n < 100; ++n) captured.log.info("line", {{"n", n}});
            });
        }
    }
    std::istringstream lines{captured.out.str()};
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        EXPECT_TRUE(nlohmann::json::accept(line.substr(line.find('{')))) << line;
    }
    EXPECT_EQ(count, 400);
}

TEST(Logger, WritesForPeopleWhenPretty) {
    const Captured captured{{.level = Level::info, .format = Format::pretty}};
    captured.log.info("hello", {{"saved", 3}});
    EXPECT_NE(captured.out.str().find("info  gateway: hello saved=3"), std::string::npos);
}

TEST(LoggingOptions, AreReadFromTheEnvironment) {
    const config::Environment environment{{{"LOG_LEVEL", "debug"}, {"LOG_FORMAT", "pretty"}}};
    config::EnvReader read{environment};
    const auto options = read_options(read);
    EXPECT_EQ(options.level, Level::debug);
    EXPECT_EQ(options.format, Format::pretty);

    const config::Environment wrong{{{"LOG_LEVEL", "loud"}}};
    config::EnvReader refused{wrong};
    (void)read_options(refused);
    EXPECT_EQ(refused.problems().size(), 1U);
}

TEST(LoggingOptions, TakeALevelAsOtherLoggersCallIt) {
    const auto level_of = [](const char* text) {
        const config::Environment environment{{{"LOG_LEVEL", text}}};
        config::EnvReader read{environment};
        const auto level = read_options(read).level;
        EXPECT_TRUE(read.problems().empty()) << text;
        return level;
    };
    EXPECT_EQ(level_of("INFO"), Level::info);
    EXPECT_EQ(level_of("log"), Level::info);
    EXPECT_EQ(level_of("Warning"), Level::warn);
    EXPECT_EQ(level_of("WARN"), Level::warn);
    EXPECT_EQ(level_of("verbose"), Level::debug);
    EXPECT_EQ(level_of("Error"), Level::error);
    EXPECT_EQ(level_of("CRITICAL"), Level::fatal);
}

}  // namespace
}  // namespace events::logging
