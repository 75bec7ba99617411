#include "common/postgres/array_literal.hpp"

#include <fmt/format.h>

#include <iterator>

namespace events::postgres {

void ArrayLiteral::begin_element() {
    text_ += text_.empty() ? '{' : ',';
}

void ArrayLiteral::add(std::string_view text) {
    begin_element();
    text_ += '"';  // always: it makes NULL, "", spaces, commas and braces plain text
    while (true) {
        const auto special = text.find_first_of("\"\\");
        text_ += text.substr(0, special);
        if (special == std::string_view::npos) break;
        text_ += '\\';
        text_ += text[special];
        text.remove_prefix(special + 1);
    }
    text_ += '"';
}

void ArrayLiteral::add(std::int64_t number) {
    begin_element();
    fmt::format_to(std::back_inserter(text_), "{}", number);
}

void ArrayLiteral::add(Timestamp time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    const int year = static_cast<int>(date.year());
    begin_element();
    fmt::format_to(std::back_inserter(text_), "\"{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00{}\"",
                   year > 0 ? year : 1 - year, static_cast<unsigned>(date.month()),
                   static_cast<unsigned>(date.day()), clock.hours().count(),
                   clock.minutes().count(), clock.seconds().count(), clock.subseconds().count(),
                   year > 0 ? "" : " BC");
}

void ArrayLiteral::add_null() {
    begin_element();
    text_ += "NULL";
}

}  // namespace events::postgres
