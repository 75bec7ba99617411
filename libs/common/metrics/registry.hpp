#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <map>
#include <memory>
#include <string>

namespace prometheus {
class Registry;
}

namespace events::metrics {

using Counter = prometheus::Counter;
using Gauge = prometheus::Gauge;
using Histogram = prometheus::Histogram;
using Labels = std::map<std::string, std::string>;
using Buckets = Histogram::BucketBoundaries;

/// 1 ms to 10 s, in seconds: for requests, reports and transactions.
[[nodiscard]] Buckets latency_buckets();

/// The metrics of one daemon, with the process' own and `build_info` in it from the start.
///
/// counter(), gauge() and histogram() take a mutex and a look-up: call them once at start, with
/// labels from a closed list, and keep the reference, which lives as long as the registry. The
/// same name and labels give the same metric. Thread-safe.
class Registry {
  public:
    /// `common`: labels of every metric, e.g. a collector's source. A metric's own label wins.
    explicit Registry(Labels common = {});
    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    [[nodiscard]] Counter& counter(const std::string& name, const std::string& help,
                                   const Labels& labels = {});
    [[nodiscard]] Gauge& gauge(const std::string& name, const std::string& help,
                               const Labels& labels = {});
    [[nodiscard]] Histogram& histogram(const std::string& name, const std::string& help,
                                       const Buckets& buckets, const Labels& labels = {});

    /// Everything in Prometheus' text format 0.0.4.
    [[nodiscard]] std::string text() const;

  private:
    [[nodiscard]] Labels with_common(Labels labels) const;

    Labels common_;
    std::unique_ptr<prometheus::Registry> registry_;
};

}  // namespace events::metrics
