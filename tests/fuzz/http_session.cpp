// What a client sends over one connection, to the real session and router, over a pair of sockets
// and without a thread or a clock: once in one piece and once in small ones.
//
// Every answer is one that a client can read; where the answers are cut from the stream does not
// depend on how the bytes came; and a client that has ended is let go.

#include "conversation.hpp"
#include "target.hpp"

#include <algorithm>

namespace events::fuzz {
namespace {

/// Small pieces, but few enough of them.
std::size_t piece_of(std::string_view text) {
    std::size_t hash = 17;
    for (const char c : text) hash = hash * 31 + static_cast<unsigned char>(c);
    return 1 + text.size() / 64 + hash % 61;
}

/// A connection that was refused stays open only where the whole request had come, so that one of
/// two conversations may be over earlier; up to there they are the same.
template <typename T>
bool agree(const std::vector<T>& left, const std::vector<T>& right) {
    const auto both = std::min(left.size(), right.size());
    return std::equal(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(both),
                      right.begin());
}

/// Of a header that is both too large and malformed, what is seen first depends on the pieces.
void take_either_refusal(Transcript& transcript) {
    std::ranges::replace(transcript.statuses, 431U, 400U);
}

void check(std::string_view text) {
    auto whole = converse(text, std::max<std::size_t>(text.size(), 1));
    auto pieces = converse(text, piece_of(text));
    take_either_refusal(whole);
    take_either_refusal(pieces);
    require(agree(whole.handled, pieces.handled), "requests do not depend on how they came");
    require(agree(whole.statuses, pieces.statuses), "nor do their answers");
}

}  // namespace
}  // namespace events::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    events::fuzz::check(events::fuzz::text_of(data, size));
    return 0;
}
