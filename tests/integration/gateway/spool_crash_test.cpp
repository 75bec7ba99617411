// The spool's process is killed at any instruction: what was committed is there, whole.
#include "gateway/spool.hpp"
#include "support/await.hpp"
#include "support/process.hpp"
#include "support/quiet_spool.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <signal.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <set>

namespace events::gateway {
namespace {

using events::test::await;
using events::test::kPlenty;
using events::test::kQuiet;
using events::test::Process;
using events::test::TemporaryDirectory;

std::set<std::uint64_t> committed(const std::filesystem::path& output) {
    std::ifstream lines{output};
    std::set<std::uint64_t> numbers;
    for (std::string line; std::getline(lines, line);) numbers.insert(std::stoull(line));
    return numbers;
}

/// The request's number; fails the test when it is not as spool_writer made it.
std::uint64_t check_whole(const std::vector<SpooledMessage>& messages) {
    EXPECT_EQ(messages.size(), 3U);
    if (messages.empty()) return 0;
    const auto number = std::stoull(messages.front().headers.at("Number"));
    for (std::size_t part = 0; part < messages.size(); ++part) {
        EXPECT_EQ(messages[part].payload,
                  std::string(1 + number * 7'919 % 300'000, static_cast<char>('a' + part)));
    }
    return number;
}

TEST(SpoolCrash, KillAtAnyInstructionKeepsWhatWasCommittedAndNothingHalf) {
    const TemporaryDirectory directory;
    const auto folder = directory.path() / "spool";
    const auto output = directory.path() / "committed";
    std::mt19937 random{20261122};  // the instruction is the scheduler's choice
    std::uint64_t next = 1;
    for (int round = 0; round < 12; ++round) {
        Process writer{{.command = {SPOOL_WRITER, folder.string(), std::to_string(next)},
                        .environment = {},
                        .output = output,
                        .user = std::nullopt}};
        const auto wanted = committed(output).size() + 1 + random() % 10;
        ASSERT_TRUE(await([&] { return committed(output).size() >= wanted; }));
        writer.signal(SIGKILL);
        ASSERT_TRUE(writer.wait(events::test::kPatience));
        const auto said = committed(output);
        next = *said.rbegin() + 2;  // one may be committed that it could not tell of
    }

    metrics::Registry metrics;
    Spool spool{{folder, kPlenty}, logging::Logger{"gateway", kQuiet}, metrics};
    std::vector<std::uint64_t> found;
    for (const auto& file : spool.files_after(0, 1'000'000, kPlenty)) {
        found.push_back(check_whole(spool.read(file).value()));
    }
    EXPECT_TRUE(std::ranges::is_sorted(found));  // in their order
    const auto said = committed(output);
    EXPECT_TRUE(std::ranges::includes(found, said));
    EXPECT_LE(found.size(), said.size() + 12);
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        EXPECT_TRUE(entry.path().extension() == ".spool" || entry.path().filename() == "lock")
            << entry.path();
    }
}

}  // namespace
}  // namespace events::gateway
