#pragma once

#include "results.hpp"
#include "support/postgres_cluster.hpp"

#include <cstddef>
#include <map>
#include <string>

namespace events::bench {

/// What the bare libraries and servers reach on this machine, with our data: the measure of our own
/// figures. Each is measured when it is asked for first, and is then a case of the results; all in
/// events/s, medians of `runs`. One thread.
class Ceilings {
  public:
    Ceilings(int runs, test::PostgresCluster& cluster, Results& results)
        : runs_{runs}, cluster_{cluster}, results_{results} {}

    /// A message of so many events into a stream like ours, each acknowledged, by cnats alone.
    double publish(std::size_t events_per_message);
    /// The same messages out of it, each acknowledged.
    double pull(std::size_t events_per_message);
    /// Rows of Facebook into our table by one connection, 1,000 at a time, in a statement that may
    /// be repeated.
    double insert();
    /// The same by COPY, which may not. `format` is text or binary.
    double copy(const std::string& format);
    /// POSTs to a bare Beast server, which answers when it has read them.
    double http(std::size_t events_per_post, std::size_t connections);
    /// simdjson's DOM of a body, and beside it our parser, on one thread.
    double json();
    double our_parser();

  private:
    /// The case's events/s, from the results or from `measure`.
    template <typename Measure>
    double once(const std::string& name, Measure&& measure);

    void measure_jetstream(std::size_t events_per_message);
    void measure_database();

    int runs_;
    test::PostgresCluster& cluster_;
    Results& results_;
    std::map<std::string, double> found_;
};

}  // namespace events::bench
