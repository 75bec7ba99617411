// A gateway that is killed while it takes over another's spool: each file is in one of both.
#include "gateway/spool.hpp"
#include "support/await.hpp"
#include "support/process.hpp"
#include "support/quiet_spool.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <signal.h>

#include <chrono>
#include <fstream>
#include <random>
#include <string>
#include <thread>

namespace events::gateway {
namespace {

using events::test::kPatience;
using events::test::kPlenty;
using events::test::kQuiet;
using events::test::Process;
using events::test::TemporaryDirectory;

constexpr std::uint64_t kFiles = 20'000;

std::filesystem::path path_of(const std::filesystem::path& place, std::uint64_t number) {
    return place / fmt::format("{:020}.spool", number);
}

/// As a gateway leaves them, with a request's number each; without its syncs, which take minutes.
void fill(const std::filesystem::path& place) {
    std::filesystem::create_directories(place);
    for (std::uint64_t number = 1; number <= kFiles; ++number) {
        SpoolFileEncoder file;
        file.add("events.facebook", {}, std::to_string(number));
        file.end();
        std::ofstream{path_of(place, number), std::ios::binary} << file.bytes();
    }
}

std::size_t count(const std::filesystem::path& place) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator{place}) {
        if (entry.path().extension() == ".spool") ++files;
    }
    return files;
}

/// Lets one adopter after the other be killed until everything is taken over; counts those that
/// were killed in the middle.
void take_over(std::mt19937& random, int& interrupted) {
    const TemporaryDirectory directory;
    const auto base = directory.path() / "spool";
    const auto own = base / "1";
    const auto left = base / "2";
    fill(left);
    std::uint64_t adopted = 0;
    while (adopted < kFiles) {
        Process adopter{{.command = {SPOOL_ADOPTER, base.string(), "2"},
                         .environment = {},
                         .output = directory.path() / "output",
                         .user = std::nullopt}};
        // Not await(): its pause would be longer than what is waited for.
        const auto wanted = path_of(own, adopted + 1 + random() % (kFiles / 10));
        const auto deadline = std::chrono::steady_clock::now() + kPatience;
        while (!std::filesystem::exists(wanted) && adopter.running() &&
               std::chrono::steady_clock::now() < deadline) {
            std::this_thread::yield();
        }
        adopter.signal(SIGKILL);
        ASSERT_TRUE(adopter.wait(kPatience));
        const auto before = adopted;
        adopted = count(own);
        ASSERT_EQ(adopted + count(left), kFiles);
        ASSERT_GT(adopted, before);
        if (adopted < kFiles) ++interrupted;
    }
    metrics::Registry metrics;
    Spool spool{{base, kPlenty, 2}, logging::Logger{"gateway", kQuiet}, metrics};
    for (std::uint64_t number = 1; number <= kFiles; ++number) {
        SpoolFile file;
        file.number = number;
        const auto messages = spool.read(file);
        ASSERT_TRUE(messages);
        ASSERT_EQ(messages->at(0).payload, std::to_string(number));
    }
    EXPECT_EQ(spool.files_after(0, kFiles + 1, kPlenty).size(), kFiles);
}

TEST(SpoolAdoption, KillAtAnyInstructionLeavesEachFileInOneFolderAndInOrder) {
    std::mt19937 random{20261123};
    int interrupted = 0;
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    // Again when each adopter was through before it could be killed.
    while (interrupted == 0 && std::chrono::steady_clock::now() < deadline) {
        ASSERT_NO_FATAL_FAILURE(take_over(random, interrupted));
    }
    EXPECT_GE(interrupted, 1) << "the adopter was never killed in the middle";
}

}  // namespace
}  // namespace events::gateway
