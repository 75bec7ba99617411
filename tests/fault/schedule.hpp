#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace events::test {

/// A kind of fault, and what it can hit.
struct FaultKind {
    std::string_view name;
    std::vector<std::string_view> targets;
    std::string_view meaning;
    bool needs_disks = false;
    bool needs_read_only_disks = false;
    bool is_upkeep = false;      ///< a run with Upkeep does it all the time
    bool needs_cluster = false;  ///< else it needs a single NATS server, where that matters
};

/// Every kind there is.
[[nodiscard]] std::span<const FaultKind> fault_kinds();

struct Fault {
    std::string kind;
    std::string target;
    std::chrono::milliseconds duration{};  ///< until it is healed
    std::chrono::milliseconds lead{};      ///< quiet time before it

    friend bool operator==(const Fault&, const Fault&) = default;
};

/// An endless sequence of faults: in turns, each once, in an order that the seed decides; the same
/// seed and kinds give the same sequence. `brief`: one target of each kind in a turn, for a short
/// time.
class Schedule {
  public:
    Schedule(std::uint64_t seed, std::vector<FaultKind> kinds, bool brief);

    [[nodiscard]] Fault next();
    /// Whether a turn is over: each fault was given as often as every other.
    [[nodiscard]] bool at_turn() const noexcept { return turn_.empty(); }

  private:
    void begin_turn();
    /// From 0 to below `bound`.
    std::uint64_t choose(std::uint64_t bound) { return random_() % bound; }

    std::mt19937_64 random_;
    std::vector<FaultKind> kinds_;
    bool brief_;
    std::vector<Fault> turn_;  ///< the next one last
};

}  // namespace events::test
