// What is written for somebody who sends events, as it stands: the programs of examples/send, and
// every event and command of docs/events.md.
#include "common/http/server.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/postgres_cluster.hpp"
#include "support/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <utility>
#include <vector>

namespace events::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::HasSubstr;

/// What stands between a sender and the gateway on a bad day: the first two requests are refused
/// for now, the third one's answer is lost.
class BadDay {
  public:
    explicit BadDay(std::uint16_t gateway) : gateway_{gateway} {}

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }
    [[nodiscard]] int requests() const { return requests_; }
    [[nodiscard]] bool all_packed() const { return all_packed_; }

  private:
    http::Router router() {
        http::Router router;
        router.add({.method = http::Method::post,
                    .path = "/events",
                    .handler = [this](http::Request& request) { return answer(request); },
                    .body_limit = 1 << 20,
                    .admission = {}});
        return router;
    }

    boost::asio::awaitable<http::Response> answer(http::Request& request) {
        all_packed_ = all_packed_ && request.header("Content-Encoding") == "gzip";
        switch (++requests_) {
            case 1:
                co_return http::Response{.status = 429, .headers = {{"Retry-After", "1"}}};
            case 2:
                co_return http::Response{.status = 503, .headers = {{"Retry-After", "1"}}};
            default:
                break;
        }
        http::Client client{"127.0.0.1", gateway_};
        const auto passed = client.send({.method = "POST",
                                         .target = request.target,
                                         .content_type = "application/json",
                                         .body = request.body,
                                         .headers = {{"Content-Encoding", "gzip"}}},
                                        kPatience);
        if (!passed || requests_ == 3) co_return http::Response{.status = 504};
        co_return http::Response{.status = passed->status, .body = passed->body};
    }

    std::uint16_t gateway_;
    std::atomic<int> requests_ = 0;
    std::atomic<bool> all_packed_ = true;
    logging::Logger log_{"bad-day", {.level = logging::Level::fatal}};
    metrics::Registry metrics_;
    http::Server server_{{.host = "127.0.0.1"}, router(), log_, metrics_};
};

std::filesystem::path example(std::string_view name) {
    return source_directory() / "examples/send" / name;
}

class Send : public ::testing::Test {
  protected:
    void SetUp() override { stack_.start_all(); }

    struct Told {
        int code;
        std::string text;
    };

    Told tell(std::vector<std::string> command) {
        const auto output = folder_.path() / "told";
        std::filesystem::remove(output);
        const auto status = run({.command = std::move(command),
                                 .environment = {{"GOCACHE", (folder_.path() / "go").string()},
                                                 {"GOPROXY", "off"},
                                                 {"GOTOOLCHAIN", "local"}},
                                 .output = output,
                                 .user = {}});
        return {status.code, read_file(output)};
    }

    /// The programs, each as a command that needs an address and a file.
    std::vector<std::vector<std::string>> programs() {
        const auto built = (folder_.path() / "send").string();
        const auto told = tell({"go", "build", "-o", built, example("send.go").string()});
        EXPECT_EQ(told.code, 0) << told.text;
        return {{example("send.sh").string()},
                {"/usr/bin/python3", example("send.py").string()},
                {"node", example("send.mjs").string()},
                {built}};
    }

    Told send(std::vector<std::string> program, std::uint16_t port, const std::string& body) {
        const auto file = (folder_.path() / "batch.json").string();
        std::ofstream{file} << body;
        program.push_back("http://127.0.0.1:" + std::to_string(port) + "/events");
        program.push_back(file);
        return tell(std::move(program));
    }

    Stack stack_;
    TemporaryDirectory folder_;
};

TEST_F(Send, EachProgramGetsItsBatchThroughOnABadDayAndItIsStoredOnce) {
    std::uint64_t acknowledged = 0;
    for (const auto& program : programs()) {
        SCOPED_TRACE(program.back());
        // Events of its own.
        auto batch = read_file(example("batch.json"));
        batch = std::regex_replace(batch, std::regex{"-first-"},
                                   "-of-" + std::to_string(acknowledged) + "-");
        BadDay between{stack_.port("gateway")};
        const auto told = send(program, between.port(), batch);
        EXPECT_EQ(told.code, 0) << told.text;
        EXPECT_EQ(between.requests(), 4) << told.text;
        EXPECT_TRUE(between.all_packed());
        EXPECT_THAT(told.text, HasSubstr(R"("saved":3,"failed":0)"));
        acknowledged += 3;
    }
    ASSERT_TRUE(stack_.await_rows(acknowledged));
}

TEST_F(Send, EachProgramTellsWhatWasNotStored) {
    for (const auto& program : programs()) {
        SCOPED_TRACE(program.back());
        const auto invalid = send(program, stack_.port("gateway"), R"([{"eventId":"fb-1"}])");
        EXPECT_EQ(invalid.code, 1) << invalid.text;
        EXPECT_THAT(invalid.text, HasSubstr("missing_field"));
        EXPECT_EQ(send(program, stack_.port("gateway"), "no JSON").code, 2);
    }
}

TEST_F(Send, EveryEventOfTheReferenceIsFoundByAReport) {
    const auto text = read_file(source_directory() / "docs/events.md");
    const std::regex block{"```json\n([^`]*)```"};
    std::uint64_t count = 0;
    std::vector<json> events;
    for (std::sregex_iterator at{text.begin(), text.end(), block}, end; at != end; ++at) {
        const auto answer = stack_.post((*at)[1].str());
        EXPECT_EQ(answer.body, R"({"saved":1,"failed":0})") << (*at)[1];
        events.push_back(json::parse((*at)[1].str()));
    }
    EXPECT_EQ(events.size(), 14U);
    ASSERT_TRUE(stack_.await_rows(events.size()));
    for (const auto& event : events) {
        const auto target = "/reports/events?source=" + event["source"].get<std::string>() +
                            "&funnelStage=" + event["funnelStage"].get<std::string>() +
                            "&eventType=" + event["eventType"].get<std::string>() +
                            "&from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:01Z";
        const auto found = stack_.report(target).at("count").get<std::uint64_t>();
        EXPECT_EQ(found, 1U) << target;
        count += found;
    }
    EXPECT_EQ(count, events.size());
}

TEST_F(Send, TheFirstCommandsOfTheReferenceWorkAsTheyStand) {
    const auto text = read_file(source_directory() / "docs/events.md");
    const auto begin = text.find("```sh\n") + 6;
    auto commands = text.substr(begin, text.find("\n```", begin) - begin);
    const auto with_port = [&](const std::string& usual, const std::string& daemon) {
        commands = std::regex_replace(commands, std::regex{"localhost:" + usual},
                                      "127.0.0.1:" + std::to_string(stack_.port(daemon)));
    };
    with_port("3001", "gateway");
    with_port("3004", "reporter");
    const auto split = commands.rfind("\ncurl");
    EXPECT_EQ(tell({"sh", "-c", commands.substr(0, split)}).text, R"({"saved":1,"failed":0})");
    ASSERT_TRUE(stack_.await_rows(1));
    EXPECT_EQ(tell({"sh", "-c", commands.substr(split + 1)}).text, R"({"count":1})");
}

}  // namespace
}  // namespace events::test
