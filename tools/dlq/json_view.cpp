#include "dlq/json_view.hpp"

#include "common/events/json_text.hpp"
#include "dlq/json_reader.hpp"
#include "dlq/text.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace events::dlq {
namespace {

/// Indented deeper than this nobody reads it, and 100,000 brackets would be gigabytes.
constexpr std::size_t kMaxLevels = 64;
constexpr std::size_t kIndent = 2;
constexpr std::string_view kEndsOfAScalar = " \t\r\n,:[]{}\"";

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> names;
    if (path.empty() || path == "$") return names;
    while (true) {
        const auto dot = path.find('.');
        names.push_back(path.substr(0, dot));
        if (dot == std::string_view::npos) return names;
        path.remove_prefix(dot + 1);
    }
}

/// Lays a text out that is JSON. It only adds and removes white space: order, numbers and
/// repeated names stay as they came.
class Layout {
  public:
    Layout(std::string_view json, std::string_view path) : rest_{json}, wanted_{split(path)} {}

    /// False when it is nested too deeply.
    bool run() {
        while (!(rest_ = json::trim(rest_)).empty()) {
            if (!take()) return false;
        }
        lines_.push_back(line_);
        return true;
    }

    [[nodiscard]] std::string text() const {
        std::string out;
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            out += (i == marked_ ? "> " : "  ") + lines_[i] + "\n";
        }
        return out;
    }

  private:
    bool take() {
        const char c = rest_.front();
        if (c == '{' || c == '[') return open();
        if (c == '}' || c == ']') {
            levels_.pop_back();
            new_line();
            put(1);
        } else if (c == ',') {
            put(1);
            new_line();
            if (levels_.back().is_object) at_name_ = true;
        } else if (c == ':') {
            put(1);
            line_ += ' ';
        } else if (c == '"') {
            const auto length = string_length();
            if (at_name_) enter(rest_.substr(1, length - 2));
            put(length);
        } else {
            put(std::min(rest_.find_first_of(kEndsOfAScalar), rest_.size()));
        }
        return true;
    }

    bool open() {
        const bool is_object = rest_.front() == '{';
        put(1);
        rest_ = json::trim(rest_);
        if (rest_.front() == '}' || rest_.front() == ']') {
            put(1);
            return true;
        }
        if (levels_.size() == kMaxLevels) return false;
        levels_.push_back({is_object, false});
        new_line();
        at_name_ = is_object;
        return true;
    }

    /// A member begins: is it on the way to the one that is wanted?
    void enter(std::string_view name) {
        at_name_ = false;
        const auto depth = levels_.size();
        const bool inside = depth == 1 || levels_[depth - 2].on_the_way;
        auto& level = levels_.back();
        level.on_the_way = inside && depth <= wanted_.size() &&
                           json::unescape(name).value_or("") == wanted_[depth - 1];
        if (level.on_the_way && depth >= found_) {
            found_ = depth;
            marked_ = lines_.size();
        }
    }

    void put(std::size_t length) {
        line_ += printable(rest_.substr(0, length));
        rest_.remove_prefix(length);
    }

    void new_line() {
        lines_.push_back(line_);
        line_.assign(levels_.size() * kIndent, ' ');
    }

    /// With its quotes.
    [[nodiscard]] std::size_t string_length() const {
        std::size_t at = 1;
        while (rest_[at] != '"') at += rest_[at] == '\\' ? 2U : 1U;
        return at + 1;
    }

    struct Level {
        bool is_object;
        bool on_the_way;  ///< its current member is one of those that are wanted
    };

    std::string_view rest_;
    std::vector<std::string_view> wanted_;
    std::vector<Level> levels_;
    std::vector<std::string> lines_;
    std::string line_;
    bool at_name_ = false;
    std::size_t found_ = 0;   ///< how many of the path's names stand there
    std::size_t marked_ = 0;  ///< the line
};

}  // namespace

std::string view_of(std::string_view raw, std::string_view path) {
    if (is_json(raw)) {
        Layout layout{raw, path};
        if (layout.run()) return layout.text();
    }
    std::string out;
    while (!raw.empty()) {
        const auto line = raw.substr(0, raw.find('\n'));
        raw.remove_prefix(std::min(line.size() + 1, raw.size()));
        out += "  " + printable(line) + "\n";
    }
    return out;
}

}  // namespace events::dlq
