#include "support/promql.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace events::test {
namespace {

constexpr std::array<std::string_view, 6> kLabelLists{"by",       "without",    "on",
                                                      "ignoring", "group_left", "group_right"};
constexpr std::array<std::string_view, 8> kWords{"and",    "or",    "unless", "bool",
                                                 "offset", "atan2", "inf",    "nan"};

bool is_space(char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0;
}
bool is_digit(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}
bool is_name(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':';
}

class Reader {
  public:
    explicit Reader(std::string_view text) : left_{text} {}

    std::set<std::string> names() {
        while (!left_.empty()) step();
        return std::move(names_);
    }

  private:
    void step() {
        const char c = left_.front();
        if (c == '"' || c == '\'' || c == '`') {
            skip_text();
        } else if (c == '{' || c == '[') {
            skip_until(c == '{' ? '}' : ']');
        } else if (c == '#') {
            left_.remove_prefix(std::min(left_.find('\n'), left_.size()));
        } else if (is_digit(c) || c == '$') {
            left_.remove_prefix(1);
            static_cast<void>(word());  // 5m, 1e3; $__range
        } else if (is_name(c)) {
            take_word();
        } else {
            left_.remove_prefix(1);
        }
    }

    std::string_view word() {
        const auto end = std::ranges::find_if_not(left_, is_name) - left_.begin();
        const auto found = left_.substr(0, static_cast<std::size_t>(end));
        left_.remove_prefix(found.size());
        return found;
    }

    void take_word() {
        const auto found = word();
        while (!left_.empty() && is_space(left_.front())) left_.remove_prefix(1);
        const bool opens = left_.starts_with('(');
        if (std::ranges::find(kLabelLists, found) != kLabelLists.end()) {
            if (opens) skip_until(')');
            return;
        }
        if (opens || std::ranges::find(kWords, found) != kWords.end()) return;
        const auto next = Reader{left_}.word();
        if (next == "by" || next == "without") return;  // sum by (...) (...)
        names_.emplace(found);
    }

    void skip_text() {
        const char quote = left_.front();
        left_.remove_prefix(1);
        while (!left_.empty() && left_.front() != quote) {
            const bool escaped = left_.front() == '\\' && left_.size() > 1;
            left_.remove_prefix(escaped ? 2 : 1);
        }
        left_.remove_prefix(std::min<std::size_t>(1, left_.size()));
    }

    void skip_until(char end) {
        while (!left_.empty() && left_.front() != end) {
            if (left_.front() == '"' || left_.front() == '\'') {
                skip_text();
            } else {
                left_.remove_prefix(1);
            }
        }
        left_.remove_prefix(std::min<std::size_t>(1, left_.size()));
    }

    std::string_view left_;
    std::set<std::string> names_;
};

}  // namespace

std::set<std::string> metric_names(std::string_view expression) {
    return Reader{expression}.names();
}

}  // namespace events::test
