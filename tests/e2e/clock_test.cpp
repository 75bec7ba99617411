// The wall clock of a machine that is set, forward and back, while events come.
#include "load.hpp"
#include "retrying_sender.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/postgres_cluster.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

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
    EXPECT_EQ(received(stack, "> now()"), 0U) << "no later than the broker had them";
    EXPECT_TRUE(await([&] { return stack.is_ready("reporter"); }));
    EXPECT_EQ(stack.report("/reports/events").at("count"), expected.events());
    for (const auto* daemon : {"gateway", "fb-collector", "ttk-collector", "reporter"}) {
        EXPECT_TRUE(await([&] { return stack.is_ready(daemon); })) << daemon;
        EXPECT_EQ(stack.stop(daemon).code, 0) << daemon;
    }
}

/// Seconds from now to a moment.
std::chrono::seconds until(std::chrono::sys_days day) {
    return std::chrono::duration_cast<std::chrono::seconds>(day - std::chrono::system_clock::now());
}

struct WrongClockCase {
    std::string name;
    std::chrono::sys_days day;
};

class WrongClock : public ::testing::TestWithParam<WrongClockCase> {
  protected:
    static bool warned(const Stack& stack, const std::string& daemon,
                       const std::string& dependency) {
        return std::ranges::any_of(stack.log(daemon), [&](const nlohmann::json& line) {
            return line.value("dependency", "") == dependency && line.contains("ours") &&
                   line.contains("theirs") && line.at("level") == 40;
        });
    }
    static double offset(Stack& stack, const std::string& daemon, const std::string& dependency) {
        return stack.metric(daemon, "clock_offset_seconds{dependency=\"" + dependency + "\"}");
    }
};

// A gateway without a clock of its own took 1970 for now: each event was "in the future". In 2100
// it stamped every row with that year, and the delays' sum went to -4e12.
TEST_P(WrongClock, CostsNoEventAndIsTold) {
    Stack stack;
    WallClock clock;
    const auto wrong_by = until(GetParam().day);
    clock.set(wrong_by);
    for (const auto* daemon : {"gateway", "fb-collector", "ttk-collector", "reporter"}) {
        stack.start(daemon, clock.variables());
    }
    const auto answer = stack.post(make_batch(200).body);
    ASSERT_EQ(answer.status, 201U) << answer.body;
    EXPECT_EQ(nlohmann::json::parse(answer.body).at("saved"), 200) << answer.body;
    ASSERT_TRUE(stack.await_rows(200));
    EXPECT_EQ(received(stack, "BETWEEN now() - interval '1 hour' AND now()"), 200U);

    for (const auto& [daemon, dependency] :
         {std::pair{"gateway", "nats"}, std::pair{"fb-collector", "nats"},
          std::pair{"fb-collector", "postgres"}, std::pair{"reporter", "postgres"}}) {
        const auto is_told = [&, daemon = daemon, dependency = dependency] {
            const auto wrong =
                offset(stack, daemon, dependency) + static_cast<double>(wrong_by.count());
            return std::abs(wrong) < 60 && warned(stack, daemon, dependency);
        };
        EXPECT_TRUE(await(is_told)) << daemon << " " << dependency;
    }
    for (const auto* daemon : {"fb-collector", "ttk-collector"}) {
        const auto delays = stack.metric(daemon, "event_storage_delay_seconds_sum");
        EXPECT_GE(delays, 0) << daemon;
        EXPECT_LT(delays, 200 * 600.0) << daemon;
    }
}

INSTANTIATE_TEST_SUITE_P(Of, WrongClock,
                         ::testing::Values(WrongClockCase{"NeverSet", {1970y / 1 / 2}},
                                           WrongClockCase{"FarAhead", {2100y / 1 / 1}}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace events::test
