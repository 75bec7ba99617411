#include "common/metrics/process.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>

namespace events::metrics {
namespace {

/// What proc(5) says of /proc/self/stat, with the units turned into seconds and bytes.
struct Stat {
    double cpu_seconds = 0;
    double threads = 0;
    double start_seconds_after_boot = 0;
    double resident_bytes = 0;
};

std::optional<Stat> read_stat() {
    std::ifstream file{"/proc/self/stat"};
    std::string line;
    if (!std::getline(file, line)) return std::nullopt;
    // The second field is the program's name in parentheses and may hold anything.
    const auto name_end = line.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream rest{line.substr(name_end + 1)};
    const std::vector<std::string> fields{std::istream_iterator<std::string>{rest}, {}};
    constexpr std::size_t kFirst = 3;  // the number that proc(5) gives to fields[0]
    constexpr std::size_t kUserTime = 14 - kFirst;
    constexpr std::size_t kSystemTime = 15 - kFirst;
    constexpr std::size_t kThreads = 20 - kFirst;
    constexpr std::size_t kStartTime = 22 - kFirst;
    constexpr std::size_t kResidentPages = 24 - kFirst;
    if (fields.size() <= kResidentPages) return std::nullopt;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    return Stat{
        .cpu_seconds = (std::stod(fields[kUserTime]) + std::stod(fields[kSystemTime])) / ticks,
        .threads = std::stod(fields[kThreads]),
        .start_seconds_after_boot = std::stod(fields[kStartTime]) / ticks,
        .resident_bytes =
            std::stod(fields[kResidentPages]) * static_cast<double>(::sysconf(_SC_PAGESIZE)),
    };
}

std::optional<double> read_boot_time() {
    std::ifstream file{"/proc/stat"};
    std::string key;
    double value = 0;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words{line};
        if (words >> key >> value && key == "btime") return value;
    }
    return std::nullopt;
}

double count_open_descriptors() {
    double count = 0;
    std::error_code error;
    for (std::filesystem::directory_iterator entry{"/proc/self/fd", error}, end;
         !error && entry != end; entry.increment(error)) {
        ++count;
    }
    return count - 1;  // the listing's own descriptor
}

prometheus::MetricFamily family(const char* name, const char* help, prometheus::MetricType type,
                                double value) {
    prometheus::ClientMetric metric;
    if (type == prometheus::MetricType::Counter) {
        metric.counter.value = value;
    } else {
        metric.gauge.value = value;
    }
    return {name, help, type, {metric}};
}

}  // namespace

std::vector<prometheus::MetricFamily> collect_process_metrics() {
    using prometheus::MetricType;
    std::vector<prometheus::MetricFamily> families;
    const auto add = [&families](const char* name, const char* help, MetricType type,
                                 double value) {
        families.push_back(family(name, help, type, value));
    };
    if (const auto stat = read_stat()) {
        add("process_cpu_seconds_total", "User and system CPU time spent, in seconds.",
            MetricType::Counter, stat->cpu_seconds);
        add("process_resident_memory_bytes", "Resident memory size in bytes.", MetricType::Gauge,
            stat->resident_bytes);
        add("process_threads", "Number of threads.", MetricType::Gauge, stat->threads);
        if (const auto boot = read_boot_time()) {
            add("process_start_time_seconds",
                "Start time of the process since the Unix epoch, in seconds.", MetricType::Gauge,
                *boot + stat->start_seconds_after_boot);
        }
    }
    add("process_open_fds", "Number of open file descriptors.", MetricType::Gauge,
        count_open_descriptors());
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        add("process_max_fds", "Maximum number of open file descriptors.", MetricType::Gauge,
            static_cast<double>(limit.rlim_cur));
    }
    return families;
}

}  // namespace events::metrics
