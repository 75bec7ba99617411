#include "common/destroy_with.hpp"
#include "common/events/message_encoding.hpp"

#include <fmt/format.h>

#include <zstd.h>

#include <new>
#include <optional>

namespace events {
namespace {

constexpr int kLevel = 1;  // higher ones save few bytes of such short texts, and cost more

using CompressionContext = std::unique_ptr<ZSTD_CCtx, DestroyWith<&ZSTD_freeCCtx>>;
using DecompressionContext = std::unique_ptr<ZSTD_DCtx, DestroyWith<&ZSTD_freeDCtx>>;

template <typename Context>
Context made(Context context) {
    if (!context) throw std::bad_alloc{};
    return context;
}

/// What its first frame says of itself; nothing where it doesn't, or is none.
std::optional<std::size_t> claimed_size(std::string_view payload) {
    const auto size = ZSTD_getFrameContentSize(payload.data(), payload.size());
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) return std::nullopt;
    return size;
}

}  // namespace

class Compressor::Impl {
  public:
    std::string_view compress(std::string_view payload) {
        // What is not smaller does not fit.
        out_.resize(payload.size());
        const auto size = ZSTD_compressCCtx(context_.get(), out_.data(), out_.size(),
                                            payload.data(), payload.size(), kLevel);
        return ZSTD_isError(size) != 0U ? std::string_view{} : std::string_view{out_.data(), size};
    }

  private:
    CompressionContext context_ = made(CompressionContext{ZSTD_createCCtx()});
    std::string out_;
};

Compressor::Compressor() : impl_{std::make_unique<Impl>()} {}
Compressor::~Compressor() = default;

std::string_view Compressor::compress(std::string_view payload) {
    return impl_->compress(payload);
}

class Decompressor::Impl {
  public:
    /// Nothing for bytes that are no whole frames, or where there are more than `max_bytes`.
    std::optional<std::string> decompress(std::string_view payload, std::size_t max_bytes,
                                          std::size_t padding) {
        // Of several frames the first one's claim is not enough, and a pipe's frame has none.
        for (const auto room : {claimed_size(payload).value_or(max_bytes), max_bytes}) {
            if (room > max_bytes) continue;
            std::string plain;
            plain.reserve(room + padding);
            plain.resize(room);
            const auto size = ZSTD_decompressDCtx(context_.get(), plain.data(), plain.size(),
                                                  payload.data(), payload.size());
            if (ZSTD_isError(size) != 0U) continue;
            plain.resize(size);
            return plain;
        }
        return std::nullopt;
    }

  private:
    DecompressionContext context_ = made(DecompressionContext{ZSTD_createDCtx()});
};

Decompressor::Decompressor() : impl_{std::make_unique<Impl>()} {}
Decompressor::~Decompressor() = default;

Expected<std::string, std::string> Decompressor::plain(std::string_view payload,
                                                       std::string_view encoding,
                                                       std::size_t max_bytes, std::size_t padding) {
    if (encoding != kZstd) {
        std::string plain;
        plain.reserve(payload.size() + padding);
        plain = payload;
        return plain;
    }
    auto plain = impl_->decompress(payload, max_bytes, padding);
    if (plain) return *std::move(plain);
    return Unexpected<std::string>{
        fmt::format("the message is no {} of at most {} bytes, as its Content-Encoding says", kZstd,
                    max_bytes)};
}

}  // namespace events
