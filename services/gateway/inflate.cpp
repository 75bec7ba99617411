#include "gateway/inflate.hpp"

#include "common/events/parser.hpp"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

namespace events::gateway {
namespace {

constexpr int kGzip = 16 + MAX_WBITS;
constexpr int kZlib = MAX_WBITS;
constexpr int kBare = -MAX_WBITS;
constexpr std::size_t kFirstGuess = 64 * 1024;

/// Whether data begins as zlib's format does (RFC 1950, 2.2). A bare stream never does: it would
/// have to begin with a block that is not packed and has bits set where there are none.
bool has_zlib_header(std::string_view data) {
    constexpr unsigned kMethodBits = 0x0F;
    constexpr unsigned kDeflate = 8;
    constexpr unsigned kCheck = 31;
    if (data.size() < 2) return false;
    const unsigned method = static_cast<unsigned char>(data[0]);
    const unsigned flags = static_cast<unsigned char>(data[1]);
    return (method & kMethodBits) == kDeflate && (method * 256 + flags) % kCheck == 0;
}

int format_of(std::string_view data, Coding coding) {
    if (coding == Coding::gzip) return kGzip;
    return has_zlib_header(data) ? kZlib : kBare;
}

class Inflater {
  public:
    Inflater(std::string_view input, int format) {
        // zlib never writes through next_in; its type is older than const.
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
        stream_.avail_in = static_cast<uInt>(input.size());
        if (::inflateInit2(&stream_, format) != Z_OK) throw std::bad_alloc{};
    }
    ~Inflater() { ::inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    /// Writes behind `used`; returns zlib's code and moves `used` on.
    int step(std::string& output, std::size_t& used) {
        const auto room = output.size() - used;
        stream_.next_out = reinterpret_cast<Bytef*>(output.data() + used);
        stream_.avail_out = static_cast<uInt>(room);
        const int code = ::inflate(&stream_, Z_NO_FLUSH);
        used += room - stream_.avail_out;
        return code;
    }

    [[nodiscard]] bool input_left() const noexcept { return stream_.avail_in > 0; }
    void next_member() { ::inflateReset(&stream_); }

  private:
    z_stream stream_{};
};

}  // namespace

Expected<std::string, InflateError> inflate(std::string_view data, Coding coding,
                                            std::uint64_t limit) {
    Inflater inflater{data, format_of(data, coding)};
    std::string output(std::min<std::uint64_t>(std::max(data.size() * 4, kFirstGuess), limit + 1),
                       '\0');
    std::size_t used = 0;
    for (;;) {
        const int code = inflater.step(output, used);
        if (used > limit) return Unexpected<InflateError>{InflateError::too_large};
        if (code == Z_STREAM_END) {
            if (!inflater.input_left()) break;
            if (coding != Coding::gzip) return Unexpected<InflateError>{InflateError::malformed};
            inflater.next_member();
            continue;
        }
        const bool output_full = used == output.size();
        if (code != Z_OK && !(code == Z_BUF_ERROR && output_full)) {
            return Unexpected<InflateError>{InflateError::malformed};
        }
        if (output_full) {
            // One byte over the limit is enough to know that there is more.
            output.resize(std::min<std::uint64_t>(output.size() * 2, limit + 1));
        } else if (!inflater.input_left()) {
            return Unexpected<InflateError>{InflateError::malformed};  // cut short
        }
    }
    output.resize(used);
    output.reserve(used + kPadding);
    return output;
}

}  // namespace events::gateway
