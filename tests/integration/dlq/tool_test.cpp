// The tool as its user runs it, but for replays.
#include "common/nats/api_request.hpp"
#include "dlq/letter_json.hpp"
#include "integration/dlq/broker.hpp"
#include "support/ports.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

namespace events::dlq::test {
namespace {

using namespace std::chrono_literals;
using events::test::read_file;
using events::test::run_tool;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ToolTest : public BrokerTest {
  protected:
    /// Five letters, of all subjects; the last two are an hour younger.
    void put_some() {
        failed_at_ -= 3h;
        put_raw(R"({"eventId":"fb-1"})");
        put_raw("no JSON", "malformed_json");
        put_of("dead.facebook", "refused_by_database", "c-2");
        failed_at_ += 2h;
        put_of("dead.tiktok", "wrong_type", "c-3");
        put_raw(R"({"eventId":"fb-2"})");
    }
    void put_of(const char* subject, const char* code, const char* correlation_id) {
        put({.subject = subject,
             .raw = "{}",
             .code = code,
             .reason = "a reason",
             .path = "",
             .correlation_id = correlation_id,
             .discriminator = {}});
    }
    std::vector<std::uint64_t> listed(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"list", "--json"});
        std::vector<std::uint64_t> sequences;
        for (const auto& object : tool(arguments).objects())
            sequences.push_back(object["sequence"]);
        return sequences;
    }

    events::test::TemporaryDirectory folder_;
};

TEST_F(ToolTest, ListsTheNewestFirst) {
    EXPECT_THAT(listed({}), ElementsAre());
    put_some();
    EXPECT_THAT(listed({}), ElementsAre(5U, 4U, 3U, 2U, 1U));
    EXPECT_THAT(listed({"--oldest"}), ElementsAre(1U, 2U, 3U, 4U, 5U));
    EXPECT_THAT(listed({"--limit", "2"}), ElementsAre(5U, 4U));
    EXPECT_THAT(listed({"--limit", "2", "--oldest"}), ElementsAre(1U, 2U));
}

TEST_F(ToolTest, ListsInOrderOverManyPortions) {
    put_all(std::vector<std::string>(1'500, "x"));
    const auto all = listed({"--limit", "0"});
    ASSERT_EQ(all.size(), 1'500U);
    EXPECT_EQ(all.front(), 1'500U);
    EXPECT_EQ(all.back(), 1U);
    EXPECT_TRUE(std::ranges::is_sorted(all, std::ranges::greater{}));
}

TEST_F(ToolTest, Filters) {
    put_some();
    EXPECT_THAT(listed({"--reason", "wrong_type,malformed_json"}), ElementsAre(4U, 2U));
    EXPECT_THAT(listed({"--source", "gateway"}), ElementsAre(5U, 2U, 1U));
    EXPECT_THAT(listed({"--source", "facebook"}), ElementsAre(3U));
    EXPECT_THAT(listed({"--since", "2h"}), ElementsAre(5U, 4U));
    EXPECT_THAT(listed({"--until", "2h"}), ElementsAre(3U, 2U, 1U));
    EXPECT_THAT(listed({"--correlation-id", "c-2"}), ElementsAre(3U));
    EXPECT_THAT(listed({"--sequence", "1,4-"}), ElementsAre(5U, 4U, 1U));
    EXPECT_THAT(listed({"--sequence", "1,4-", "--source", "tiktok"}), ElementsAre(4U));
}

TEST_F(ToolTest, SummarisesByReasonAndSubject) {
    put_some();
    const auto groups = tool({"summary", "--json"}).objects();
    ASSERT_EQ(groups.size(), 4U);
    EXPECT_EQ(groups[0]["code"], "missing_field");
    EXPECT_EQ(groups[0]["subject"], "dead.gateway");
    EXPECT_EQ(groups[0]["letters"], 2);
    EXPECT_EQ(groups[0]["bytes"], 36);
    const auto count = tool({"count", "--source", "gateway"});
    EXPECT_EQ(count.code, 0);
    EXPECT_THAT(count.last_line(), HasSubstr("3 letters, 43 bytes"));
}

TEST_F(ToolTest, ShowsALetterCompletely) {
    put_raw(R"({"eventId":"fb-1","data":{"user":{"name":3}}})");
    const auto shown = tool({"show", "1"});
    EXPECT_EQ(shown.code, 0);
    for (const auto* part : {"missing_field", "a reason", "data.user.name", "c-1",
                             ">       \"name\": 3", "dead.gateway"}) {
        EXPECT_THAT(shown.text, HasSubstr(part));
    }
    EXPECT_EQ(tool({"show", "2"}).code, 1);
}

TEST_F(ToolTest, LetsNoEscapeSequenceReachTheTerminal) {
    put({.subject = nats::kDeadLetterOfGateway,
         .raw = "\x1b]0;owned\x07{\"a\":\"\x1b[2J\xc2\x9b\xff\"}",
         .code = "malformed_\x1b[31mjson",
         .reason = "\x1b[2Jreason",
         .path = "\x1b[2Jpath",
         .correlation_id = "\x1b[2Jid",
         .discriminator = {}});
    for (const auto& arguments : std::vector<std::vector<std::string>>{{"list"},
                                                                       {"list", "--json"},
                                                                       {"show", "1"},
                                                                       {"summary"},
                                                                       {"summary", "--json"},
                                                                       {"export"},
                                                                       {"replay"}}) {
        const auto output = tool(arguments);
        EXPECT_EQ(output.code, 0);
        EXPECT_THAT(output.text, Not(HasSubstr("\x1b"))) << arguments.front();
        EXPECT_THAT(output.text, Not(HasSubstr("\x07"))) << arguments.front();
    }
}

TEST_F(ToolTest, ExportsEveryByte) {
    std::mt19937 random{1'122};
    std::vector<std::string> raws;
    for (int i = 0; i < 300; ++i) {
        std::string raw(random() % 2'000, '\0');
        const unsigned alphabet = i % 2 == 0 ? 256 : 128;
        std::ranges::generate(raw, [&] { return static_cast<char>(random() % alphabet); });
        raws.push_back(std::move(raw));
    }
    put_all(raws);
    const auto file = folder_.path() / "letters.ndjson";
    ASSERT_EQ(tool({"export", "--output", file.string()}).code, 0);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder_.path()}, {}), 1)
        << "no temporary file is left";
    EXPECT_EQ(std::filesystem::status(file).permissions() & std::filesystem::perms::others_all,
              std::filesystem::perms::none);

    std::istringstream lines{read_file(file)};
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        const auto letter = parse_export_line(line);
        ASSERT_TRUE(letter) << letter.error();
        EXPECT_EQ(letter->sequence, count + 1);
        EXPECT_EQ(letter->raw, raws.at(count));
    }
    EXPECT_EQ(count, raws.size());
    EXPECT_EQ(tool({"export", "--output", "/no/such/folder/file"}).code, 1);
}

// The file may have been corrected by hand.
TEST_F(ToolTest, ReplacesNoFileThatIsThereUnlessToldTo) {
    put_some();
    const auto file = (folder_.path() / "letters.ndjson").string();
    ASSERT_EQ(tool({"export", "--output", file}).code, 0);
    std::ofstream{file, std::ios::app} << "corrected\n";
    const auto refused = tool({"export", "--output", file});
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.text, HasSubstr(file + " is there already: --force replaces it"));
    EXPECT_THAT(read_file(file), HasSubstr("corrected"));
    EXPECT_EQ(tool({"export", "--output", file, "--force"}).code, 0);
    EXPECT_THAT(read_file(file), Not(HasSubstr("corrected")));
}

TEST_F(ToolTest, PurgesWhatTheFilterChoosesAndOnlyWhenTold) {
    put_some();
    const auto planned = tool({"purge", "--until", "2h"});
    EXPECT_EQ(planned.code, 0);
    EXPECT_THAT(planned.text, HasSubstr("3 of 5 letters would be deleted"));
    EXPECT_EQ(letters(), 5U);
    EXPECT_EQ(tool({"purge", "--apply"}).code, 2) << "of everything only by --all";
    EXPECT_EQ(letters(), 5U);
    EXPECT_THAT(tool({"purge", "--until", "2h", "--apply"}).text, HasSubstr("3 letters deleted"));
    EXPECT_THAT(listed({}), ElementsAre(5U, 4U));
    EXPECT_THAT(tool({"purge", "--all", "--apply"}).text, HasSubstr("2 letters deleted"));
    EXPECT_EQ(letters(), 0U);
    EXPECT_EQ(tool({"purge", "--all", "--apply"}).code, 0);
}

// SIGSEGV, SIGSEGV and exit 1: the JSON reader took the NUL for the end.
TEST_F(ToolTest, ShowsALetterWithANul) {
    for (const std::string_view raw : {std::string_view{"{}\0,", 4}, {"1\0\"", 3}, {"{}\0}", 4}}) {
        put_raw(raw, "malformed_body");
    }
    for (const auto* sequence : {"1", "2", "3"}) {
        const auto shown = tool({"show", sequence});
        EXPECT_EQ(shown.code, 0) << sequence;
        EXPECT_THAT(shown.text, HasSubstr("\\x00")) << sequence;
    }
    EXPECT_EQ(tool({"list"}).code, 0);
    EXPECT_EQ(tool({"replay"}).code, 0);
    EXPECT_EQ(tool({"export"}).objects().size(), 3U);
}

TEST_F(ToolTest, LeavesNoConsumerBehind) {
    put_some();
    ASSERT_EQ(tool({"list"}).code, 0);
    ASSERT_EQ(tool({"summary"}).code, 0);
    EXPECT_TRUE(events::test::await([&] {
        const auto names = nats::ask(client_.connection, "$JS.API.CONSUMER.NAMES.EVENTS_DEAD", "");
        return names.at("total") == 0;
    }));
}

TEST(Tool, SaysWhatIsWrongByItsExitCode) {
    const auto nobody = "nats://127.0.0.1:" + std::to_string(events::test::free_port());
    const auto unavailable = run_tool(nobody, {"list"});
    EXPECT_EQ(unavailable.code, 69);
    EXPECT_THAT(unavailable.text, HasSubstr("no connection to " + nobody));
    EXPECT_EQ(run_tool("http://nats", {"list"}).code, 78);
    EXPECT_EQ(run_tool(nobody, {"lst"}).code, 2);
    const auto help = run_tool(nobody, {"--help"});
    EXPECT_EQ(help.code, 0);
    EXPECT_THAT(help.text, HasSubstr("NATS_URL [nats://127.0.0.1:4222]"));
    EXPECT_THAT(run_tool(nobody, {"--version"}).text, HasSubstr("events-dlq "));
}

TEST(Tool, FindsNoLettersOnABrokerWithoutTheStream) {
    const events::test::NatsServer server;
    EXPECT_THAT(run_tool(server.url(), {"list"}).text, HasSubstr("0 letters"));
    EXPECT_EQ(run_tool(server.url(), {"replay", "--apply"}).code, 0);
    EXPECT_EQ(run_tool(server.url(), {"purge", "--all", "--apply"}).code, 0);
}

}  // namespace
}  // namespace events::dlq::test
