#include "common/events/message_encoding.hpp"

#include <algorithm>
#include <iterator>

namespace events {

void append_line(std::string& payload, std::string_view json) {
    if (!payload.empty()) payload += '\n';
    if (json.find('\n') == std::string_view::npos && json.find('\r') == std::string_view::npos) {
        payload += json;
        return;
    }
    std::ranges::remove_copy_if(json, std::back_inserter(payload),
                                [](char c) { return c == '\n' || c == '\r'; });
}

}  // namespace events
