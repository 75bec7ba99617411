#include "common/config/secret.hpp"

#include "common/config/text.hpp"

#include <fmt/format.h>

#include <fstream>
#include <string_view>

namespace events::config {
namespace {

/// The largest secret's file: room for hundreds of keys, and none for a file of another kind.
constexpr std::size_t kMaxBytes = std::size_t{64} << 10;

/// What some editors put at the front of a file.
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

Expected<Secret, std::string> Secret::of_file(std::string path) {
    std::ifstream file{path, std::ios::binary};
    // One byte more than may be there; a folder opens, and only then can't be read.
    std::string content(kMaxBytes + 1, '\0');
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    if (!file.is_open() || file.bad()) return Unexpected<std::string>{"a file that can be read"};
    content.resize(static_cast<std::size_t>(file.gcount()));
    if (content.size() > kMaxBytes) {
        return Unexpected<std::string>{fmt::format("a file of at most {} bytes", kMaxBytes)};
    }
    std::string_view text{content};
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    Secret secret{std::string{trimmed(text)}};
    if (secret.text_.empty()) return Unexpected<std::string>{"a file with a value in it"};
    secret.file_ = std::move(path);
    return secret;
}

Secret Secret::renewed() const {
    if (!can_change()) return *this;
    return of_file(file_).value_or(*this);
}

}  // namespace events::config
