#pragma once

#include "common/logging/logger.hpp"

#include <cstdint>

/// For tests of the spool that are about neither its bound nor its log.
namespace events::test {

inline constexpr std::uint64_t kPlenty = std::uint64_t{1} << 30;
inline constexpr logging::Options kQuiet{.level = logging::Level::fatal};

}  // namespace events::test
