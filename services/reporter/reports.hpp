#pragma once

#include "common/http/router.hpp"
#include "common/postgres/pool.hpp"
#include "reporter/probe.hpp"
#include "reporter/query.hpp"

#include <atomic>

namespace events::reporter {

/// GET /reports/events, /reports/revenue and /reports/demographics (contract, section 7).
///
/// Each report is one statement in one read-only snapshot that is taken after the request came, so
/// it shows every event committed before; nothing is cached. Until open() is called, and while the
/// database does not answer in time, the answer is 503 with Retry-After; also, each with a detail
/// of its own, when too many are asked for, when one takes too long, and when the pool is stopped.
/// A report whose client has left is cancelled, in the database too.
///
/// Handlers run on the server's thread; open() may be called from any.
class Reports {
  public:
    Reports(postgres::Pool& pool, metrics::Registry& metrics, logging::Logger log);

    /// The routes refer to this object, which must outlive the router.
    void add_routes(http::Router& router);

    /// The database has the tables: from here on reports are computed.
    void open() noexcept { open_.store(true); }

  private:
    boost::asio::awaitable<http::Response> answer(Category category, http::Request& request);

    postgres::Pool& pool_;
    Probe probe_;
    std::atomic<bool> open_{false};
};

}  // namespace events::reporter
