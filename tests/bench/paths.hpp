#pragma once

#include <cstdint>
#include <string>

namespace events::bench {

/// Events in a round of bench_paths.
inline constexpr std::uint64_t kPathEvents = 1'000;

/// Instructions per event of a path of bench_paths, counted by callgrind: nearly the same on every
/// machine, however busy it is. `database` is the URL of a migrated one, for those that store.
/// Throws std::runtime_error with valgrind's output when it can't be counted.
[[nodiscard]] double count_instructions(const std::string& path, const std::string& database = {});

}  // namespace events::bench
