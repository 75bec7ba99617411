#include "traffic.hpp"

#include <cstddef>
#include <random>

namespace events::bench::scaling {

std::vector<Post> steady(double events_per_second, int events_per_post, double seconds) {
    std::vector<Post> posts;
    const auto distance = events_per_post / events_per_second;
    for (int i = 0; i * distance < seconds; ++i) posts.push_back({i * distance, events_per_post});
    return posts;
}

std::vector<Post> bursts(std::uint32_t seed, int least, int most, double seconds) {
    std::mt19937 random{seed};
    const auto sizes = static_cast<std::uint32_t>(most - least + 1);
    // Not std::uniform_int_distribution: libraries draw different numbers with it.
    const auto draw = [&] { return least + static_cast<int>(random() % sizes); };
    std::vector<Post> posts;
    posts.reserve(static_cast<std::size_t>(seconds) + 1);
    for (int second = 0; second < seconds; ++second) {
        posts.push_back({static_cast<double>(second), draw()});
    }
    return posts;
}

std::uint64_t events_of(const std::vector<Post>& posts) {
    std::uint64_t events = 0;
    for (const auto& post : posts) events += static_cast<std::uint64_t>(post.events);
    return events;
}

}  // namespace events::bench::scaling
