#pragma once

#include "common/events/parser.hpp"
#include "common/expected.hpp"
#include "common/http/message.hpp"

#include <string>

namespace events::gateway {

/// What a request says of its body.
struct Content {
    BodyFormat format = BodyFormat::json;
    bool gzip = false;
};

/// Reads Content-Type and Content-Encoding. Without a Content-Type the body is taken as JSON.
/// The error is the detail of a 415.
[[nodiscard]] Expected<Content, std::string> content_of(const http::RequestHead& head);

}  // namespace events::gateway
