#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace events::http {

/// A time as HTTP writes it (RFC 9110, 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT". Pure.
[[nodiscard]] std::string http_date(std::chrono::sys_seconds time);

/// The value of the answers' Date, written anew once a second. For one thread.
class CurrentDate {
  public:
    [[nodiscard]] std::string_view text();

  private:
    std::chrono::sys_seconds written_{};
    std::string text_;
};

}  // namespace events::http
