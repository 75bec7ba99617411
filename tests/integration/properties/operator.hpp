#pragma once

#include "common/events/event.hpp"
#include "common/postgres/connection.hpp"
#include "random_events.hpp"

#include <map>
#include <string>
#include <vector>

namespace events::test {

/// Somebody who owns the database and does anything with its tables of events. Single-threaded.
class Operator {
  public:
    Operator(const std::string& url, Random& random);

    /// Does one thing. What the database refuses (a day that has a partition already, a lock that
    /// is not given) changes nothing, and is no failure.
    void act();
    /// The same, but only what changes rows: a snapshot shows either none or all of it, while
    /// partitions come and go and are emptied for those that have a snapshot already.
    void change_rows();

    /// How often each kind of thing was done, and refused.
    struct Count {
        int done = 0;
        int refused = 0;
    };
    [[nodiscard]] const std::map<std::string, Count>& counts() const noexcept { return counts_; }

  private:
    struct Table {
        std::string source;
        std::string name;
    };
    struct Detached {
        Table table;
        std::string name;
        std::string bounds;  ///< "FOR VALUES ..."
    };

    [[nodiscard]] Table some_table();
    /// Of a table's partitions, attached; empty where there is none.
    [[nodiscard]] std::string some_partition(const Table& table);
    /// The table itself or one of its partitions.
    [[nodiscard]] std::string some_target(const Table& table);
    [[nodiscard]] std::string some_rows();
    std::string query(const std::string& sql);
    void run(const std::string& kind, const std::string& sql);

    void insert();
    void copy_by_name();
    void remove();
    void update();
    void move();
    void roll_back();
    void truncate();
    void detach();
    void attach();
    void drop();
    void add_partition();
    void add_default();
    void retain();
    void rebuild();
    void vacuum_full();

    postgres::Connection connection_;
    Random& random_;
    std::vector<Detached> detached_;
    std::map<std::string, Count> counts_;
    int made_ = 0;
};

}  // namespace events::test
