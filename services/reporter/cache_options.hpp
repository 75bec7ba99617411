#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace events::reporter {

struct CacheOptions {
    std::string folder{};
    std::uint64_t max_file_bytes = 0;  ///< 0: no files
    std::uint64_t max_memory = 0;      ///< 0: in memory only for as long as a report needs it
    std::chrono::milliseconds max_wait{30'000};  ///< for a segment that others fetch
};

}  // namespace events::reporter
