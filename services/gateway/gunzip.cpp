#include "gateway/gunzip.hpp"

#include "common/events/parser.hpp"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

namespace events::gateway {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;
constexpr std::size_t kFirstGuess = 64 * 1024;

class Inflater {
  public:
    explicit Inflater(std::string_view input) {
        // zlib never writes through next_in; its type is older than const.
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
        stream_.avail_in = static_cast<uInt>(input.size());
        if (::inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc{};
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

Expected<std::string, GunzipError> gunzip(std::string_view data, std::uint64_t limit) {
    Inflater inflater{data};
    std::string output(std::min<std::uint64_t>(std::max(data.size() * 4, kFirstGuess), limit + 1),
                       '\0');
    std::size_t used = 0;
    for (;;) {
        const int code = inflater.step(output, used);
        if (used > limit) return Unexpected<GunzipError>{GunzipError::too_large};
        if (code == Z_STREAM_END) {
            if (!inflater.input_left()) break;
            inflater.next_member();
            continue;
        }
        const bool output_full = used == output.size();
        if (code != Z_OK && !(code == Z_BUF_ERROR && output_full)) {
            return Unexpected<GunzipError>{GunzipError::malformed};
        }
        if (output_full) {
            // One byte over the limit is enough to know that there is more.
            output.resize(std::min<std::uint64_t>(output.size() * 2, limit + 1));
        } else if (!inflater.input_left()) {
            return Unexpected<GunzipError>{GunzipError::malformed};  // cut short
        }
    }
    output.resize(used);
    output.reserve(used + kPadding);
    return output;
}

}  // namespace events::gateway
