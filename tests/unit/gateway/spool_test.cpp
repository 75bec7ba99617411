#include "gateway/spool.hpp"

#include "support/quiet_spool.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <signal.h>
#include <sys/resource.h>

#include <fstream>
#include <optional>
#include <system_error>

namespace events::gateway {
namespace {

using events::test::kPlenty;
using events::test::kQuiet;
using events::test::TemporaryDirectory;
using ::testing::HasSubstr;

class SpoolTest : public ::testing::Test {
  protected:
    void open(std::uint64_t max_bytes = kPlenty) {
        spool_.reset();
        spool_.emplace(SpoolOptions{folder(), max_bytes}, logging::Logger{"gateway", kQuiet},
                       metrics_);
    }
    /// Spools one request with one message that holds `payload`.
    void put(std::string_view payload) {
        auto writer = spool_->begin();
        add(writer, payload);
        writer.commit();
    }
    static void add(Spool::Writer& writer, std::string_view payload) {
        const std::array fields{nats::HeaderField{"Nats-Msg-Id", "id-1"},
                                nats::HeaderField{"X-Correlation-Id", "c-1"},
                                nats::HeaderField{"traceparent", ""}};
        writer.add("events.facebook", fields, payload);
    }
    [[nodiscard]] std::vector<SpoolFile> files() const {
        return spool_->files_after(0, 1'000'000, kPlenty);
    }
    [[nodiscard]] std::vector<std::string> payloads() {
        std::vector<std::string> all;
        for (const auto& file : files()) {
            const auto messages = spool_->read(file);
            if (!messages) continue;
            for (const auto& message : *messages) all.push_back(message.payload);
        }
        return all;
    }
    [[nodiscard]] std::filesystem::path folder() const { return directory_.path() / "a" / "spool"; }
    [[nodiscard]] std::size_t entries() const {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::directory_iterator{folder()}) {
            if (entry.path().filename() != "lock") ++count;
        }
        return count;
    }

    TemporaryDirectory directory_;
    metrics::Registry metrics_;
    std::optional<Spool> spool_;
};

using Payloads = std::vector<std::string>;

TEST_F(SpoolTest, GivesBackWhatItWasGivenAfterARestart) {
    const std::string bytes{"\0\xff\xfe{\"\r\n", 7};
    open();
    put(bytes);
    open();
    const auto messages = spool_->read(files().at(0)).value();
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].subject, "events.facebook");
    EXPECT_EQ(messages[0].payload, bytes);
    EXPECT_EQ(messages[0].headers, (std::map<std::string, std::string>{
                                       {"Nats-Msg-Id", "id-1"}, {"X-Correlation-Id", "c-1"}}));
    EXPECT_THAT(metrics_.text(), HasSubstr("spool_files 1"));
}

TEST_F(SpoolTest, KeepsTheOrderOverRestarts) {
    open();
    for (int i = 0; i < 12; ++i) put("a" + std::to_string(i));
    open();
    put("last");
    const auto all = payloads();
    ASSERT_EQ(all.size(), 13U);
    EXPECT_EQ(all[2], "a2");
    EXPECT_EQ(all[11], "a11");
    EXPECT_EQ(all[12], "last");
}

TEST_F(SpoolTest, LeavesNothingOfWhatWasNotCommitted) {
    open();
    {
        auto writer = spool_->begin();
        add(writer, std::string(3U << 20, 'x'));  // more than one write
    }
    EXPECT_EQ(entries(), 0U);
    EXPECT_TRUE(spool_->empty());
    EXPECT_THAT(metrics_.text(), HasSubstr("spool_bytes 0\n"));
}

TEST_F(SpoolTest, RemovesAtStartWhatWasNotFinished) {
    open();
    put("whole");
    spool_.reset();
    std::ofstream{folder() / "00000000000000000009.part"} << "half";
    open();
    EXPECT_EQ(payloads(), Payloads{"whole"});
    EXPECT_EQ(entries(), 1U);
}

// It was counted, and never read.
TEST_F(SpoolTest, TakesAFileThatAPersonPutThereUnderAShortName) {
    open();
    put("first");
    spool_.reset();
    std::filesystem::copy_file(folder() / "00000000000000000001.spool", folder() / "7.spool");
    open();
    EXPECT_EQ(payloads(), (Payloads{"first", "first"}));
    spool_.reset();
    // Its number is taken: nothing may be written over.
    std::filesystem::copy_file(folder() / "00000000000000000001.spool", folder() / "07.spool");
    open();
    EXPECT_EQ(payloads(), (Payloads{"first", "first", "first"}));
    put("last");
    EXPECT_EQ(files().back().number, 9U);
}

// As the version before left it.
TEST_F(SpoolTest, ReadsAFileOfTheFormerFormUnderItsFormerName) {
    open();
    put("new");
    spool_.reset();
    const nlohmann::json message{{"subject", "events.tiktok"},
                                 {"headers", {{"Nats-Msg-Id", "id"}}},
                                 {"payload", nlohmann::json::binary({'o', 'l', 'd'})}};
    std::string bytes;
    nlohmann::json::to_cbor(message, bytes);
    for (const auto* name : {"00000000000000000001.cbor", "00000000000000000005.cbor"}) {
        std::ofstream{folder() / name, std::ios::binary} << bytes;
    }
    open();
    EXPECT_EQ(payloads(), (Payloads{"new", "old", "old"}));
    for (const auto& file : files()) spool_->remove(file);
    EXPECT_EQ(entries(), 0U);
}

TEST_F(SpoolTest, RefusesWhatWouldBeTooMuchAndTakesItAgainLater) {
    open(10'000);
    put(std::string(6'000, 'a'));
    try {
        put(std::string(6'000, 'b'));
        FAIL() << "it took more than its bound";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::no_space_on_device);
    }
    EXPECT_EQ(entries(), 1U);
    spool_->remove(files().at(0));
    put(std::string(6'000, 'c'));
    EXPECT_EQ(payloads(), Payloads{std::string(6'000, 'c')});
}

/// Writes beyond this many bytes of a file fail, as on a full disk.
class FileSizeLimit {
  public:
    explicit FileSizeLimit(rlim_t bytes) {
        handler_ = ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        ::signal(SIGXFSZ, handler_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

  private:
    rlimit before_{};
    sighandler_t handler_;
};

TEST_F(SpoolTest, LeavesNothingOfAFileThatTheDiskDidNotTake) {
    open();
    put("before");
    {
        const FileSizeLimit limit{1'000};
        EXPECT_THROW(put(std::string(5'000, 'x')), std::system_error);
    }
    EXPECT_EQ(entries(), 1U);
    put("after");
    EXPECT_EQ(payloads(), (Payloads{"before", "after"}));
}

TEST_F(SpoolTest, BelongsToOneProcessOnly) {
    open();
    metrics::Registry metrics;
    try {
        const Spool second{{folder(), kPlenty}, logging::Logger{"gateway", kQuiet}, metrics};
        FAIL() << "two have the same folder";
    } catch (const std::system_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("belongs to another gateway"));
    }
}

TEST_F(SpoolTest, CanNotStartWhereItCanNotWrite) {
    std::ofstream{directory_.path() / "a"} << "a file";
    EXPECT_THROW(open(), std::system_error);
}

TEST_F(SpoolTest, SetsAsideWhatItCanNotReadAndGoesOn) {
    open();
    put("first");
    put(std::string(500, 'x'));
    put("third");
    spool_.reset();
    std::filesystem::resize_file(folder() / "00000000000000000002.spool", 200);
    open();
    EXPECT_EQ(payloads(), (Payloads{"first", "third"}));
    EXPECT_TRUE(std::filesystem::exists(folder() / "00000000000000000002.corrupt"));
    EXPECT_THAT(metrics_.text(), HasSubstr("spool_corrupt_files 1"));
    open();
    EXPECT_EQ(files().size(), 2U);
}

TEST_F(SpoolTest, KeepsTheRestOfAFileInItsPlace) {
    open();
    {
        auto writer = spool_->begin();
        for (const auto* payload : {"1", "2", "3"}) add(writer, payload);
        writer.commit();
    }
    put("4");
    const auto first = files().at(0);
    auto messages = spool_->read(first).value();
    messages.erase(messages.begin());
    spool_->keep_only(first, messages);
    EXPECT_EQ(payloads(), (Payloads{"2", "3", "4"}));
    open();
    EXPECT_EQ(payloads(), (Payloads{"2", "3", "4"}));
}

TEST_F(SpoolTest, IsEmptyAgainWhenEverythingIsRemoved) {
    open();
    put("a");
    put("b");
    for (const auto& file : files()) spool_->remove(file);
    EXPECT_TRUE(spool_->empty());
    EXPECT_EQ(entries(), 0U);
    EXPECT_THAT(metrics_.text(), HasSubstr("spool_bytes 0\n"));
    EXPECT_THAT(metrics_.text(), HasSubstr("spool_files 0\n"));
}

TEST_F(SpoolTest, HandsOutSoManyFilesAndBytesAtATime) {
    open();
    for (int i = 0; i < 5; ++i) put(std::string(1'000, 'x'));
    EXPECT_EQ(spool_->files_after(0, 3, kPlenty).size(), 3U);
    EXPECT_EQ(spool_->files_after(3, 100, kPlenty).size(), 2U);
    EXPECT_EQ(spool_->files_after(0, 100, 2'500).size(), 2U);
    EXPECT_EQ(spool_->files_after(0, 100, 1).size(), 1U);  // one, however large
    EXPECT_TRUE(spool_->files_after(5, 100, kPlenty).empty());
}

TEST_F(SpoolTest, SurvivesThatAPersonRemovedAFile) {
    open();
    put("a");
    put("b");
    std::filesystem::remove(folder() / "00000000000000000001.spool");
    EXPECT_EQ(payloads(), Payloads{"b"});
    EXPECT_EQ(files().size(), 1U);
}

// An empty file was a whole one of no messages, and stayed for ever.
TEST_F(SpoolTest, SetsAFileOfNoBytesAside) {
    open();
    put("a");
    std::filesystem::resize_file(folder() / "00000000000000000001.spool", 0);
    EXPECT_TRUE(payloads().empty());
    EXPECT_TRUE(std::filesystem::exists(folder() / "00000000000000000001.corrupt"));
    EXPECT_THAT(metrics_.text(), HasSubstr("spool_corrupt_files 1\n"));
}

// A stream's reader takes an error for the end: of what was read until then nothing was missing.
// The memory of a process has no first page, and gives EIO.
TEST_F(SpoolTest, NeverTakesAnErrorOfTheDiskForTheEnd) {
    open();
    put("a");
    const auto file = folder() / "00000000000000000001.spool";
    std::filesystem::rename(file, folder() / "kept");
    std::filesystem::create_symlink("/proc/self/mem", file);
    try {
        (void)payloads();
        FAIL() << "it was read";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::io_error);
    }
    ASSERT_EQ(files().size(), 1U) << "it waits for a better time";
    std::filesystem::rename(folder() / "kept", file);
    EXPECT_EQ(payloads(), Payloads{"a"});
}

/// The folder takes nothing new and lets nothing go, as on a file system that is read-only: in the
/// place of each file is another folder.
class Unremovable {
  public:
    explicit Unremovable(std::filesystem::path file) : file_{std::move(file)} {
        std::filesystem::rename(file_, kept());
        std::filesystem::create_directory(file_);
    }
    ~Unremovable() {
        std::filesystem::remove(file_);
        std::filesystem::rename(kept(), file_);
    }
    Unremovable(const Unremovable&) = delete;
    Unremovable& operator=(const Unremovable&) = delete;

  private:
    [[nodiscard]] std::filesystem::path kept() const { return file_.string() + ".kept"; }

    std::filesystem::path file_;
};

TEST_F(SpoolTest, DoesNotGiveOutAgainWhatIsPublishedAndCanNotBeRemoved) {
    open();
    put("a");
    put("b");
    const auto first = files().at(0);
    {
        const Unremovable file{folder() / "00000000000000000001.spool"};
        EXPECT_THROW(spool_->remove(first), std::system_error);
        EXPECT_TRUE(files().at(0).published);
        EXPECT_FALSE(spool_->empty());
        spool_->remove(files().at(1));
        EXPECT_TRUE(spool_->empty()) << "nothing waits";
        EXPECT_THAT(metrics_.text(), HasSubstr("spool_files 0\n"));
        EXPECT_THAT(metrics_.text(), HasSubstr("spool_published_files 1\n"));
    }
    EXPECT_EQ(payloads(), Payloads{});
    spool_->remove(first);
    EXPECT_EQ(entries(), 0U);
    EXPECT_THAT(metrics_.text(), HasSubstr("spool_published_files 0\n"));
    EXPECT_THAT(metrics_.text(), HasSubstr("spool_bytes 0\n"));
}

TEST_F(SpoolTest, GivesOutTheRestOnlyOfAFileThatCanNotBeReplaced) {
    open();
    {
        auto writer = spool_->begin();
        for (const auto* payload : {"1", "2", "3", "4"}) add(writer, payload);
        writer.commit();
    }
    const auto file = files().at(0);
    auto rest = spool_->read(file).value();
    rest.erase(rest.begin() + 1);
    {
        const Unremovable kept{folder() / "00000000000000000001.spool"};
        EXPECT_THROW(spool_->keep_only(file, rest), std::system_error);
    }
    EXPECT_EQ(payloads(), (Payloads{"1", "3", "4"}));
    rest = spool_->read(file).value();
    rest.erase(rest.begin());
    {
        const Unremovable kept{folder() / "00000000000000000001.spool"};
        EXPECT_THROW(spool_->keep_only(file, rest), std::system_error);
    }
    rest = spool_->read(file).value();
    EXPECT_EQ(payloads(), (Payloads{"3", "4"}));
    rest.erase(rest.begin());
    spool_->keep_only(file, rest);
    EXPECT_EQ(payloads(), Payloads{"4"});
    open();
    EXPECT_EQ(payloads(), Payloads{"4"});
}

// Whoever moved the folder away got what came afterwards, too, and the sender a 202.
TEST_F(SpoolTest, TakesNothingIntoAFolderThatWasMoved) {
    open();
    put("before");
    const auto away = directory_.path() / "away";
    std::filesystem::rename(folder(), away);
    for (const bool another_is_there : {false, true}) {
        if (another_is_there) std::filesystem::create_directories(folder());
        try {
            put("lost");
            FAIL() << "it was taken";
        } catch (const std::system_error& error) {
            EXPECT_THAT(error.what(), HasSubstr(folder().string()));
            EXPECT_THAT(error.what(), HasSubstr("moved, deleted"));
        }
        EXPECT_THAT(spool_->problem(), HasSubstr("moved, deleted"));
    }
    EXPECT_EQ(payloads(), Payloads{"before"}) << "what it holds is published all the same";
    std::filesystem::remove(folder());
    std::filesystem::rename(away, folder());
    put("after");
    EXPECT_EQ(payloads(), (Payloads{"before", "after"}));
}

TEST_F(SpoolTest, AnswersForAFileOnlyWhereTheFolderIsStillInItsPlace) {
    open();
    auto writer = spool_->begin();
    add(writer, "a");
    std::filesystem::rename(folder(), directory_.path() / "away");
    EXPECT_THROW(writer.commit(), std::system_error);
    EXPECT_TRUE(spool_->empty());
}

TEST_F(SpoolTest, TakesNothingIntoAFolderThatWasDeletedOrReplacedByALink) {
    open();
    put("a");
    std::filesystem::remove_all(folder());
    EXPECT_THROW(put("b"), std::system_error);
    EXPECT_TRUE(payloads().empty());
    EXPECT_TRUE(spool_->empty());
    open();
    put("c");
    std::filesystem::rename(folder(), directory_.path() / "away");
    std::filesystem::create_directory_symlink(directory_.path(), folder());
    EXPECT_THROW(put("d"), std::system_error);
    std::filesystem::remove(folder());
    std::filesystem::create_directory_symlink(directory_.path() / "away", folder());
    put("e");  // another name of the same folder
    EXPECT_EQ(payloads(), (Payloads{"c", "e"}));
}

// `rm -r spool/*` under a gateway: a second one could have started.
TEST_F(SpoolTest, LocksItsFolderAnewWhenSomebodyDeletedTheLock) {
    open();
    put("a");
    std::filesystem::remove(folder() / "lock");
    put("b");
    metrics::Registry metrics;
    const logging::Logger log{"gateway", kQuiet};
    EXPECT_THROW((Spool{{folder(), kPlenty}, log, metrics}), std::system_error);

    std::filesystem::remove(folder() / "lock");
    {
        Spool other{{folder(), kPlenty}, log, metrics};
        auto writer = other.begin();
        add(writer, "of the other");
        writer.commit();
        EXPECT_THROW(put("lost"), std::system_error) << "the folder is the other's now";
        EXPECT_THAT(spool_->problem(), HasSubstr("belongs to another gateway"));
    }
    std::filesystem::remove(folder() / "lock");
    put("c");
    EXPECT_EQ(payloads(), (Payloads{"a", "b", "of the other", "c"}));
}

TEST_F(SpoolTest, KnowsThatItTakesNothingUntilThereIsRoomForWhatItRefused) {
    open(10'000);
    EXPECT_EQ(spool_->problem(), "");
    put(std::string(6'000, 'a'));
    EXPECT_THROW(put(std::string(6'000, 'b')), std::system_error);
    EXPECT_THAT(spool_->problem(), HasSubstr("SPOOL_MAX_BYTES"));
    put("small");
    spool_->look(false);
    EXPECT_THAT(spool_->problem(), HasSubstr("SPOOL_MAX_BYTES"));
    spool_->remove(files().at(0));
    spool_->look(false);
    EXPECT_EQ(spool_->problem(), "");
}

TEST_F(SpoolTest, FindsOutByWritingWhetherItsDiskTakesAnything) {
    open();
    {
        const FileSizeLimit limit{0};
        spool_->look(false);
        EXPECT_EQ(spool_->problem(), "") << "nobody has asked the disk";
        spool_->look(true);
        EXPECT_NE(spool_->problem(), "");
        spool_->look(false);
        EXPECT_NE(spool_->problem(), "") << "it stays until writing succeeds";
        EXPECT_EQ(entries(), 0U);
    }
    spool_->look(false);
    EXPECT_EQ(spool_->problem(), "");
    EXPECT_EQ(entries(), 0U);
}

TEST_F(SpoolTest, KnowsWhichSubjectsAFileHolds) {
    open();
    put("a");
    EXPECT_THAT(files().at(0).subjects, ::testing::ElementsAre("events.facebook"));
    open();
    EXPECT_TRUE(files().at(0).subjects.empty());  // nobody has read it yet
    (void)payloads();
    EXPECT_THAT(files().at(0).subjects, ::testing::ElementsAre("events.facebook"));
}

}  // namespace
}  // namespace events::gateway
