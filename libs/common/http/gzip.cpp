#include "common/http/gzip.hpp"

#include "common/http/field_values.hpp"

#include <boost/beast/core/string.hpp>
#include <zlib.h>

#include <new>
#include <optional>
#include <stdexcept>

namespace events::http {
namespace {

using boost::beast::iequals;

constexpr int kGzip = 16 + MAX_WBITS;
constexpr int kMemory = 8;  // zlib's default

/// What fits into one packet of an Ethernet.
constexpr std::size_t kSmallestPacked = 1'400;
constexpr std::size_t kLargestPacked = std::size_t{64} << 20;

std::string gzip(std::string& text) {
    z_stream stream{};
    if (::deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzip, kMemory, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
        throw std::bad_alloc{};
    }
    std::string packed(::deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(text.data());
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int code = ::deflate(&stream, Z_FINISH);
    packed.resize(packed.size() - stream.avail_out);
    ::deflateEnd(&stream);
    if (code != Z_STREAM_END) throw std::logic_error{"deflateBound was too small"};
    return packed;
}

}  // namespace

bool prefers_gzip(const RequestHead& head) noexcept {
    std::optional<double> gzip;
    double plain = 0;
    double any = 0;
    for (const auto& [field, value] : head.headers) {
        if (!iequals(field, "Accept-Encoding")) continue;
        std::string_view members = value;
        while (!members.empty()) {
            auto member = take_member(members, ',');
            const auto name = take_member(member, ';');
            if (iequals(name, "gzip") || iequals(name, "x-gzip")) gzip = quality(member);
            if (iequals(name, "identity")) plain = quality(member);
            if (name == "*") any = quality(member);
        }
    }
    const auto quality_of_gzip = gzip.value_or(any);
    return quality_of_gzip > 0 && quality_of_gzip >= plain;
}

bool pack(std::string& body) {
    if (body.size() < kSmallestPacked || body.size() > kLargestPacked) return false;
    body = gzip(body);
    return true;
}

}  // namespace events::http
