// HTTP clients that none of us wrote (tests/clients), straight to the gateway and through the
// proxies that people put before it, by the files of deploy/proxies. The gateway is stopped, and
// killed, while they send: what was acknowledged is stored, once.
#include "../integration/http/raw_client.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/postgres_cluster.hpp"
#include "support/reverse_proxy.hpp"
#include "support/sample_events.hpp"

#include <fmt/chrono.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace events::test {
namespace {

using namespace std::chrono_literals;

/// A program of tests/clients on its way through its ways to send and its URLs.
class Client {
  public:
    Client(const std::filesystem::path& folder, std::vector<std::string> command,
           std::string script, const std::vector<std::string>& urls)
        : name_{std::move(script)}, acknowledged_{folder / (name_ + ".acknowledged")} {
        command.insert(command.end(), {(source_directory() / "tests/clients" / name_).string(),
                                       (folder / "template").string(), acknowledged_.string(),
                                       (folder / "stop").string()});
        command.insert(command.end(), urls.begin(), urls.end());
        process_ = std::make_unique<Process>(
            ProcessOptions{.command = std::move(command),
                           .environment = {{"PYTHONDONTWRITEBYTECODE", "1"},
                                           {"GOCACHE", (folder / "go").string()},
                                           {"GOPROXY", "off"},
                                           {"GOTOOLCHAIN", "local"}},
                           .output = folder / (name_ + ".log"),
                           .user = {}});
    }

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] Process& process() noexcept { return *process_; }
    [[nodiscard]] std::string log() const { return read_file(process_->output()); }

    /// The beginnings of the ids of the batches that were taken, and how many events each had.
    [[nodiscard]] std::vector<std::pair<std::string, int>> acknowledged() const {
        std::vector<std::pair<std::string, int>> batches;
        std::istringstream lines{read_file(acknowledged_)};
        std::string prefix;
        int count = 0;
        while (lines >> prefix >> count) batches.emplace_back(prefix, count);
        return batches;
    }

  private:
    std::string name_;
    std::filesystem::path acknowledged_;
    std::unique_ptr<Process> process_;
};

class Clients : public ::testing::Test {
  protected:
    void SetUp() override {
        const auto time =
            std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() - 1h);
        std::ofstream{folder_.path() / "template"} << facebook_top(
            "ID-OF-THE-EVENT", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(time)));
        stack_.start_all();
        std::vector<std::string> urls{events_of(stack_.port("gateway"))};
        for (const auto kind : {ProxyKind::nginx, ProxyKind::haproxy, ProxyKind::caddy}) {
            proxies_.emplace_back(kind, stack_.port("gateway"), stack_.port("reporter"));
            urls.push_back(events_of(proxies_.back().port()));
        }
        for (const auto* script : {"requests_client.py", "aiohttp_client.py", "curl_client.py"}) {
            // Debian's, which has Debian's packages, whatever stands first in PATH.
            add({"/usr/bin/python3"}, script, urls);
        }
        for (const auto* script : {"fetch_client.mjs", "agent_client.mjs"}) {
            add({"node"}, script, urls);
        }
        add({"go", "run"}, "go_client.go", urls);
    }

    void add(std::vector<std::string> command, const char* script,
             const std::vector<std::string>& urls) {
        clients_.emplace_back(folder_.path(), std::move(command), script, urls);
    }

    static std::string events_of(std::uint16_t port) {
        return "http://127.0.0.1:" + std::to_string(port) + "/events";
    }

    /// Waits until each client had so many of its batches taken as its ways and URLs are, once
    /// more.
    [[nodiscard]] bool await_round() {
        std::vector<std::size_t> wanted;
        for (const auto& client : clients_) wanted.push_back(client.acknowledged().size() + kRound);
        return await(
            [&] {
                for (std::size_t i = 0; i < clients_.size(); ++i) {
                    if (!clients_[i].process().running()) return true;  // which is told later
                    if (clients_[i].acknowledged().size() < wanted[i]) return false;
                }
                return true;
            },
            5min);
    }

    static constexpr std::size_t kRound = 4 * 8;  ///< of the client with the most ways

    TemporaryDirectory folder_;
    Stack stack_;
    std::deque<ReverseProxy> proxies_;
    std::deque<Client> clients_;
};

TEST_F(Clients, LoseNothingAndStoreNothingTwiceWhileTheGatewayRestarts) {
    ASSERT_TRUE(await_round());
    EXPECT_EQ(stack_.stop("gateway").code, 0);
    stack_.start("gateway");
    ASSERT_TRUE(await_round());
    stack_.kill("gateway");
    stack_.start("gateway");
    ASSERT_TRUE(await_round());

    std::ofstream{folder_.path() / "stop"} << "now";
    std::set<std::string> acknowledged;
    for (auto& client : clients_) {
        const auto status = client.process().wait(5min);
        EXPECT_TRUE(status && status->code == 0) << client.name() << "\n" << client.log();
        for (const auto& [prefix, count] : client.acknowledged()) {
            for (int i = 0; i < count; ++i) acknowledged.insert(prefix + "-" + std::to_string(i));
        }
    }
    ASSERT_TRUE(stack_.await_rows(acknowledged.size()));
    std::set<std::string> stored;
    std::istringstream rows{
        query(stack_.database(), "SELECT string_agg(event_id, ' ') FROM facebook_events")};
    for (std::string id; rows >> id;) {
        EXPECT_TRUE(stored.insert(id).second) << id << " is stored twice";
    }
    EXPECT_TRUE(stored == acknowledged);
}

// What balancers ask, as they write it. HAProxy's plain `option httpchk`, the first of the others,
// takes the answer for a server that is down: there is nothing at "/".
TEST(HealthChecks, OfBalancersAreAnswered) {
    Stack stack;
    stack.start("gateway");
    for (const auto* request :
         {"GET /readiness HTTP/1.1\r\nHost: 10.0.1.7:3001\r\nConnection: close\r\n"
          "User-Agent: ELB-HealthChecker/2.0\r\nAccept-Encoding: gzip, compressed\r\n\r\n",
          "GET /readiness HTTP/1.1\r\nHost: 10.0.1.7\r\nUser-Agent: GoogleHC/1.0\r\n"
          "Connection: Keep-Alive\r\n\r\n",
          "GET /readiness HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Edge Health Probe\r\n"
          "Connection: Keep-Alive\r\n\r\n",
          "GET /readiness HTTP/1.0\r\n\r\n", "HEAD /readiness HTTP/1.0\r\n\r\n",
          "GET https://gateway.example/readiness HTTP/1.1\r\nHost: gateway.example\r\n\r\n"}) {
        RawClient client{stack.port("gateway")};
        client.send(request);
        const auto answer = client.receive(std::string_view{request}.starts_with("HEAD"));
        ASSERT_TRUE(answer) << request;
        EXPECT_EQ(answer->status, 200U) << request;
        EXPECT_NE(answer->header("date"), "") << request;
    }
    RawClient plain{stack.port("gateway")};
    plain.send("OPTIONS / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(plain.receive().value().status, 404U);
}

class Proxies : public ::testing::TestWithParam<ProxyKind> {};

TEST_P(Proxies, KeepTheOperationsInsideAndShowTheReporterBelowAPath) {
    Stack stack;
    stack.start("gateway");
    stack.start("reporter");
    const ReverseProxy proxy{GetParam(), stack.port("gateway"), stack.port("reporter")};
    http::Client client{"127.0.0.1", proxy.port()};
    const auto status = [&](const std::string& target) {
        const auto answer = client.send({.target = target}, kPatience);
        return answer ? answer->status : 0U;
    };
    // Health checks let the daemons in.
    ASSERT_TRUE(await([&] { return status("/marketing/reports/events") == 200U; })) << proxy.log();
    ASSERT_TRUE(await([&] { return status("/events") == 405U; })) << proxy.log();
    EXPECT_EQ(status("/marketing/"), 200U);
    EXPECT_EQ(status("/marketing/docs"), 200U);
    EXPECT_EQ(status("/marketing/js/main.js"), 200U);
    for (const auto* inside :
         {"/metrics", "/readiness", "/liveness", "/events/metrics", "/marketing/metrics",
          "/marketing/metrics/", "/marketing/readiness", "/marketing/liveness"}) {
        EXPECT_EQ(status(inside), 404U) << inside;
    }
}

INSTANTIATE_TEST_SUITE_P(Each, Proxies,
                         ::testing::Values(ProxyKind::nginx, ProxyKind::haproxy, ProxyKind::caddy),
                         [](const auto& test) { return std::string{to_string(test.param)}; });

}  // namespace
}  // namespace events::test
