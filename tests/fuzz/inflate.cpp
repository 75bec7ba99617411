// A packed body. Nothing beyond the limit comes out of it, the limit decides nothing else, and what
// zlib packs comes back.

#include "gateway/inflate.hpp"

#include "target.hpp"

#include <zlib.h>

#include <string>

namespace events::fuzz {
namespace {

using gateway::Coding;
using gateway::inflate;
using gateway::InflateError;

constexpr std::uint64_t kLimit = std::uint64_t{1} << 20;

/// `format`: zlib's window bits.
std::string pack(std::string_view data, int format) {
    z_stream stream{};
    constexpr int kMemory = 8;
    require(::deflateInit2(&stream, 1, Z_DEFLATED, format, kMemory, Z_DEFAULT_STRATEGY) == Z_OK,
            "zlib has memory");
    std::string out(::deflateBound(&stream, data.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    require(::deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib packs at once");
    out.resize(out.size() - stream.avail_out);
    ::deflateEnd(&stream);
    return out;
}

void check_limit(std::string_view packed, Coding coding, const std::string& content) {
    const auto exactly = inflate(packed, coding, content.size());
    require(exactly && *exactly == content, "as many bytes as allowed come out");
    if (content.empty()) return;
    const auto less = inflate(packed, coding, content.size() - 1);
    require(!less && less.error() == InflateError::too_large, "one byte too many is too many");
}

void check_packed(std::string_view text, Coding coding, int format) {
    const auto packed = pack(text, format);
    const auto back = inflate(packed, coding, kLimit);
    require(back && *back == text, "what is packed comes back");
    const auto twice = inflate(packed + packed, coding, kLimit);
    if (coding == Coding::gzip) {
        require(twice && *twice == std::string{text} + std::string{text}, "so do two members");
    } else {
        require(!twice, "what is behind the end is refused");
    }
    const auto cut = inflate(std::string_view{packed}.substr(0, packed.size() - 1), coding, kLimit);
    require(!cut && cut.error() == InflateError::malformed, "a body that is cut short is refused");
}

void check(std::string_view text) {
    for (const auto coding : {Coding::gzip, Coding::deflate}) {
        const auto content = inflate(text, coding, kLimit);
        if (!content) continue;
        require(content->size() <= kLimit, "the limit holds");
        require(content->capacity() >= content->size() + kPadding, "there is room for a parser");
        check_limit(text, coding, *content);
    }
    check_packed(text, Coding::gzip, 16 + MAX_WBITS);
    check_packed(text, Coding::deflate, MAX_WBITS);
    check_packed(text, Coding::deflate, -MAX_WBITS);
}

}  // namespace
}  // namespace events::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    events::fuzz::check(events::fuzz::text_of(data, size));
    return 0;
}
