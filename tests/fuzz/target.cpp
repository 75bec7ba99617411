#include "target.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace events::fuzz {

void require(bool kept, std::string_view promise) noexcept {
    if (kept) return;
    std::fprintf(stderr, "broken: %.*s\n", static_cast<int>(promise.size()), promise.data());
    std::abort();
}

Padded::Padded(std::string_view text, char padding)
    : bytes_{std::make_unique<char[]>(text.size() + kPadding)}, size_{text.size()} {
    std::ranges::copy(text, bytes_.get());
    std::fill_n(bytes_.get() + size_, kPadding, padding);
}

}  // namespace events::fuzz
