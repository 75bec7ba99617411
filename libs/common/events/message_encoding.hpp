#pragma once

#include "common/expected.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace events {

/// A message's payload is NDJSON: one or more events, a '\n' between two of them, none at the end.
/// A message with one event is exactly that event. It may be compressed; a header says so.

/// Appends one event's JSON as a line. Raw line breaks inside it, which in JSON can stand only
/// between two tokens, are removed. `json` must be JSON and must not view `payload`.
void append_line(std::string& payload, std::string_view json);

/// Calls `use(std::string_view line)` for each line that isn't empty, in order.
template <typename Use>
void for_each_line(std::string_view payload, Use&& use) {
    while (!payload.empty()) {
        const auto line = payload.substr(0, payload.find('\n'));
        if (!line.empty()) use(line);
        payload.remove_prefix(line.size() < payload.size() ? line.size() + 1 : line.size());
    }
}

/// The one Content-Encoding that a payload may have.
inline constexpr std::string_view kZstd = "zstd";

/// Compresses payloads, and keeps its memory between them. One thread. Throws std::bad_alloc.
class Compressor {
  public:
    Compressor();
    ~Compressor();
    Compressor(const Compressor&) = delete;
    Compressor& operator=(const Compressor&) = delete;

    /// One zstd frame, valid until the next call; empty where it would not be smaller. The same
    /// payload gives the same bytes as long as libzstd is the same.
    [[nodiscard]] std::string_view compress(std::string_view payload);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// Decompresses payloads, and keeps its memory between them. One thread. Throws std::bad_alloc.
class Decompressor {
  public:
    Decompressor();
    ~Decompressor();
    Decompressor(const Decompressor&) = delete;
    Decompressor& operator=(const Decompressor&) = delete;

    /// The plain bytes of a payload, with room for `padding` more: as it is, unless its
    /// Content-Encoding is kZstd. Of a compressed one `max_bytes` at most, whatever it claims;
    /// where there are more, or it is no zstd, a sentence about that, which quotes nothing of it.
    [[nodiscard]] Expected<std::string, std::string> plain(std::string_view payload,
                                                           std::string_view encoding,
                                                           std::size_t max_bytes,
                                                           std::size_t padding = 0);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace events
