#include "reporter/config.hpp"

#include "support/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Result {
    Config config;
    std::vector<std::string> problems;
    std::vector<config::Variable> variables;
};

Result read(std::map<std::string, std::string, std::less<>> variables) {
    const config::Environment environment{std::move(variables)};
    config::EnvReader reader{environment};
    auto config = read_config(reader);
    return {std::move(config), reader.problems(), reader.variables()};
}

TEST(ReporterConfig, HasDefaultsThatServe) {
    const auto result = read({});
    EXPECT_THAT(result.problems, IsEmpty());
    EXPECT_EQ(result.config.http.port, 3004);
    EXPECT_EQ(result.config.postgres.url.reveal(), "postgresql://postgres@127.0.0.1:5432/events");
    EXPECT_EQ(result.config.postgres.statement_timeout, 30s);
    EXPECT_EQ(result.config.pool.connections, 4U);
    EXPECT_EQ(result.config.pool.queue, 64U);
    EXPECT_EQ(result.config.pool.max_wait, 30s);
    EXPECT_EQ(result.config.cache.folder, "cache");
    EXPECT_EQ(result.config.cache.max_file_bytes, 4ULL << 30);
    EXPECT_EQ(result.config.cache.max_memory, 256ULL << 20);
    EXPECT_GE(result.config.threads, 1U);
}

TEST(ReporterConfig, CanDoWithoutACache) {
    const auto result =
        read({{"CACHE_DIR", "/dev/null/no"}, {"CACHE_MAX_BYTES", "0"}, {"CACHE_MEMORY", "0"}});
    EXPECT_THAT(result.problems, IsEmpty()) << "a folder that can't be made is no reason to stop";
    EXPECT_EQ(result.config.cache.max_file_bytes, 0U);
    EXPECT_EQ(result.config.cache.max_memory, 0U);
}

TEST(ReporterConfig, LimitsStatementsByTheShorterTimeout) {
    EXPECT_EQ(read({{"REPORT_TIMEOUT_MS", "500"}}).config.postgres.statement_timeout, 500ms);
    EXPECT_EQ(read({{"DATABASE_STATEMENT_TIMEOUT_MS", "700"}}).config.postgres.statement_timeout,
              700ms);
}

TEST(ReporterConfig, NamesEveryProblem) {
    const auto result = read({{"PORT", "x"}, {"REPORT_CONNECTIONS", "0"}, {"REPORT_QUEUE", "0"}});
    EXPECT_THAT(result.problems, ElementsAre(HasSubstr("PORT"), HasSubstr("REPORT_CONNECTIONS"),
                                             HasSubstr("REPORT_QUEUE")));
}

TEST(ReporterConfig, ReadsTokensAndQuotesNone) {
    EXPECT_THAT(read({}).config.tokens, IsEmpty());
    const auto good = read({{"REPORT_TOKENS", "old-token-0123456789,new-token-0123456789"}});
    ASSERT_EQ(good.config.tokens.size(), 2U);
    EXPECT_EQ(good.config.tokens[1].reveal(), "new-token-0123456789");
    const auto bad = read({{"REPORT_TOKENS", "hunter2"}});
    EXPECT_THAT(bad.problems, ElementsAre(::testing::Not(HasSubstr("hunter2"))));
}

TEST(EnvExample, ListsEveryVariableWithItsDefaultInTheOrderOfHelp) {
    std::ostringstream expected;
    const auto variables = read({}).variables;
    for (const auto& variable : variables) {
        expected << "# " << variable.description << "\n"
                 << variable.name << "=" << variable.default_text << "\n";
    }
    const auto text = test::read_file(EVENTS_SOURCE_DIR "/services/reporter/.env.example");
    // What stands before the first variable's comment introduces the file.
    const auto first = text.find("# " + variables.front().description);
    ASSERT_NE(first, std::string::npos) << "the file should end with:\n" << expected.str();
    EXPECT_EQ(text.substr(first), expected.str());
}

}  // namespace
}  // namespace events::reporter
