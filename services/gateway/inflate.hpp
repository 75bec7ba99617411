#pragma once

#include "common/expected.hpp"
#include "gateway/content.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace events::gateway {

enum class InflateError { malformed, too_large };

/// Unpacks a body: gzip data of one or several members, or deflate data, in zlib's format or bare.
/// `coding` is not identity.
///
/// Shape   the result has events::kPadding readable bytes behind its end.
/// Errors  malformed: another format, cut short, wrong checksum, or bytes behind the end;
///         too_large: more than `limit` bytes come out of it, found out while inflating.
[[nodiscard]] Expected<std::string, InflateError> inflate(std::string_view data, Coding coding,
                                                          std::uint64_t limit);

}  // namespace events::gateway
