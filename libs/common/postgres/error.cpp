#include "common/postgres/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace events::postgres {
namespace {

constexpr std::string_view kHidden = "***";

/// Shorter words of a value are too common to say whose they are.
constexpr std::size_t kShortestWord = 4;

/// Part of a word; a byte of a character outside ASCII counts as a letter.
bool is_word_character(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) != 0;
}

bool is_ascii_digit(char c) {
    return c >= '0' && c <= '9';
}

bool same_letter(char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
}

/// Up to where a data exception may quote its value: in PostgreSQL's own languages that is behind a
/// quotation mark, a colon or a digit, and a mark may be outside ASCII.
std::string without_quotation(std::string_view message) {
    const auto value = std::ranges::find_if(message, [](char c) {
        return c == '"' || c == '\'' || c == ':' || is_ascii_digit(c) ||
               static_cast<unsigned char>(c) >= 0x80;
    });
    if (value == message.end()) return std::string{message};
    return fmt::format("{}{}", std::string_view{message.begin(), value}, kHidden);
}

/// Without the words that hold a digit: ages, amounts, times, most ids.
std::string without_numbers(std::string_view message) {
    std::string told;
    const auto is_blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
    for (auto rest = message; !rest.empty();) {
        const auto blank = std::ranges::find_if(rest, is_blank);
        const std::string_view word{rest.begin(), blank};
        told += std::ranges::any_of(word, &is_ascii_digit) ? kHidden : word;
        if (blank != rest.end()) told += *blank;
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    }
    return told;
}

bool is_class(std::string_view sqlstate, std::string_view prefix) {
    return sqlstate.starts_with(prefix);
}

template <std::size_t N>
bool is_one_of(std::string_view sqlstate, const std::array<std::string_view, N>& states) {
    return std::ranges::find(states, sqlstate) != states.end();
}

/// Undefined table, column, function, schema and object, and a key that is not there.
constexpr std::array<std::string_view, 6> kMissing{"42P01", "42703", "42883",
                                                   "3F000", "42704", "42P10"};

template <std::size_t N>
bool mentions(std::string_view text, const std::array<std::string_view, N>& words) {
    return std::ranges::any_of(
        words, [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

/// libpq's own words, which have no SQLSTATE; this process has no other language.
constexpr std::array<std::string_view, 3> kCertificateWords{"certificate", "SSL", "TLS"};
constexpr std::array<std::string_view, 2> kLoginWords{"password", "authentication"};

}  // namespace

std::string_view headline(Cause cause) noexcept {
    switch (cause) {
        case Cause::no_answer:
            return "the database does not answer";
        case Cause::not_ready:
            return "the database is not ready";
        case Cause::login:
            return "the database refuses the login";
        case Cause::certificate:
            return "the connection to the database is not trusted";
        case Cause::no_such_database:
            return "there is no such database";
        case Cause::no_right:
            return "a right is missing in the database";
        case Cause::no_such_object:
            return "something that we need is missing in the database";
        case Cause::read_only:
            return "the database is read-only";
        case Cause::locked:
            return "another session of the database holds a lock";
        case Cause::standby:
            return "a commit waits for a synchronous standby of the database";
        case Cause::exhausted:
            return "the database is short of room, memory or connections";
        case Cause::conflict:
            return "the database rolled the transaction back for another one";
        case Cause::too_slow:
            return "the database took too long";
        case Cause::failed:
            return "the database failed";
        case Cause::refused:
            return "the database refuses";
    }
    return "the database does not answer";
}

Cause cause_of(std::string_view sqlstate) noexcept {
    if (is_class(sqlstate, "28")) return Cause::login;
    if (sqlstate == "3D000") return Cause::no_such_database;
    if (sqlstate == "42501") return Cause::no_right;
    if (is_one_of(sqlstate, kMissing)) return Cause::no_such_object;
    if (sqlstate == "25006") return Cause::read_only;
    if (is_class(sqlstate, "55")) return Cause::locked;
    if (is_class(sqlstate, "53")) return Cause::exhausted;
    if (is_class(sqlstate, "40")) return Cause::conflict;
    if (sqlstate == "57014") return Cause::too_slow;
    if (is_class(sqlstate, "57") || sqlstate == "25P03") return Cause::not_ready;
    if (is_class(sqlstate, "58") || is_class(sqlstate, "XX")) return Cause::failed;
    // 26000: a pooler between threw our prepared statements away.
    if (sqlstate.empty() || is_class(sqlstate, "08") || sqlstate == "26000") {
        return Cause::no_answer;
    }
    return Cause::refused;
}

bool is_passing(std::string_view sqlstate) noexcept {
    const auto cause = cause_of(sqlstate);
    return cause != Cause::refused && cause != Cause::no_right && cause != Cause::no_such_object;
}

std::string describe(const ServerError& error) {
    auto told = error.message;
    if (is_class(error.sqlstate, "22") || error.sqlstate == "42601") {
        told = without_quotation(told);
    } else if (error.raised) {
        told = without_numbers(told);
    }
    if (error.sqlstate.empty()) return told;
    told += fmt::format(" (SQLSTATE {}", error.sqlstate);
    if (!error.table.empty()) told += fmt::format(", table {}", error.table);
    if (!error.column.empty()) told += fmt::format(", column {}", error.column);
    if (!error.constraint.empty()) told += fmt::format(", constraint {}", error.constraint);
    return told + ")";
}

void hide_value(std::string& text, std::string_view value) {
    if (value.empty()) return;
    auto from = text.begin();
    for (;;) {
        const auto found = std::search(from, text.end(), value.begin(), value.end(), &same_letter);
        if (found == text.end()) return;
        const auto end = found + static_cast<std::ptrdiff_t>(value.size());
        const bool goes_on =
            (found != text.begin() && is_word_character(*found) && is_word_character(found[-1])) ||
            (end != text.end() && is_word_character(end[-1]) && is_word_character(*end));
        if (goes_on) {
            from = found + 1;
            continue;
        }
        const auto place = found - text.begin();
        text.replace(found, end, kHidden);
        from = text.begin() + place + static_cast<std::ptrdiff_t>(kHidden.size());
    }
}

void hide_words(std::string& text, std::string_view value) {
    for (auto rest = value; !rest.empty();) {
        const auto first = std::ranges::find_if(rest, &is_word_character);
        const auto end = std::find_if_not(first, rest.end(), &is_word_character);
        const std::string_view word{first, end};
        if (word.size() >= kShortestWord) hide_value(text, word);
        rest.remove_prefix(static_cast<std::size_t>(end - rest.begin()));
    }
}

// `connection to server at "::1", port 5432 failed: FATAL:  28P01: password ...`, of each host a
// line, then LOCATION and the like. The severity is in the server's language.
ServerError read_login_error(std::string_view text) {
    ServerError error;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        for (auto at = line.find(":  "); at != std::string_view::npos;
             at = line.find(":  ", at + 1)) {
            const auto code = line.substr(at + 3, 5);
            const bool is_code = code.size() == 5 && std::ranges::all_of(code, [](char c) {
                                     return is_ascii_digit(c) || (c >= 'A' && c <= 'Z');
                                 });
            if (!is_code || line.substr(at + 8, 2) != ": ") continue;
            error.sqlstate = code;
            error.message = line.substr(at + 10);
            break;
        }
        // Without a code these are libpq's words, or further parts of the server's.
        if (error.sqlstate.empty() && error.message.empty()) error.message = line;
    }
    return error;
}

Cause cause_of_login_error(const ServerError& error) noexcept {
    if (!error.sqlstate.empty()) return cause_of(error.sqlstate);
    if (mentions(error.message, kCertificateWords)) return Cause::certificate;
    if (mentions(error.message, kLoginWords)) return Cause::login;
    return Cause::no_answer;
}

std::string readiness_of(const std::exception& error) {
    const auto* unavailable = dynamic_cast<const Unavailable*>(&error);
    if (unavailable == nullptr) return fmt::format("{}: {}", headline(Cause::failed), error.what());
    const auto cause = unavailable->cause();
    if (cause == Cause::no_answer) return std::string{headline(cause)};
    return fmt::format("{}: {}", headline(cause), error.what());
}

}  // namespace events::postgres
