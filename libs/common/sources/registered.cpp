#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"

namespace events {

std::span<const Source> sources() noexcept {
    static constexpr auto kSources = make_list(kFacebook, kTikTok);
    return kSources;
}

}  // namespace events
