#include "reporter/cache_folder.hpp"

#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <vector>

namespace events::reporter {
namespace {

using ::testing::IsEmpty;
using Bytes = std::vector<std::byte>;

class CacheFolderTest : public ::testing::Test {
  protected:
    [[nodiscard]] std::vector<std::filesystem::path> files() const {
        std::vector<std::filesystem::path> found;
        for (const auto& entry : std::filesystem::directory_iterator{path_}) {
            found.push_back(entry.path());
        }
        return found;
    }
    static Bytes bytes_of(const segments::Blob& blob) {
        return {blob.data.get(), blob.data.get() + blob.size};
    }

    logging::Logger log_{"test", {.level = logging::Level::fatal}};
    test::TemporaryDirectory temporary_;
    std::filesystem::path path_ = temporary_.path() / "some" / "cache";
    Bytes bytes_ = Bytes(100'000, std::byte{7});
};

TEST_F(CacheFolderTest, HasNoFileThatOthersCouldCutShort) {
    std::optional<CacheFolder> folder{std::in_place, path_, log_};
    ASSERT_TRUE(folder->is_usable());
    const auto copied = folder->copy(bytes_);
    ASSERT_TRUE(copied);
    EXPECT_THAT(files(), IsEmpty());
    EXPECT_EQ(bytes_of(*copied), bytes_);
    folder.reset();
    std::filesystem::remove_all(path_);
    EXPECT_EQ(bytes_of(*copied), bytes_) << "what is mapped outlives the folder";
}

TEST_F(CacheFolderTest, KeepsNoDescriptorOpen) {
    CacheFolder folder{path_, log_};
    const auto descriptors = [] {
        const std::filesystem::directory_iterator open{"/proc/self/fd"};
        return std::distance(begin(open), end(open));
    };
    const auto before = descriptors();
    std::vector<segments::Blob> copies;
    for (int i = 0; i < 20; ++i) copies.push_back(folder.copy(bytes_).value());
    EXPECT_EQ(descriptors(), before);
}

TEST_F(CacheFolderTest, CanDoWithoutAFolder) {
    EXPECT_FALSE((CacheFolder{"/dev/null/cache", log_}.is_usable()));
    CacheFolder folder{path_, log_};
    std::filesystem::remove_all(path_);
    EXPECT_FALSE(folder.copy(bytes_));
    std::filesystem::create_directories(path_);
    EXPECT_TRUE(folder.copy(bytes_)) << "it is there again";
}

}  // namespace
}  // namespace events::reporter
