// The wall clock of a machine that is set, forward and back, while events come.
#include "retrying_sender.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/postgres_cluster.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

namespace events::test {
namespace {

using namespace std::chrono_literals;

/// The wall clock of daemons that were started with variables(): libfaketime shifts what they read,
/// and leaves the steady clock alone, as the kernel does when somebody sets the time.
class WallClock {
  public:
    WallClock() { set(0s); }

    /// So far from the machine's clock, at once, for all of them.
    void set(std::chrono::seconds offset) {
        const auto next = folder_.path() / "next";
        std::ofstream{next} << fmt::format("{:+}", offset.count());
        std::filesystem::rename(next, file());
    }

    [[nodiscard]] Variables variables() const {
        return {
            {"LD_PRELOAD", "/usr/$LIB/faketime/libfaketimeMT.so.1"},  // ld.so puts in the folder
            {"FAKETIME_TIMESTAMP_FILE", file()},
            {"FAKETIME_NO_CACHE", "1"},
            {"FAKETIME_DONT_FAKE_MONOTONIC", "1"}};
    }

  private:
    [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "offset"; }

    TemporaryDirectory folder_;
};

std::uint64_t received(const Stack& stack, const std::string& when) {
    return std::stoull(query(stack.database(),
                             "SELECT count(*) FROM (SELECT received_at FROM facebook_events UNION "
                             "ALL SELECT received_at FROM tiktok_events) AS e WHERE received_at " +
                                 when));
}

TEST(ClockJump, UnderLoadAndOutagesLosesAndDoublesNothing) {
    Stack stack;
    WallClock clock;
    for (const auto* daemon : {"gateway", "fb-collector", "ttk-collector", "reporter"}) {
        auto variables = clock.variables();
        // What a killed broker had been told of its messages, and had not written, is lost with it.
        variables["ACK_WAIT_MS"] = "5000";
        stack.start(daemon, variables);
    }
    RetryingSender sender{stack, 21};
    const auto goes_on = [&] {
        const auto before = sender.posts();
        return await([&] { return sender.posts() > before + 3; });
    };
    ASSERT_TRUE(goes_on());
    // Less than a day: events from further in the future are refused, and rightly.
    for (const auto offset : {-3h, 3h, 0h}) {
        clock.set(offset);
        EXPECT_TRUE(goes_on());
        // What waits, repeats, connects and takes over does so by another clock.
        stack.nats().kill();
        EXPECT_TRUE(await([&] { return !stack.is_ready("gateway"); }));
        EXPECT_TRUE(goes_on());  // into the spool
        stack.nats().restart();
        EXPECT_TRUE(await([&] { return stack.is_ready("gateway"); }));
        postgres_cluster().kill();
        EXPECT_TRUE(await([&] { return !stack.is_ready("fb-collector"); }));
        postgres_cluster().restart();
        EXPECT_TRUE(goes_on());
    }
    const auto expected = sender.finish();
    EXPECT_TRUE(stack.await_rows(expected.events()));
    EXPECT_GT(received(stack, "< now() - interval '2 hours'"), 0U);
    EXPECT_GT(received(stack, "> now() + interval '2 hours'"), 0U);
    EXPECT_TRUE(await([&] { return stack.is_ready("reporter"); }));
    EXPECT_EQ(stack.report("/reports/events").at("count"), expected.events());
    for (const auto* daemon : {"gateway", "fb-collector", "ttk-collector", "reporter"}) {
        EXPECT_TRUE(await([&] { return stack.is_ready(daemon); })) << daemon;
        EXPECT_EQ(stack.stop(daemon).code, 0) << daemon;
    }
}

}  // namespace
}  // namespace events::test
