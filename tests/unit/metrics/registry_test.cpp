#include "common/metrics/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace events::metrics {
namespace {

using ::testing::HasSubstr;

TEST(MetricsRegistry, HasTheProcessMetricsAndTheBuildFromTheStart) {
    const Registry registry;
    const auto text = registry.text();
    for (const auto* name :
         {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
          "process_start_time_seconds", "process_max_fds", "build_info{"}) {
        EXPECT_THAT(text, HasSubstr(std::string{"\n"} + name)) << name;
    }
}

TEST(MetricsRegistry, GivesTheSameMetricForTheSameNameAndLabels) {
    Registry registry;
    auto& first = registry.counter("processed_events_total", "Events.", {{"source", "tiktok"}});
    auto& again = registry.counter("processed_events_total", "Events.", {{"source", "tiktok"}});
    auto& other = registry.counter("processed_events_total", "Events.", {{"source", "facebook"}});
    EXPECT_EQ(&first, &again);
    EXPECT_NE(&first, &other);
    first.Increment(3);
    EXPECT_THAT(registry.text(), HasSubstr("processed_events_total{source=\"tiktok\"} 3"));
    EXPECT_THAT(registry.text(), HasSubstr("processed_events_total{source=\"facebook\"} 0"));
}

TEST(MetricsRegistry, GivesEveryMetricTheCommonLabelsUnlessItHasThemItself) {
    Registry registry{{{"source", "tiktok"}}};
    registry.gauge("parked_events", "Events.", {{"day", "monday"}}).Set(2);
    registry.counter("erased_events_total", "Events.", {{"source", "facebook"}}).Increment();
    registry.histogram("batch_size_events", "Events.", {1}).Observe(1);
    const auto text = registry.text();
    for (const auto* line : {"parked_events{day=\"monday\",source=\"tiktok\"} 2",
                             "erased_events_total{source=\"facebook\"} 1",
                             "batch_size_events_sum{source=\"tiktok\"} 1",
                             "process_open_fds{source=\"tiktok\"} ", "\"tiktok\",version="}) {
        EXPECT_THAT(text, HasSubstr(line));
    }
}

TEST(MetricsRegistry, WritesHistogramsWithTheirBuckets) {
    Registry registry;
    auto& histogram = registry.histogram("report_latency_seconds", "Latency.", latency_buckets(),
                                         {{"category", "events"}});
    histogram.Observe(0.003);
    const auto text = registry.text();
    EXPECT_THAT(text, HasSubstr("report_latency_seconds_count{category=\"events\"} 1"));
    EXPECT_THAT(text,
                HasSubstr("report_latency_seconds_bucket{category=\"events\",le=\"0.005\"} 1"));
    EXPECT_THAT(text,
                HasSubstr("report_latency_seconds_bucket{category=\"events\",le=\"0.001\"} 0"));
}

}  // namespace
}  // namespace events::metrics
