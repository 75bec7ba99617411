#pragma once

#include <chrono>
#include <concepts>
#include <thread>

namespace events::test {

/// Long enough for a loaded machine and a sanitizer: a test that needs it all has failed.
inline constexpr std::chrono::seconds kPatience{60};

/// Polls until the condition holds; false when `patience` ran out. The one pause of the tests.
template <std::predicate Condition>
[[nodiscard]] bool await(Condition&& condition, std::chrono::milliseconds patience = kPatience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return true;
}

}  // namespace events::test
