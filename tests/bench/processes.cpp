#include "processes.hpp"

#include "support/environment.hpp"

#include <fmt/format.h>

#include <time.h>
#include <unistd.h>

#include <charconv>
#include <sstream>
#include <system_error>
#include <vector>

namespace events::bench {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

CpuTime read_clock(clockid_t clock) {
    timespec time{};
    if (::clock_gettime(clock, &time) != 0) {
        throw std::system_error{errno, std::generic_category(), "clock_gettime"};
    }
    return seconds{time.tv_sec} + nanoseconds{time.tv_nsec};
}

std::string proc_file(pid_t pid, std::string_view name) {
    return test::read_file(fmt::format("/proc/{}/{}", pid, name));
}

std::vector<pid_t> children_of(pid_t parent) {
    std::istringstream list{proc_file(parent, fmt::format("task/{}/children", parent))};
    std::vector<pid_t> children;
    for (pid_t child = 0; list >> child;) children.push_back(child);
    return children;
}

template <typename Number>
std::optional<Number> to_number(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end == text.data()) return std::nullopt;
    return number;
}

}  // namespace

CpuTime cpu_time(pid_t pid) {
    clockid_t clock{};
    if (const auto error = ::clock_getcpuclockid(pid, &clock); error != 0) {
        throw std::system_error{error, std::generic_category(), "clock_getcpuclockid"};
    }
    return read_clock(clock);
}

CpuTime cpu_time_of_this_process() {
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

CpuTime cpu_time_of_this_thread() {
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

CpuTime cpu_time_of_thread(pthread_t thread) {
    clockid_t clock{};
    if (const auto error = ::pthread_getcpuclockid(thread, &clock); error != 0) {
        throw std::system_error{error, std::generic_category(), "pthread_getcpuclockid"};
    }
    return read_clock(clock);
}

CpuTime cpu_time_of_family(pid_t parent) {
    const auto ticks = parse_child_ticks(proc_file(parent, "stat")).value_or(0);
    const nanoseconds tick = nanoseconds{seconds{1}} / ::sysconf(_SC_CLK_TCK);
    auto total = cpu_time(parent) + static_cast<std::int64_t>(ticks) * tick;
    for (const auto child : children_of(parent)) {
        try {
            total += cpu_time(child);
        } catch (const std::system_error&) {  // it ended a moment ago; its parent has its time next
        }
    }
    return total;
}

CpuTimes spent(const CpuTimes& before, const CpuTimes& after) {
    CpuTimes difference;
    for (const auto& [name, time] : after) {
        if (const auto earlier = before.find(name); earlier != before.end()) {
            difference.emplace(name, time - earlier->second);
        }
    }
    return difference;
}

std::uint64_t resident_bytes(pid_t pid) {
    return parse_size_field(proc_file(pid, "status"), "VmRSS").value_or(0);
}

std::uint64_t resident_bytes_of_family(pid_t parent) {
    auto total = parse_size_field(proc_file(parent, "smaps_rollup"), "Pss").value_or(0);
    for (const auto child : children_of(parent)) {
        total += parse_size_field(proc_file(child, "smaps_rollup"), "Pss").value_or(0);
    }
    return total;
}

std::optional<std::uint64_t> parse_child_ticks(std::string_view stat) {
    // "<pid> (<name>) <state> ...": the name can hold anything, so count from its last ')'.
    const auto name_end = stat.rfind(") ");
    if (name_end == std::string_view::npos) return std::nullopt;
    std::istringstream fields{std::string{stat.substr(name_end + 2)}};
    constexpr int kChildUserTime = 16 - 3;  // proc(5) counts from 1, and the state is its third
    std::string field;
    for (int i = 0; i < kChildUserTime; ++i) fields >> field;
    std::uint64_t user = 0;
    std::uint64_t system = 0;
    if (!(fields >> user >> system)) return std::nullopt;
    return user + system;
}

std::optional<std::uint64_t> parse_size_field(std::string_view text, std::string_view name) {
    std::istringstream lines{std::string{text}};
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(name) || line[name.size()] != ':') continue;
        const auto digits = line.find_first_of("0123456789");
        if (digits == std::string::npos) return std::nullopt;
        const auto kilobytes = to_number<std::uint64_t>(std::string_view{line}.substr(digits));
        if (!kilobytes) return std::nullopt;
        return *kilobytes * 1024;
    }
    return std::nullopt;
}

}  // namespace events::bench
