#pragma once

#include <pthread.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace events::bench {

/// User and system time together, of all threads, those that ended included.
using CpuTime = std::chrono::nanoseconds;

/// CPU time by the name that a process has in the results.
using CpuTimes = std::map<std::string, CpuTime>;

/// By the kernel's CPU clock of the process, which has the nanoseconds of /proc/<pid>/schedstat for
/// all threads. Throws std::system_error when there is no such process.
[[nodiscard]] CpuTime cpu_time(pid_t pid);
[[nodiscard]] CpuTime cpu_time_of_this_process();
[[nodiscard]] CpuTime cpu_time_of_this_thread();
/// Of another thread of this process, which must not have been joined.
[[nodiscard]] CpuTime cpu_time_of_thread(pthread_t thread);

/// A server and its child processes (PostgreSQL's backends): the living by their clocks, and those
/// that ended by what /proc/<pid>/stat adds up for the parent, in ticks of 10 ms.
[[nodiscard]] CpuTime cpu_time_of_family(pid_t parent);

/// What each process spent between two readings; a process that is in one of them only is left out.
[[nodiscard]] CpuTimes spent(const CpuTimes& before, const CpuTimes& after);

/// Resident bytes of a process, shared pages included.
[[nodiscard]] std::uint64_t resident_bytes(pid_t pid);
/// Of a server and its children, each shared page once (the sum of their proportional sizes).
[[nodiscard]] std::uint64_t resident_bytes_of_family(pid_t parent);

/// The clock ticks that a process' ended children spent, from /proc/<pid>/stat; nothing when the
/// text is not such a line. Pure.
[[nodiscard]] std::optional<std::uint64_t> parse_child_ticks(std::string_view stat);

/// The bytes of a field such as "Pss" in /proc/<pid>/smaps_rollup or .../status, which are in kB;
/// nothing when it isn't there. Pure.
[[nodiscard]] std::optional<std::uint64_t> parse_size_field(std::string_view text,
                                                            std::string_view name);

}  // namespace events::bench
