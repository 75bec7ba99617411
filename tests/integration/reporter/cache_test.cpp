// The cache's states: each makes a slower or a faster answer, never another one.

#include "random_filter.hpp"
#include "recount.hpp"
#include "reporter_server.hpp"
#include "segment_builder.hpp"
#include "stored_events.hpp"
#include "support/environment.hpp"
#include "support/postgres_cluster.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>

namespace events::reporter {
namespace {

using ::testing::Gt;
using ::testing::IsEmpty;
using ::testing::Lt;
using ::testing::Not;

class CacheTest : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        url_ = test::postgres_cluster().make_database();
        prepare_days(url_);
        store(url_, random_events(7, 300));
        SegmentBuilder{url_}.build_in_parts(40);
        rows_ = read_events(url_);
    }

    /// Files for all, since none is small enough for a memory of 0.
    [[nodiscard]] CacheOptions in_files(std::uint64_t bytes = 1 << 24) const {
        return {.folder = (folder_.path() / "cache").string(), .max_file_bytes = bytes};
    }
    void expect_exact(const ReporterServer& server, int questions = 10) {
        for (const auto& [name, report] : kCategories) {
            for (int i = 0; i < questions; ++i) {
                const auto filter = random_filter(rows_, random_);
                const auto grouping = random_grouping(random_);
                const auto target = std::string{name} + "?" + filter.query() + grouping.query();
                EXPECT_EQ(server.get(target).body, recount(report, rows_, filter, grouping))
                    << target;
            }
        }
    }
    /// Scans all segments.
    [[nodiscard]] static std::string ask(const ReporterServer& server) {
        return server.get("demographics").body;
    }
    [[nodiscard]] static double fetches(const ReporterServer& server) {
        return server.counter("segment_fetches_total");
    }
    /// What the report before this one still holds for a moment need not be fetched: to be awaited.
    [[nodiscard]] static double fetched_by_asking(const ReporterServer& server) {
        const auto before = fetches(server);
        (void)ask(server);
        return fetches(server) - before;
    }
    [[nodiscard]] std::vector<std::filesystem::path> files() const {
        std::vector<std::filesystem::path> found;
        for (const auto& entry : std::filesystem::directory_iterator{folder_.path() / "cache"}) {
            found.push_back(entry.path());
        }
        return found;
    }
    static void warm(ReporterServer& server, const std::string& url) {
        postgres::Connection connection{{.url = config::Secret{url}, .application_name = "warmer"},
                                        {}};
        const auto more = [&] {
            return connection.read(
                [&](auto& transaction) { return server.snapshots().warm(transaction); });
        };
        while (more()) {
        }
    }

    inline static std::string url_;                // NOLINT(cert-err58-cpp)
    inline static std::vector<StoredEvent> rows_;  // NOLINT(cert-err58-cpp)
    static constexpr double kSegments = 6;         // a day and source each
    test::TemporaryDirectory folder_;
    std::mt19937 random_{1};
};

TEST_F(CacheTest, CanBeNone) {
    const ReporterServer server{url_, CacheOptions{}};
    expect_exact(server);
    EXPECT_TRUE(test::await([&] { return fetched_by_asking(server) == kSegments; }))
        << "each report fetches again";
    EXPECT_THAT(server.metrics(), ::testing::HasSubstr("segment_cache_bytes{place=\"memory\"} 0"));
}

TEST_F(CacheTest, FetchesEachSegmentOnce) {
    for (const auto& options : {CacheOptions{.max_memory = 1 << 24}, in_files()}) {
        const ReporterServer server{url_, options};
        expect_exact(server);
        (void)ask(server);
        EXPECT_EQ(fetches(server), kSegments);
    }
}

TEST_F(CacheTest, MayBeSmallerThanWhatReportsNeed) {
    for (const auto& options : {CacheOptions{.max_memory = 12'000}, in_files(12'000)}) {
        const ReporterServer server{url_, options};
        expect_exact(server);
        EXPECT_TRUE(test::await([&] {
            const auto fetched = fetched_by_asking(server);
            return fetched > 0 && fetched < kSegments;
        })) << "some are kept and not all";
    }
}

TEST_F(CacheTest, FetchesOnceForManyThatAskAtOnce) {
    const ReporterServer server{
        url_, {.connections = 8}, std::chrono::minutes{1}, {}, CacheOptions{.max_memory = 1 << 24}};
    std::vector<std::future<std::string>> answers;
    for (int i = 0; i < 24; ++i) {
        answers.push_back(std::async(std::launch::async, [&, i] {
            return server.get(fmt::format("demographics?from={}", i)).body;
        }));
    }
    for (auto& answer : answers) EXPECT_EQ(answer.get(), ask(server));
    EXPECT_EQ(fetches(server), kSegments);
}

TEST_F(CacheTest, LeavesNothingInItsFolder) {
    {
        const ReporterServer server{url_, in_files()};
        (void)ask(server);
        EXPECT_THAT(server.metrics(),
                    Not(::testing::HasSubstr("segment_cache_bytes{place=\"files\"} 0\n")));
        EXPECT_THAT(files(), IsEmpty()) << "while they are used nobody can cut them short";
    }
    EXPECT_THAT(files(), IsEmpty());
}

TEST_F(CacheTest, MayHaveAFolderThatCanNotBeUsed) {
    const ReporterServer server{
        url_, CacheOptions{
                  .folder = "/dev/null/cache", .max_file_bytes = 1 << 24, .max_memory = 1 << 24}};
    expect_exact(server, 3);
    (void)ask(server);
    EXPECT_EQ(fetches(server), kSegments) << "in memory";
}

TEST_F(CacheTest, MayLoseItsFolder) {
    auto options = in_files();
    options.max_memory = 4'096;
    const ReporterServer server{url_, options};
    std::filesystem::remove_all(folder_.path() / "cache");
    expect_exact(server, 3);
}

/// A limit of the size of files is to a writer what a full disk is.
class SmallFiles {
  public:
    explicit SmallFiles(rlim_t bytes) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~SmallFiles() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    SmallFiles(const SmallFiles&) = delete;
    SmallFiles& operator=(const SmallFiles&) = delete;

  private:
    rlimit before_{};
};

TEST_F(CacheTest, MayHaveAFullDisk) {
    auto options = in_files();
    const ReporterServer server{url_, options};
    {
        const SmallFiles full{1'000};  // less than a part
        expect_exact(server, 3);
        EXPECT_THAT(fetches(server), Gt(kSegments)) << "nothing is kept";
    }
    EXPECT_TRUE(test::await([&] { return fetched_by_asking(server) == 0; }))
        << "there is room again";
}

TEST_F(CacheTest, MayBeInTheFolderOfAnotherReporter) {
    const ReporterServer one{url_, in_files()};
    const ReporterServer other{url_, in_files()};
    expect_exact(one, 2);
    expect_exact(other, 2);
}

TEST_F(CacheTest, IsFilledAheadOfReports) {
    ReporterServer server{url_, in_files()};
    warm(server, url_);
    EXPECT_EQ(fetches(server), kSegments);
    expect_exact(server, 3);
    EXPECT_EQ(fetches(server), kSegments);
    ReporterServer small{url_, CacheOptions{.max_memory = 12'000}};
    warm(small, url_);
    EXPECT_THAT(fetches(small), Lt(kSegments)) << "as far as there is room";
    EXPECT_THAT(fetches(small), Gt(0));
    const auto before = fetches(small);
    warm(small, url_);
    EXPECT_EQ(fetches(small), before) << "and not again and again";
    // None fits into either, however much both are together.
    auto tiny = in_files(2'000);
    tiny.max_memory = 2'000;
    ReporterServer none{url_, tiny};
    warm(none, url_);
    EXPECT_EQ(fetches(none), 0);
}

/// Databases whose segments are not what they should be.
class DamagedSegmentsTest : public CacheTest {
  protected:
    DamagedSegmentsTest() {
        prepare_days(own_);
        store(own_, random_events(7, 300));
        SegmentBuilder{own_}.build_in_parts(40);
    }
    void sql(const std::string& text) const { test::query(own_, text); }

    std::string own_ = test::postgres_cluster().make_database();
};

TEST_F(DamagedSegmentsTest, AreToldAndTheirDaysAnsweredFromTheirRows) {
    sql("UPDATE events.segment_blobs SET bytes = set_byte(bytes, length(bytes) - 30, "
        "get_byte(bytes, length(bytes) - 30) # 1) "
        "WHERE part = 1 AND id = (SELECT blob FROM events.segments WHERE source = 'facebook' LIMIT "
        "1)");
    sql("DELETE FROM events.segment_blobs WHERE part = 0 AND id = "
        "(SELECT blob FROM events.segments WHERE source = 'tiktok' LIMIT 1)");
    for (const auto& options : {CacheOptions{}, CacheOptions{.max_memory = 1 << 24}, in_files()}) {
        ReporterServer server{own_, options};
        expect_exact(server);
        EXPECT_EQ(server.counter("damaged_segments_total"), 2) << "once each";
        EXPECT_THAT(server.counter("rows_read_instead_total"), Gt(0));
        SegmentBuilder{own_}.build(40);
        const auto read = server.counter("rows_read_instead_total");
        expect_exact(server);
        EXPECT_EQ(server.counter("rows_read_instead_total"), read) << "they are built again";
        warm(server, own_);  // forgets the former ones
        sql("UPDATE events.segment_blobs SET bytes = '\\x00' WHERE part = 0 AND id IN "
            "(SELECT min(blob) FROM events.segments GROUP BY source)");
        // What is in the cache is whole.
        expect_exact(server);
        SegmentBuilder{own_}.build_in_parts(40);
        sql("UPDATE events.segment_blobs SET bytes = '\\x00' WHERE part = 0 AND id IN "
            "(SELECT min(blob) FROM events.segments GROUP BY source)");
    }
}

}  // namespace
}  // namespace events::reporter
