#pragma once

namespace events::test {

/// Whether a sanitizer runs, which keeps what is freed and shadows of it: no bound of memory holds.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace events::test
