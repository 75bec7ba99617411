#pragma once

#include <string>
#include <string_view>

namespace events::test {

enum class ZlibFormat {
    gzip,
    zlib,
    bare,  ///< a deflate stream without a header
};

/// Packs a text as other programs do.
[[nodiscard]] std::string pack(std::string_view text, ZlibFormat format = ZlibFormat::gzip);

/// What is in one whole gzip member; throws std::runtime_error where it is none.
[[nodiscard]] std::string gunzip(std::string_view packed);

}  // namespace events::test
