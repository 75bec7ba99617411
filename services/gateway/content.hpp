#pragma once

#include "common/events/parser.hpp"
#include "common/expected.hpp"
#include "common/http/message.hpp"

#include <cstdint>
#include <string>

namespace events::gateway {

/// How a body is packed.
enum class Coding : std::uint8_t {
    identity,  ///< not at all
    gzip,
    deflate,  ///< zlib's format as HTTP has it, or the bare stream that some clients send
};

/// What a request says of its body.
struct Content {
    BodyFormat format = BodyFormat::json;
    Coding coding = Coding::identity;
};

/// Why a body is none that is taken: a 415, with the header that names what is.
struct UnsupportedContent {
    std::string detail;
    std::string header;  ///< Accept or Accept-Encoding
    std::string taken;   ///< its value
};

/// Reads Content-Type and Content-Encoding. Without a Content-Type the body is taken as JSON; the
/// charset may be any spelling of UTF-8 or US-ASCII, which is a part of it.
[[nodiscard]] Expected<Content, UnsupportedContent> content_of(const http::RequestHead& head);

}  // namespace events::gateway
