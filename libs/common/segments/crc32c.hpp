#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace events::segments {

/// CRC-32C (Castagnoli) of the bytes, as iSCSI and ext4 have it: of "123456789" it is 0xe3069283.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes) noexcept;

/// The same without the processor's instruction; for tests.
[[nodiscard]] std::uint32_t crc32c_portable(std::span<const std::byte> bytes) noexcept;

}  // namespace events::segments
