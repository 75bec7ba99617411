#pragma once

#include "dlq/console.hpp"
#include "dlq/replay_batch.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

namespace events::dlq {

/// Says and counts what a replay does: of the first letters a line each, of all others how many
/// there are of a kind. Single-threaded.
class ReplayReport {
  public:
    /// `apply`: whether it is done, or only planned.
    ReplayReport(Console& console, Progress& progress, bool apply)
        : console_{console}, progress_{progress}, apply_{apply} {}

    /// A letter that was looked at.
    void planned(const Letter& letter, const Plan& plan);
    void replayed(const Replayed& result);
    /// A corrected line whose letter is not there (any more), or is another one now.
    void not_there(std::uint64_t sequence, std::string_view why);

    void sum_up(bool interrupted);
    /// Whether something that was chosen stays.
    [[nodiscard]] bool is_complete() const noexcept { return stayed_ == 0 && other_ == 0; }

  private:
    /// `kind`: what it is counted as where it has no line.
    void say(std::uint64_t sequence, std::string_view verdict, std::string_view detail,
             std::string kind);
    void planned_events(const Letter& letter, const Plan& plan);

    Console& console_;
    Progress& progress_;
    bool apply_;

    std::size_t lines_ = 0;
    std::map<std::string, std::uint64_t> without_a_line_;  ///< by kind

    std::uint64_t letters_ = 0;
    std::uint64_t replayable_ = 0;
    std::uint64_t events_ = 0;
    std::uint64_t twins_ = 0;  ///< events that stand in a letter before, too
    std::uint64_t cut_ = 0;
    std::map<std::string, std::uint64_t> invalid_;  ///< by code
    std::uint64_t stayed_ = 0;
    std::uint64_t settled_ = 0;
    std::uint64_t published_ = 0;
    std::uint64_t known_ = 0;
    std::uint64_t leftovers_ = 0;
    std::uint64_t gone_ = 0;
    std::uint64_t other_ = 0;
    /// Which letter had an event first, by a hash of its JSON; of a plan only.
    std::unordered_map<std::string, std::uint64_t> first_;
};

}  // namespace events::dlq
