#pragma once

#include "common/events/event.hpp"
#include "common/postgres/connection.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace events::test {

/// A migrated database of its own, with some ways to write to it. Single-threaded.
class EventTables {
  public:
    /// `parameters` are added to the URL; a `schema` in them must be there already.
    explicit EventTables(std::string url, std::string schema = "events");

    /// Makes a day's partition, which is empty and so built. Returns its name.
    std::string add_day(Source source, std::string_view day);

    /// Stores so many events of a day as a collector does: rows straight into their partition, and
    /// their segment in the same transaction. Their ids begin with `name`.
    void store(Source source, std::string_view day, std::string_view name, std::size_t events);

    /// A statement of somebody else's, in the session's schemas; the first column of the first row.
    std::string query(const std::string& sql);

    [[nodiscard]] const std::string& url() const noexcept { return url_; }
    [[nodiscard]] const std::string& schema() const noexcept { return schema_; }
    [[nodiscard]] postgres::Connection& connection() noexcept { return connection_; }

  private:
    std::string url_;
    std::string schema_;
    postgres::Connection connection_;
};

/// "INSERT INTO <table> (...) SELECT ...": so many events of that day, of many users and kinds.
/// Their ids begin with `name`.
[[nodiscard]] std::string insert_events(Source source, std::string_view table, std::string_view day,
                                        std::string_view name, std::size_t events);

}  // namespace events::test
