#pragma once

#include "common/segments/plan.hpp"
#include "common/segments/question.hpp"

#include <cstddef>
#include <span>
#include <stdexcept>
#include <stop_token>

namespace events::segments {

struct ScanOptions {
    std::size_t threads = 1;  ///< the caller's and those that it starts
    Seed seed{};
    std::stop_token stop{};
};

/// A scan that was asked to stop.
class Stopped : public std::runtime_error {
  public:
    Stopped() : std::runtime_error{"the scan was stopped"} {}
};

/// Answers a question about the events of the segments, of any sources, days and sizes: exactly, as
/// counting the events' rows would. All of a question's figures come from one look at each row,
/// but for the series of groups, which take a second one.
///
/// Cost    grows with the segments' rows that the question's range can hold; memory with the
///         number of groups, and of groups in the answer times buckets.
/// Errors  Stopped.
[[nodiscard]] Answer scan(const Question& question, std::span<const ScanInput> inputs,
                          const ScanOptions& options);

}  // namespace events::segments
