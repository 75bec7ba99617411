#pragma once

#include "common/expected.hpp"
#include "common/http/router.hpp"
#include "common/postgres/pool.hpp"
#include "reporter/parse_query.hpp"
#include "reporter/probe.hpp"
#include "reporter/query.hpp"
#include "reporter/scan_executor.hpp"
#include "reporter/shared_answers.hpp"
#include "reporter/snapshot.hpp"

#include <atomic>
#include <cstddef>

namespace events::reporter {

/// GET /reports/events, /reports/revenue and /reports/demographics (contract, section 7).
///
/// Each report is counted from one read-only snapshot that is taken after the request came, so it
/// shows every event committed before; equal ones share an answer. One that counts many events
/// gives its connection back first and runs on the executor of those. Until open() is called, and
/// while the database does not answer in time, the answer is 503 with Retry-After; also, each with
/// a detail of its own, when too many are asked for, when one takes too long, and when the pool is
/// stopped. A report that no client waits for any more is cancelled, in the database too.
///
/// Of a range that is over, a client may keep the answer and ask whether it changed (ETag).
///
/// Handlers run on the server's thread; open() may be called from any.
class Reports {
  public:
    /// `threads`: of a big count.
    Reports(postgres::Pool& pool, Snapshots& snapshots, ScanExecutor& scans, std::size_t threads,
            metrics::Registry& metrics, logging::Logger log);

    /// The routes refer to this object, which must outlive the router. `admission` decides by a
    /// request's header whether it may see figures; empty: every one may.
    void add_routes(http::Router& router, const http::Admission& admission = {});

    /// The database has the tables: from here on reports are computed. Call once.
    void open(TimeZones zones);

  private:
    boost::asio::awaitable<http::Response> answer(Category category, http::Request& request);
    boost::asio::awaitable<http::Response> respond(const Query& query, http::Request& request);
    boost::asio::awaitable<Body> compute(SharedQuestionPtr question);
    http::Response refuse(Category category, const std::vector<BadParameter>& bad,
                          const http::RequestHead& head);

    postgres::Pool& pool_;
    Snapshots& snapshots_;
    ScanExecutor& scans_;
    std::size_t threads_;
    Probe probe_;
    SharedAnswers answers_;
    TimeZones zones_;  ///< written before `open_`, read-only afterwards
    std::atomic<bool> open_{false};
};

/// The names of the zones that the database has.
[[nodiscard]] TimeZones read_time_zones(postgres::Connection& connection);

}  // namespace events::reporter
