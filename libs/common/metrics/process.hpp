#pragma once

#include <prometheus/metric_family.h>

#include <vector>

namespace events::metrics {

/// The standard process metrics, read from /proc at each call: process_cpu_seconds_total,
/// process_resident_memory_bytes, process_open_fds, process_max_fds, process_start_time_seconds,
/// process_threads. A figure that cannot be read is left out. Thread-safe.
[[nodiscard]] std::vector<prometheus::MetricFamily> collect_process_metrics();

}  // namespace events::metrics
