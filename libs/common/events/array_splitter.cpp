#include "common/events/array_splitter.hpp"

#include "common/events/json_text.hpp"

#include <algorithm>
#include <vector>

namespace events::json {
namespace {

constexpr std::string_view kEndsOfAScalar = " \t\r\n,[]{}\"";

/// One behind the quote that closes the string which begins at `begin`; npos: it isn't closed.
std::size_t end_of_string(std::string_view text, std::size_t begin) noexcept {
    for (auto at = begin + 1; at < text.size(); ++at) {
        if (text[at] == '"') return at + 1;
        if (text[at] == '\\') ++at;  // and the byte that it escapes
    }
    return std::string_view::npos;
}

}  // namespace

Expected<std::size_t, FrameError> end_of_value(std::string_view text, std::size_t begin) {
    std::vector<bool> open_objects;  // one bit an open bracket: set for '{'
    for (auto at = begin; at < text.size();) {
        const char c = text[at];
        if (c == '"') {
            const auto end = end_of_string(text, at);
            if (end == std::string_view::npos) {
                return Unexpected<FrameError>{{at, "a string is not closed"}};
            }
            at = end;
        } else if (c == '{' || c == '[') {
            open_objects.push_back(c == '{');
            ++at;
        } else if (c == '}' || c == ']') {
            if (open_objects.empty() || open_objects.back() != (c == '}')) {
                return Unexpected<FrameError>{{at, "this bracket closes none that is open"}};
            }
            open_objects.pop_back();
            ++at;
        } else if (open_objects.empty()) {
            return std::min(text.find_first_of(kEndsOfAScalar, at), text.size());
        } else {
            ++at;
        }
        if (open_objects.empty()) return at;
    }
    return Unexpected<FrameError>{{text.size(), "the text ends inside a value"}};
}

std::optional<std::string_view> ArraySplitter::next() {
    if (done_) return std::nullopt;
    skip_space();
    if (take(']')) return finish();
    if (!first_ && at_ < text_.size() && !take(',')) return fail("',' or ']' should stand here");
    first_ = false;
    skip_space();
    if (at_ == text_.size()) return fail("the array is not closed");
    if (text_[at_] == ',' || text_[at_] == ']') return fail("a value should stand here");

    const auto begin = at_;
    const auto end = end_of_value(text_, begin);
    if (!end) {
        at_ = end.error().offset;
        return fail(end.error().what);
    }
    at_ = *end;
    return text_.substr(begin, at_ - begin);
}

std::nullopt_t ArraySplitter::finish() noexcept {
    skip_space();
    if (at_ != text_.size()) return fail("nothing may stand behind the array");
    done_ = true;
    return std::nullopt;
}

std::nullopt_t ArraySplitter::fail(const char* what) noexcept {
    error_ = FrameError{at_, what};
    done_ = true;
    return std::nullopt;
}

bool ArraySplitter::take(char c) noexcept {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
}

void ArraySplitter::skip_space() noexcept {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

}  // namespace events::json
