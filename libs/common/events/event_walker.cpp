#include "common/events/event_walker.hpp"

#include "common/events/json_text.hpp"
#include "common/events/parser.hpp"

namespace events {

EventWalker::EventWalker(const json::Tokens& tokens, FoundFields& found)
    : tokens_{tokens}, found_{found}, next_backslash_{tokens.text().find('\\')} {}

std::optional<std::string_view> EventWalker::event() {
    found_.clear();
    const auto first = at_;
    const bool walked = take('{') ? object(Field::event, 1) : value(std::nullopt, 1);
    if (!walked) return std::nullopt;
    const auto begin = tokens_.place(first);
    const auto last = tokens_.token(at_ - 1);
    return tokens_.text().substr(begin, tokens_.place(at_ - 1) + last.size() - begin);
}

bool EventWalker::take(char token) noexcept {
    if (tokens_.front(at_) != token) return false;
    ++at_;
    return true;
}

EventWalker::Error EventWalker::error(const char* expected) const noexcept {
    if (error_) return *error_;
    const auto offset = at_end() ? tokens_.text().size() : tokens_.place(at_);
    return {.offset = offset, .what = expected, .too_deep = false};
}

bool EventWalker::fail(const char* what, bool too_deep) noexcept {
    error_ = error(what);
    error_->too_deep = too_deep;
    return false;
}

bool EventWalker::value(std::optional<Field> field, int depth) {
    const auto first = at_;
    bool walked = false;
    // A key that stands twice: nothing of its first value may be left.
    if (field && !found_[*field].empty()) found_.clear(vocabulary_.below(*field));
    if (take('{')) {
        walked = object(field, depth);
    } else if (take('[')) {
        walked = array(depth);
    } else if (tokens_.front(at_) == '"') {
        walked = string().has_value();
    } else {
        walked = literal_or_number();
    }
    if (walked && field) found_.set(*field, tokens_.token(first));
    return walked;
}

bool EventWalker::object(std::optional<Field> object, int depth) {
    if (depth > kMaxDepth) return fail("it is nested too deeply", true);
    if (take('}')) return true;
    const auto* likely = object ? &vocabulary_.first_in(*object) : nullptr;
    do {
        if (tokens_.front(at_) != '"') return fail("a key in quotes should stand here");
        const auto key = string();
        if (!key) return false;
        if (!take(':')) return fail("':' should stand behind the key");
        const auto field = object ? find_field(*object, *likely, *key) : std::nullopt;
        if (field) likely = &vocabulary_.next_to(*field);
        if (!value(field, depth + 1)) return false;
    } while (take(','));
    return take('}') || fail("',' or '}' should stand behind the value");
}

bool EventWalker::array(int depth) {
    if (depth > kMaxDepth) return fail("it is nested too deeply", true);
    if (take(']')) return true;
    do {
        if (!value(std::nullopt, depth + 1)) return false;
    } while (take(','));
    return take(']') || fail("',' or ']' should stand behind the value");
}

bool EventWalker::literal_or_number() {
    if (at_end()) return fail("the text ends where a value should stand");
    const auto token = tokens_.token(at_);
    if (token != "null" && token != "true" && token != "false" && !json::is_number(token)) {
        return fail("this is no JSON value");
    }
    ++at_;
    return true;
}

std::optional<std::string_view> EventWalker::string() {
    auto content = tokens_.token(at_);
    if (content.size() < 2 || content.back() != '"') {
        fail("this is no JSON string");
        return std::nullopt;
    }
    content = content.substr(1, content.size() - 2);
    if (!escapes_are_valid(content)) {
        fail("this string has an escape sequence that JSON does not know");
        return std::nullopt;
    }
    ++at_;
    return content;
}

bool EventWalker::escapes_are_valid(std::string_view content) {
    // Most bodies have no backslash, so it is looked for once, not once a string.
    const auto begin = static_cast<std::size_t>(content.data() - tokens_.text().data());
    if (next_backslash_ < begin) next_backslash_ = tokens_.text().find('\\', begin);
    if (next_backslash_ >= begin + content.size()) return true;
    found_.set_has_escapes();
    return json::has_valid_escapes(content);
}

std::optional<Field> EventWalker::find_field(Field object, const Vocabulary::Likely& likely,
                                             std::string_view key) const {
    if (!found_.has_escapes() || key.find('\\') == std::string_view::npos) {
        return vocabulary_.find(object, likely, key);
    }
    const auto plain = json::unescape(key);
    return plain ? vocabulary_.find(object, likely, *plain) : std::nullopt;
}

}  // namespace events
