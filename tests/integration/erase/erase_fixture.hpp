#pragma once

#include "common/collector/event_store.hpp"
#include "common/collector/event_table.hpp"
#include "common/events/event.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "erase/erasure.hpp"
#include "integration/nats/broker.hpp"
#include "support/postgres_cluster.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

namespace events::erase {

/// Ids of both kinds that segments know: a UUID's bytes, and a hash of anything else.
inline constexpr std::string_view kAda = "0c9d1f2e-3a4b-4c5d-8e6f-708192a3b4c5";
inline constexpr std::string_view kBob = "bob/of \"Bonn\" \\ & Köln";
inline constexpr std::string_view kEve = "eve-1b1b1b1b1b";

/// An event of a person, as it is sent. Of facebook a checkout of 12.50, of tiktok a purchase.
[[nodiscard]] std::string event_of(Source source, std::string_view user, std::string_view event_id,
                                   std::string_view time = "2026-03-01T12:00:00Z");

/// Parses the lines, which are valid events of one source, and stores them as a collector does that
/// got them at `received_at`. How many were new.
std::size_t store_events(collector::EventStore& store, const std::vector<std::string>& lines,
                         Timestamp received_at);

[[nodiscard]] Timestamp now();

/// A database and a broker, with both collectors' stores. Each person has events of both sources on
/// two days, in their middle others'.
class EraseTest : public nats::test::BrokerTest {
  protected:
    EraseTest();

    [[nodiscard]] postgres::Options options(std::string name = "test") const;
    [[nodiscard]] collector::EventStore& store(Source source);
    void store_some(Source source, std::string_view user, std::string_view prefix, int count,
                    std::string_view day = "2026-03-01");
    /// Puts a message with these events into a source's stream, received at that time; every other
    /// one is compressed.
    void send(Source source, const std::vector<std::string>& lines, Timestamp received_at);

    std::string query(const std::string& sql) const { return test::query(database_, sql); }
    [[nodiscard]] std::string rows_of(Source source, std::string_view user) const;
    /// What reports would say of the segments, against the rows.
    void expect_exact() const;

    [[nodiscard]] Outcome erase(const std::vector<std::string_view>& ids,
                                ErasureOptions options = {.sources = {kFacebook, kTikTok}});
    [[nodiscard]] Inventory inventory(std::string_view id);

    struct Tool {
        int code = -1;
        std::string text;
    };
    /// Runs events-erase or events-export-user to its end.
    [[nodiscard]] Tool tool(const std::string& name, const std::vector<std::string>& arguments,
                            const std::string& database_url = {}, const std::string& nats_url = {});

    std::string database_;
    postgres::Connection connection_;
    collector::EventTable facebook_;
    collector::EventTable tiktok_;
    std::atomic<bool> interrupted_{false};
    int sent_ = 0;
};

}  // namespace events::erase
