#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace events::test {

inline constexpr std::string_view kSampleTimestamp = "2026-03-01T12:00:00.123456Z";
inline constexpr std::string_view kSampleAmount = "12.50";

// Valid events as the reference publisher sends them: one line, fields in the contract's order.
// A bottom event without an amount has `null` there.

/// A `video.view`.
[[nodiscard]] std::string facebook_top(std::string_view event_id,
                                       std::string_view timestamp = kSampleTimestamp);
/// A `checkout.complete`: revenue, where there is an amount.
[[nodiscard]] std::string facebook_bottom(std::string_view event_id,
                                          std::string_view timestamp = kSampleTimestamp,
                                          std::optional<std::string_view> amount = kSampleAmount);
/// A `video.view`.
[[nodiscard]] std::string tiktok_top(std::string_view event_id,
                                     std::string_view timestamp = kSampleTimestamp);
/// A `purchase`: revenue, where there is an amount.
[[nodiscard]] std::string tiktok_bottom(std::string_view event_id,
                                        std::string_view timestamp = kSampleTimestamp,
                                        std::optional<std::string_view> amount = kSampleAmount);

}  // namespace events::test
