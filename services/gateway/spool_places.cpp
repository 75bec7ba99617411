#include "gateway/spool_places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

namespace events::gateway {
namespace {

using namespace std::chrono_literals;

/// Emptying a place takes a rename a file.
constexpr auto kPatience = 30s;

bool is_number(const std::string& name) {
    return std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

[[noreturn]] void refuse(const std::string& why) {
    throw std::system_error{EBUSY, std::generic_category(), why};
}

}  // namespace

SpoolFolder SpoolPlaces::choose(std::size_t count) const {
    std::filesystem::create_directories(base_);
    const auto turn = wait_for_turn();
    for (std::size_t place = 1; place <= count; ++place) {
        if (auto folder = SpoolFolder::if_free(base_ / std::to_string(place))) {
            return std::move(*folder);
        }
    }
    refuse(fmt::format("{} belongs to {} gateways that run, as many as SPOOL_INSTANCES allows",
                       base_.string(), count));
}

std::optional<Descriptor> SpoolPlaces::try_turn() const {
    return try_lock(base_ / "places.lock");
}

Descriptor SpoolPlaces::wait_for_turn() const {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (true) {
        if (auto turn = try_turn()) return std::move(*turn);
        if (std::chrono::steady_clock::now() > deadline) {
            refuse(fmt::format("{} does not become free to choose a place in", base_.string()));
        }
        std::this_thread::sleep_for(10ms);
    }
}

std::vector<std::filesystem::path> SpoolPlaces::all() const {
    std::vector<std::filesystem::path> paths{base_};
    for (const auto& entry : std::filesystem::directory_iterator{base_}) {
        if (entry.is_directory() && is_number(entry.path().filename().string())) {
            paths.push_back(entry.path());
        }
    }
    std::ranges::sort(paths);
    return paths;
}

}  // namespace events::gateway
