// A packed body. Nothing beyond the limit comes out of it, the limit decides nothing else, and what
// zlib packs comes back.

#include "gateway/gunzip.hpp"

#include "target.hpp"

#include <zlib.h>

#include <string>

namespace events::fuzz {
namespace {

using gateway::gunzip;
using gateway::GunzipError;

constexpr std::uint64_t kLimit = std::uint64_t{1} << 20;

std::string gzip(std::string_view data) {
    z_stream stream{};
    constexpr int kMemory = 8;
    require(
        ::deflateInit2(&stream, 1, Z_DEFLATED, 16 + MAX_WBITS, kMemory, Z_DEFAULT_STRATEGY) == Z_OK,
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

void check_limit(std::string_view packed, const std::string& content) {
    const auto exactly = gunzip(packed, content.size());
    require(exactly && *exactly == content, "as many bytes as allowed come out");
    if (content.empty()) return;
    const auto less = gunzip(packed, content.size() - 1);
    require(!less && less.error() == GunzipError::too_large, "one byte too many is too many");
}

void check(std::string_view text) {
    const auto content = gunzip(text, kLimit);
    if (content) {
        require(content->size() <= kLimit, "the limit holds");
        require(content->capacity() >= content->size() + kPadding, "there is room for a parser");
        check_limit(text, *content);
    }
    const auto packed = gzip(text);
    const auto back = gunzip(packed, kLimit);
    require(back && *back == text, "what is packed comes back");
    const auto twice = gunzip(packed + packed, kLimit);
    require(twice && *twice == std::string{text} + std::string{text}, "so do two members");
    const auto cut = gunzip(std::string_view{packed}.substr(0, packed.size() - 1), kLimit);
    require(!cut && cut.error() == GunzipError::malformed, "a body that is cut short is refused");
}

}  // namespace
}  // namespace events::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    events::fuzz::check(events::fuzz::text_of(data, size));
    return 0;
}
