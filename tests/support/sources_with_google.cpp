#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "support/google.hpp"

namespace events {

std::span<const Source> sources() noexcept {
    static constexpr auto kSources = make_list(kFacebook, kTikTok, kGoogle);
    return kSources;
}

}  // namespace events
