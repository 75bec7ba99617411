// Clients that keep a daemon busy with nothing: slow ones, silent ones, many at a time. Who means
// it gets an answer meanwhile, and the daemon's memory has a bound.
#include "integration/http/raw_client.hpp"
#include "load.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/sanitized.hpp"
#include "support/zlib.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace events::test {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

/// The most memory that the daemon ever had, in bytes (VmHWM).
std::size_t peak_memory(Stack& stack, const std::string& daemon) {
    std::istringstream status{
        read_file("/proc/" + std::to_string(stack.process(daemon).pid()) + "/status")};
    for (std::string word; status >> word;) {
        std::size_t kilobytes = 0;
        if (word == "VmHWM:" && status >> kilobytes) return kilobytes * 1024;
    }
    throw std::runtime_error{"no VmHWM of " + daemon};
}

void expect_peak(Stack& stack, const std::string& daemon, std::size_t bound) {
    const auto peak = peak_memory(stack, daemon);
    ::testing::Test::RecordProperty("peak_mib", static_cast<int>(peak / kMiB));
    std::printf("peak memory of %s: %zu MiB\n", daemon.c_str(), peak / kMiB);
    if (!kSanitized) {
        EXPECT_LT(peak, bound);
    }
}

/// What a daemon does to some 3 GB takes minutes where each byte is watched.
constexpr std::size_t fewer_if_sanitized(std::size_t count) {
    return kSanitized ? count / 5 : count;
}

/// As many descriptors as this process may have; the daemons that it starts inherit that.
std::size_t raise_descriptor_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<std::size_t>(limit.rlim_cur);
}

std::vector<RawClient> connected(Stack& stack, const std::string& daemon, std::size_t count,
                                 std::string_view greeting) {
    std::vector<RawClient> clients;
    clients.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        clients.emplace_back(stack.port(daemon)).send(greeting);
    }
    return clients;
}

std::string packed_post(const std::string& packed) {
    return request("POST", "/events", packed, "Content-Encoding: gzip\r\n");
}

class HostileLoad : public ::testing::Test {
  protected:
    static void SetUpTestSuite() { raise_descriptor_limit(); }

    /// What one who means it sees.
    void expect_saved(std::uint64_t seed) {
        const auto response = stack_.post(make_batch(10, seed).body);
        EXPECT_EQ(response.status, 201U) << response.body;
    }

    Stack stack_;
};

TEST_F(HostileLoad, HeadersByteByByteKeepNobodyOut) {
    stack_.start("gateway", {{"HTTP_HEADER_TIMEOUT_MS", "5000"}});
    auto slow = connected(stack_, "gateway", 1'000, "P");
    const std::string header = "OST /events HTTP/1.1\r\nX-Slow: ";
    for (std::uint64_t round = 1; round <= 20; ++round) {
        for (auto& client : slow) client.send(header.substr(round - 1, 1));
        expect_saved(round);
    }
    for (auto& client : slow) {
        const auto response = client.receive();
        ASSERT_TRUE(response.has_value());
        EXPECT_EQ(response->status, 408U);
    }
    expect_saved(21);
    expect_peak(stack_, "gateway", 128 * kMiB);
}

TEST_F(HostileLoad, BodiesByteByByteKeepNobodyOut) {
    stack_.start("gateway", {{"HTTP_BODY_TIMEOUT_MS", "5000"}});
    auto slow = connected(stack_, "gateway", 1'000,
                          "POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
    for (std::uint64_t round = 1; round <= 20; ++round) {
        for (auto& client : slow) client.send(" ");
        expect_saved(round);
    }
    for (auto& client : slow) {
        const auto response = client.receive();
        ASSERT_TRUE(response.has_value());
        EXPECT_EQ(response->status, 408U);
    }
    EXPECT_TRUE(await([&] { return stack_.metric("gateway", "inflight_bytes") == 0; }));
    expect_peak(stack_, "gateway", 128 * kMiB);
}

TEST_F(HostileLoad, TenThousandSilentConnectionsKeepNobodyOut) {
    // Both ends' descriptors are bounded by this machine's hard limit.
    const auto count = std::min<std::size_t>(10'000, raise_descriptor_limit() - 500);
    std::printf("%zu connections\n", count);
    stack_.start("gateway");
    std::vector<RawClient> silent;
    silent.reserve(count);
    for (std::size_t i = 1; i <= count; ++i) {
        silent.emplace_back(stack_.port("gateway"));
        if (i % 1'000 == 0) expect_saved(i);
    }
    expect_saved(count + 1);
    EXPECT_TRUE(await([&] {
        return stack_.metric("gateway", "http_evicted_connections_total") > 0 || count < 4'096;
    }));
    EXPECT_EQ(stack_.get("gateway", "/readiness").status, 200U);
    expect_peak(stack_, "gateway", 192 * kMiB);
}

TEST_F(HostileLoad, ADaemonWithFewDescriptorsKeepsSomeForItself) {
    // As a service manager's default is: fewer than the connections that are configured.
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    auto few = before;
    few.rlim_cur = 512;
    ::setrlimit(RLIMIT_NOFILE, &few);
    stack_.start("gateway", {{"HTTP_MAX_CONNECTIONS", "900"}});
    ::setrlimit(RLIMIT_NOFILE, &before);
    const auto silent = connected(stack_, "gateway", 1'200, "");
    // A new connection to the broker needs a descriptor.
    stack_.nats().kill();
    EXPECT_TRUE(await([&] { return !stack_.is_ready("gateway"); }));
    stack_.nats().restart();
    EXPECT_TRUE(await([&] { return stack_.is_ready("gateway"); }));
    expect_saved(1);
}

/// A thousand times as large when it is inflated.
struct Bombs {
    std::string over = pack(std::string(60 * kMiB, ' '));   ///< MAX_BODY_BYTES
    std::string below = pack(std::string(40 * kMiB, ' '));  ///< MAX_BODY_BYTES, and no JSON
};

TEST_F(HostileLoad, AGzipBombIsRefused) {
    stack_.start("gateway");
    const Bombs bombs;
    ASSERT_LT(bombs.over.size() * 500, 60 * kMiB);
    RawClient client{stack_.port("gateway")};
    client.send(packed_post(bombs.over) + packed_post(bombs.below) + packed_post(pack(bombs.over)));
    EXPECT_EQ(client.receive()->status, 413U);
    EXPECT_EQ(client.receive()->status, 400U);
    EXPECT_EQ(client.receive()->status, 400U);
    expect_saved(1);
    expect_peak(stack_, "gateway", 256 * kMiB);
}

TEST_F(HostileLoad, ManyGzipBombsStayWithinTheBytesInFlight) {
    stack_.start("gateway");
    const Bombs bombs;
    std::vector<RawClient> many;
    for (std::size_t i = 0; i < fewer_if_sanitized(60); ++i) {
        const auto& bomb = i % 2 == 0 ? bombs.over : bombs.below;
        many.emplace_back(stack_.port("gateway")).send(packed_post(bomb));
    }
    for (auto& client : many) {
        const auto response = client.receive();
        ASSERT_TRUE(response.has_value());
        EXPECT_NE(response->status, 201U);
    }
    expect_saved(1);
    expect_peak(stack_, "gateway", 512 * kMiB);
}

TEST_F(HostileLoad, AnswersThatNobodyTakesKeepNobodyOut) {
    stack_.start("fb-collector");  // makes the tables
    stack_.start("reporter", {{"HTTP_MAX_UNSENT_BYTES", "32MiB"}});
    // Several each: the system's own buffers take the first ones.
    constexpr std::string_view kScript = "/vendor/swagger-ui/swagger-ui-bundle.js";
    std::string requests;
    for (int i = 0; i < 8; ++i) requests += request("GET", kScript);
    const auto greedy = connected(stack_, "reporter", fewer_if_sanitized(400), requests);
    EXPECT_TRUE(
        await([&] { return stack_.metric("reporter", "http_evicted_connections_total") > 0; }));
    EXPECT_EQ(stack_.get("reporter", std::string{kScript}).status, 200U);
    EXPECT_EQ(stack_.get("reporter", "/reports/events").status, 200U);
    expect_peak(stack_, "reporter", 192 * kMiB);
}

TEST_F(HostileLoad, OverloadIsRefusedAtOnce) {
    stack_.start("gateway", {{"MAX_BODY_BYTES", "1MiB"},
                             {"MAX_INFLIGHT_BYTES", "1MiB"},
                             {"HTTP_BODY_TIMEOUT_MS", "300000"}});
    const auto large = make_batch(1'500).body;
    ASSERT_GT(large.size(), 600U << 10);
    const auto post = request("POST", "/events", large, "Content-Type: application/json\r\n");
    RawClient first{stack_.port("gateway")};
    // It stays in hand for its last byte, however long the others take.
    ASSERT_TRUE(first.send(std::string_view{post}.substr(0, post.size() - 1)));
    // A body counts as far as it has come.
    ASSERT_TRUE(await([&] {
        return stack_.metric("gateway", "inflight_bytes") >= static_cast<double>(large.size() - 1);
    }));
    for (int i = 0; i < 300; ++i) {
        RawClient client{stack_.port("gateway")};
        // Its header only: the refusal does not wait for the body.
        client.send("POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                    std::to_string(large.size()) + "\r\n\r\n");
        const auto response = client.receive();
        ASSERT_TRUE(response.has_value());
        ASSERT_EQ(response->status, 503U);
        ASSERT_FALSE(response->header("retry-after").empty());
    }
    ASSERT_TRUE(first.send(std::string_view{post}.substr(post.size() - 1)));
    const auto saved = first.receive();
    ASSERT_TRUE(saved.has_value());
    EXPECT_EQ(saved->status, 201U);
    EXPECT_TRUE(await([&] { return stack_.metric("gateway", "inflight_bytes") == 0; }));
    expect_peak(stack_, "gateway", 128 * kMiB);
}

TEST_F(HostileLoad, AnnouncedBodiesThatNeverComeKeepNobodyOut) {
    stack_.start("gateway");
    std::vector<std::vector<RawClient>> liars;
    for (const auto* length : {"50000000", "10000000", "1000000", "100000", "10000", "1000"}) {
        liars.push_back(connected(stack_, "gateway", 200,
                                  "POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                                      std::string{length} + "\r\n\r\n"));
    }
    ASSERT_TRUE(await([&] { return stack_.metric("gateway", "process_open_fds") > 1'200; }));
    expect_saved(1);
}

}  // namespace
}  // namespace events::test
