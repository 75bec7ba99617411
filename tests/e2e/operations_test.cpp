// What each daemon shows its operators.
#include "common/events/time.hpp"
#include "publisher/event_generator.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

namespace events::test {
namespace {

using nlohmann::json;

/// The names of all series in a daemon's /metrics, histograms by their stem.
std::set<std::string> metric_names(Stack& stack, const std::string& daemon) {
    std::set<std::string> names;
    std::istringstream text{stack.get(daemon, "/metrics").body};
    for (std::string line; std::getline(text, line);) {
        if (line.starts_with("# TYPE ")) names.insert(line.substr(7, line.find(' ', 7) - 7));
    }
    return names;
}

TEST(Operations, EveryDaemonHasTheSameSurfaceAndItsMetrics) {
    Stack stack;
    stack.start_all();
    stack.start("publisher", {{"MIN_EVENTS", "10"}, {"MAX_EVENTS", "20"}, {"INTERVAL_MS", "100"}});
    ASSERT_TRUE(await([&] { return stack.stored_rows() > 20; }));
    (void)stack.report("/reports/events");

    const std::map<std::string, std::set<std::string>> parts{
        {"publisher", {"gateway"}},
        {"gateway", {"nats", "spool", "events"}},
        {"fb-collector", {"nats", "consumer", "postgres"}},
        {"ttk-collector", {"nats", "consumer", "postgres"}},
        {"reporter", {"postgres"}}};
    const std::set<std::string> common{
        "http_requests_total",       "http_request_duration_seconds", "dependency_up",
        "process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
        "process_max_fds",           "process_start_time_seconds",    "build_info"};
    const std::set<std::string> of_collectors{"accepted_events_total",
                                              "processed_events_total",
                                              "failed_events_total",
                                              "duplicate_events_total",
                                              "erased_events_total",
                                              "dead_letter_events_total",
                                              "batch_size_events",
                                              "batch_store_seconds",
                                              "event_storage_delay_seconds",
                                              "consumer_pending_messages",
                                              "consumer_unacknowledged_messages",
                                              "parked_events",
                                              "clock_offset_seconds",
                                              "stream_fit"};
    const std::map<std::string, std::set<std::string>> own{
        {"publisher", {"published_events_total", "publish_failures_total"}},
        {"gateway",
         {"accepted_events_total", "processed_events_total", "failed_events_total",
          "dead_letter_events_total", "jetstream_publish_seconds", "inflight_events",
          "inflight_bytes", "stream_messages", "stream_bytes", "stream_max_bytes",
          "stream_oldest_age_seconds", "stream_fit", "clock_offset_seconds"}},
        {"fb-collector", of_collectors},
        {"ttk-collector", of_collectors},
        {"reporter", {"report_latency_seconds", "clock_offset_seconds"}}};
    for (const auto& [daemon, dependencies] : parts) {
        SCOPED_TRACE(daemon);
        const auto liveness = stack.get(daemon, "/liveness");
        EXPECT_EQ(liveness.status, 200U);
        const auto alive = json::parse(liveness.body);
        EXPECT_EQ(alive.at("status"), "ok");
        EXPECT_TRUE(parse_timestamp(alive.at("timestamp").get<std::string>()));

        const auto readiness = json::parse(stack.get(daemon, "/readiness").body);
        EXPECT_EQ(readiness.at("status"), "ok");
        EXPECT_EQ(readiness.at("error"), json::object());
        EXPECT_EQ(readiness.at("info").size(), dependencies.size());
        for (const auto& part : dependencies) {
            EXPECT_EQ(readiness.at("details").at(part).at("status"), "up") << part;
        }

        EXPECT_EQ(stack.get(daemon, "/metrics").header("Content-Type"),
                  "text/plain; version=0.0.4; charset=utf-8");
        const auto names = metric_names(stack, daemon);
        EXPECT_THAT(names, ::testing::IsSupersetOf(common));
        EXPECT_THAT(names, ::testing::IsSupersetOf(own.at(daemon)));

        // It waits for three seconds only, as an orchestrator does, which asks again.
        EXPECT_TRUE(await([&, &daemon = daemon] {
            return run({.command = {(bin_directory() / daemon).string(), "--health-check"},
                        .environment = {{"PORT", std::to_string(stack.port(daemon))}},
                        .output = {},
                        .user = {}})
                       .code == 0;
        }));
    }
}

TEST(Operations, EveryLogLineIsPinosObject) {
    Stack stack;
    stack.start_all();
    for (const auto* daemon : {"gateway", "fb-collector", "ttk-collector", "reporter"}) {
        EXPECT_EQ(stack.stop(daemon).code, 0);
        std::istringstream text{read_file(stack.log_file(daemon))};
        int lines = 0;
        for (std::string line; std::getline(text, line); ++lines) {
            const auto object = json::parse(line, nullptr, false);
            ASSERT_TRUE(object.is_object()) << daemon << ": " << line;
            for (const auto* field : {"level", "time", "pid"}) {
                EXPECT_TRUE(object.at(field).is_number()) << line;
            }
            for (const auto* field : {"hostname", "service", "msg"}) {
                EXPECT_TRUE(object.at(field).is_string()) << line;
            }
            EXPECT_EQ(object.at("service"), daemon);
        }
        EXPECT_GT(lines, 2) << daemon;
    }
}

}  // namespace
}  // namespace events::test
