#pragma once

namespace events::bench {

/// Measures the daemons' costs (costs.hpp) and compares them with tests/bench/baseline.json: prints
/// a line each, and returns EXIT_FAILURE when one costs more than its tolerance allows.
[[nodiscard]] int compare_with_baseline(int runs);

/// Measures them and writes them as the new baseline.
[[nodiscard]] int record_baseline(int runs);

}  // namespace events::bench
