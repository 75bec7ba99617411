#include "support/zlib.hpp"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

namespace events::test {
namespace {

constexpr int kMemory = 8;  // zlib's default

int window_bits(ZlibFormat format) {
    switch (format) {
        case ZlibFormat::gzip:
            return 16 + MAX_WBITS;
        case ZlibFormat::zlib:
            return MAX_WBITS;
        case ZlibFormat::bare:
            break;
    }
    return -MAX_WBITS;
}

}  // namespace

std::string pack(std::string_view text, ZlibFormat format) {
    z_stream stream{};
    if (::deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits(format), kMemory,
                       Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::runtime_error{"deflateInit2"};
    }
    std::string input{text};
    std::string packed(::deflateBound(&stream, input.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int code = ::deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    ::deflateEnd(&stream);
    if (code != Z_STREAM_END) throw std::runtime_error{"deflate"};
    return packed;
}

std::string gunzip(std::string_view packed) {
    z_stream stream{};
    if (::inflateInit2(&stream, window_bits(ZlibFormat::gzip)) != Z_OK) {
        throw std::runtime_error{"inflateInit2"};
    }
    std::string input{packed};
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    std::string text;
    int code = Z_OK;
    while (code == Z_OK) {
        text.resize(std::max<std::size_t>(text.size() * 2, 4'096));
        stream.next_out = reinterpret_cast<Bytef*>(text.data() + stream.total_out);
        stream.avail_out = static_cast<uInt>(text.size() - stream.total_out);
        code = ::inflate(&stream, Z_NO_FLUSH);
    }
    text.resize(stream.total_out);
    const bool whole = code == Z_STREAM_END && stream.avail_in == 0;
    ::inflateEnd(&stream);
    if (!whole) throw std::runtime_error{"not one whole gzip member"};
    return text;
}

}  // namespace events::test
