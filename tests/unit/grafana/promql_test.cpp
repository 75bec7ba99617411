#include "support/promql.hpp"

#include <gtest/gtest.h>

namespace events::test {
namespace {

using Names = std::set<std::string>;

TEST(MetricNames, AreWhatAnExpressionReads) {
    EXPECT_EQ(metric_names("up"), Names{"up"});
    EXPECT_EQ(metric_names("rate(http_requests_total{job=\"a\",status=~\"5..\"}[5m])"),
              Names{"http_requests_total"});
    EXPECT_EQ(metric_names("spool_bytes / (spool_max_bytes > 0) or vector(0)"),
              (Names{"spool_bytes", "spool_max_bytes"}));
    EXPECT_EQ(metric_names("job:up:sum offset 5m unless on (job, instance) a_b == bool 1e3"),
              (Names{"a_b", "job:up:sum"}));
}

TEST(MetricNames, AreNeitherAggregatorsNorLabelsNorText) {
    EXPECT_EQ(metric_names("sum by (reason) (rate(a_total[$__rate_interval]))"), Names{"a_total"});
    EXPECT_EQ(metric_names("sum(rate(a_total[5m])) by (reason)"), Names{"a_total"});
    EXPECT_EQ(metric_names("max without(instance)(b) and ignoring (x) group_left (y) c"),
              (Names{"b", "c"}));
    EXPECT_EQ(metric_names("label_replace(vector(0), \"alertname\", \"no \\\"ne\", \"\", 'x')"),
              Names{});
    EXPECT_EQ(metric_names("d{name=\"}\"} # a comment\n* 2"), Names{"d"});
}

}  // namespace
}  // namespace events::test
