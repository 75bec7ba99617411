#include "common/http/date.hpp"

#include <fmt/chrono.h>

namespace events::http {

std::string http_date(std::chrono::sys_seconds time) {
    return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(time));
}

std::string_view CurrentDate::text() {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (now != written_) {
        text_ = http_date(now);
        written_ = now;
    }
    return text_;
}

}  // namespace events::http
