#pragma once

#include "common/expected.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace events::gateway {

enum class GunzipError { malformed, too_large };

/// Inflates gzip data, of one or several members.
///
/// Shape   the result has events::kPadding readable bytes behind its end.
/// Errors  malformed: not gzip, cut short, wrong checksum, or bytes behind the last member;
///         too_large: more than `limit` bytes come out of it, found out while inflating.
[[nodiscard]] Expected<std::string, GunzipError> gunzip(std::string_view data, std::uint64_t limit);

}  // namespace events::gateway
