#pragma once

#include "common/postgres/connection.hpp"
#include "support/postgres_cluster.hpp"

#include <string>

namespace events::test {

/// A database with our schema, and what a test asks of it: any source's events, where `url` is a
/// superuser's. Each day that is made is empty and so built.
class EventsDatabase {
  public:
    explicit EventsDatabase(PostgresCluster& cluster = postgres_cluster());
    /// One that is there, with these schemas.
    EventsDatabase(std::string url, std::string schema, std::string tables);

    [[nodiscard]] const std::string& url() const noexcept { return url_; }
    /// With our two schemas on the path.
    std::string query(const std::string& sql) const;

    /// Applies the migrations.
    void migrate() const;
    /// Makes the partition of a day, say "2026-03-01", and that name.
    void add_day(const std::string& day, const std::string& name,
                 const std::string& source = "facebook") const;
    /// Segments of a partition's rows in place of all that was noted of it, as far as SQL knows
    /// them: without blobs.
    void build(const std::string& name) const;

    /// Each difference between hourly_events and a recount of the rows, one a line.
    [[nodiscard]] std::string differences() const;
    /// The names of the attached partitions, in order, that segments and changes answer for.
    [[nodiscard]] std::string built() const;
    /// "<differences()>;<built()>" as they are after these statements, of which nothing stays.
    [[nodiscard]] std::string outcome_of(const std::string& sql) const;

  private:
    /// The statement that differences() are the answer of.
    [[nodiscard]] std::string recount() const;

    std::string url_;
    std::string schema_ = "events";
    std::string tables_ = "public";
};

/// INSERT INTO <table> of an event with revenue; the time as in '2026-03-01 12:00Z'.
[[nodiscard]] std::string insert_event(const std::string& table, const std::string& id,
                                       const std::string& time);

/// Two built days, 2026-03-01 "first" and 2026-03-02 "second", each with a row in a segment at noon
/// ("segment-1", "segment-2") and one in a change an hour later ("change-1", "change-2").
struct TwoDays : EventsDatabase {
    TwoDays();
};

}  // namespace events::test
