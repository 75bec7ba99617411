#include "reporter/cache_folder.hpp"

#include "common/segments/encode.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace events::reporter {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A segment of so many users.
Bytes part(int users) {
    std::vector<std::string> ids;
    std::vector<segments::Record> records;
    for (int i = 0; i < users; ++i) ids.push_back("user-" + std::to_string(i));
    for (const auto& id : ids) records.push_back({.user_id = id, .occurred_at = {}});
    return segments::encode(Source::tiktok, records, {})->bytes;
}

class CacheFolderTest : public ::testing::Test {
  protected:
    [[nodiscard]] std::vector<std::filesystem::path> files() const {
        std::vector<std::filesystem::path> found;
        for (const auto& entry : std::filesystem::directory_iterator{path_}) {
            found.push_back(entry.path());
        }
        return found;
    }
    /// A file of these parts, as a reporter leaves it.
    void leave(std::int64_t blob, const std::vector<Bytes>& parts) const {
        CacheFolder folder{path_, kMax, log_};
        auto file = folder.make();
        ASSERT_TRUE(file);
        for (const auto& bytes : parts) ASSERT_TRUE(file->append(bytes));
        folder.keep(*file, blob, headers_checksum(parts));
    }

    static constexpr std::uint64_t kMax = 1 << 20;
    logging::Logger log_{"test", {.level = logging::Level::fatal}};
    test::TemporaryDirectory temporary_;
    std::filesystem::path path_ = temporary_.path() / "cache";
    std::vector<Bytes> parts_{part(3), part(500)};
};

TEST_F(CacheFolderTest, ShowsNoFileThatIsInUse) {
    CacheFolder folder{path_, kMax, log_};
    auto file = folder.make();
    ASSERT_TRUE(file);
    const auto mapped = file->append(parts_[1]);
    ASSERT_TRUE(mapped);
    EXPECT_THAT(files(), IsEmpty());
    EXPECT_EQ(Bytes(mapped->data.get(), mapped->data.get() + mapped->size), parts_[1]);
    file.reset();
    EXPECT_EQ(mapped->data.get()[0], parts_[1][0]) << "what is mapped outlives its file";
}

TEST_F(CacheFolderTest, GivesTheNextReporterWhatItKeeps) {
    leave(17, parts_);
    ASSERT_THAT(files(), SizeIs(1));
    CacheFolder folder{path_, kMax, log_};
    EXPECT_TRUE(folder.has(17));
    EXPECT_EQ(folder.take(17, headers_checksum(parts_)), parts_);
    EXPECT_FALSE(folder.has(17));
    EXPECT_THAT(files(), IsEmpty()) << "it is somebody's now";
    EXPECT_EQ(folder.left_bytes(), 0U);
    EXPECT_FALSE(folder.take(17, headers_checksum(parts_)));
}

TEST_F(CacheFolderTest, TakesNoFileOfAnotherDatabase) {
    leave(17, parts_);
    CacheFolder folder{path_, kMax, log_};
    EXPECT_FALSE(folder.take(17, headers_checksum(std::vector{part(4), part(500)})));
    EXPECT_THAT(files(), IsEmpty());
}

TEST_F(CacheFolderTest, ThrowsAwayWhatWasCutShortOrEmptiedOrReplaced) {
    const auto damages = std::vector<void (*)(const std::filesystem::path&)>{
        [](const auto& file) {
            std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);
        },
        [](const auto& file) { std::filesystem::resize_file(file, 0); },
        [](const auto& file) {
            std::fstream{file, std::ios::in | std::ios::out | std::ios::binary} << "something";
        },
        [](const auto& file) {
            std::filesystem::remove(file);
            std::filesystem::create_directory(file);
        },
        [](const auto& file) {
            std::filesystem::remove(file);
            std::filesystem::create_symlink("/dev/zero", file);
        },
        [](const auto& file) { std::filesystem::remove(file); },
    };
    for (const auto damage : damages) {
        leave(17, parts_);
        CacheFolder folder{path_, kMax, log_};
        damage(files().at(0));
        EXPECT_FALSE(folder.take(17, headers_checksum(parts_)));
        std::filesystem::remove_all(path_);
    }
}

TEST_F(CacheFolderTest, DeletesWhatNobodyAsksForAndNothingElse) {
    leave(1, parts_);
    leave(2, parts_);
    std::ofstream{path_ / "README"} << "mine";
    CacheFolder folder{path_, kMax, log_};
    folder.delete_all_but(std::vector<std::int64_t>{2});
    EXPECT_FALSE(folder.has(1));
    EXPECT_TRUE(folder.has(2));
    EXPECT_THAT(files(), SizeIs(2));
}

TEST_F(CacheFolderTest, LeavesNoMoreThanItMayHave) {
    leave(1, parts_);
    leave(2, parts_);
    const CacheFolder folder{path_, std::filesystem::file_size(files().at(0)), log_};
    EXPECT_NE(folder.has(1), folder.has(2));
    EXPECT_THAT(files(), SizeIs(1));
}

TEST_F(CacheFolderTest, MayHaveTwoReporters) {
    leave(1, parts_);
    CacheFolder one{path_, kMax, log_};
    CacheFolder other{path_, kMax, log_};
    EXPECT_TRUE(one.take(1, headers_checksum(parts_)));
    EXPECT_FALSE(other.take(1, headers_checksum(parts_))) << "it is the first one's";
    for (auto* folder : {&one, &other}) {
        auto file = folder->make();
        for (const auto& bytes : parts_) ASSERT_TRUE(file->append(bytes));
        folder->keep(*file, 1, headers_checksum(parts_));
    }
    EXPECT_THAT(files(), SizeIs(1));
}

TEST_F(CacheFolderTest, CanDoWithoutAFolder) {
    EXPECT_FALSE((CacheFolder{"/dev/null/cache", kMax, log_}.is_usable()));
    CacheFolder folder{path_, kMax, log_};
    std::filesystem::remove_all(path_);
    EXPECT_FALSE(folder.make());
    EXPECT_FALSE(folder.take(1, 1));
}

}  // namespace
}  // namespace events::reporter
