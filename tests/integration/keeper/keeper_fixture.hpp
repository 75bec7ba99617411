#pragma once

#include "common/postgres/connection.hpp"
#include "common/postgres/segment_store.hpp"
#include "common/segments/encode.hpp"
#include "common/sources/facebook.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace events::test {

/// What some events say, and how often: an event that is taken back counts as -1. Without those
/// that are there as often as they are taken back.
using Content = std::map<std::string, std::int64_t>;

/// A row of facebook_events or tiktok_events that owns its texts.
struct SampleRow {
    Source source = kFacebook;
    std::string event_id;
    std::int64_t time = 0;  ///< microseconds since 1970
    std::string stage{}, type{}, user{};
    std::string campaign{}, country{}, city{}, gender{},
        device{};             ///< empty: null, where that may be
    std::int64_t number = 0;  ///< age or followers
    std::int64_t cents = -1;  ///< of revenue; -1: null

    [[nodiscard]] segments::Record record() const;
    /// In parentheses: the values of kColumns(source).
    [[nodiscard]] std::string sql() const;
};

/// 2026-03-01T00:00:00Z.
inline constexpr std::int64_t kDayBegins = 1'772'323'200'000'000;
inline constexpr std::int64_t kDayLength = 86'400'000'000;

/// Rows of that day, 0 being that of kDayBegins. Few values, so that they meet; the same `seed` and
/// day give the same rows.
[[nodiscard]] std::vector<SampleRow> make_rows(Source source, std::size_t count, int day,
                                               std::uint64_t seed);

/// A new database with our tables, and a partition of 2026-03-01 of each source.
class KeeperTest : public ::testing::Test {
  protected:
    KeeperTest();

    std::string query(const std::string& sql) const;
    [[nodiscard]] static postgres::Options options(const std::string& url);
    [[nodiscard]] postgres::Options options() const { return options(url_); }

    [[nodiscard]] postgres::Oid oid(const std::string& table) const;
    /// A statement that inserts the rows into that table.
    [[nodiscard]] static std::string insert(const std::string& table,
                                            const std::vector<SampleRow>& rows);
    /// As a collector does: the rows into the partition, and their segment.
    void collect(const std::string& partition, const std::vector<SampleRow>& rows) const;

    /// What the rows say, read without the code that is tested.
    [[nodiscard]] static Content rows(pqxx::transaction_base& work, Source source,
                                      const std::string& partition);
    /// What the segments and the changes say.
    [[nodiscard]] static Content segments(pqxx::transaction_base& work, postgres::Oid partition);

    /// Has every built partition compared: what its segments and changes say with its rows, in one
    /// snapshot. How many there are.
    int expect_exact() const;
    static int expect_exact(pqxx::transaction_base& work);
    [[nodiscard]] bool is_built(const std::string& table) const;
    [[nodiscard]] int count(const std::string& from) const;

    std::string url_;
};

}  // namespace events::test
