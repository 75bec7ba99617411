#pragma once

#include <cstdint>
#include <vector>

namespace events::bench::scaling {

/// A request of `events`, half of each source.
struct Post {
    double seconds = 0;  ///< when it is sent, from the beginning
    int events = 0;
};

/// Requests of the same size at even distances.
[[nodiscard]] std::vector<Post> steady(double events_per_second, int events_per_post,
                                       double seconds);

/// Events a request of the reference publisher.
inline constexpr int kLeastBurst = 1'000;
inline constexpr int kGreatestBurst = 50'000;

/// The reference load: each second a request of `least` to `most` events, evenly distributed. The
/// same seed gives the same requests on every machine.
[[nodiscard]] std::vector<Post> bursts(std::uint32_t seed, int least, int most, double seconds);

[[nodiscard]] std::uint64_t events_of(const std::vector<Post>& posts);

}  // namespace events::bench::scaling
