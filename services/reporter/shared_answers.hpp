#pragma once

#include "common/expected.hpp"
#include "common/metrics/registry.hpp"
#include "reporter/query.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <utility>

namespace events::reporter {

/// How an answer is written.
struct Form {
    bool csv = false;
    bool gzip = false;  ///< where that is worth it
};

struct ReportText {
    std::string text;           ///< JSON or CSV
    bool packed = false;        ///< with gzip
    std::string kept_from{};    ///< as Report has it
    std::string series_from{};  ///< as Report has it
};

/// A report's body.
using Body = Expected<ReportText, BadParameter>;

/// A question that one request or several wait for.
struct SharedQuestion {
    SharedQuestion(Query asked, Form written_in, boost::asio::any_io_executor runs_on)
        : query{std::move(asked)}, form{written_in}, executor{std::move(runs_on)} {}

    Query query;
    Form form;
    std::stop_source stop{};         ///< requested when nobody waits any more
    std::atomic<bool> begun{false};  ///< set before its snapshot is taken

  private:
    friend class SharedAnswers;
    boost::asio::any_io_executor executor;
    /// What the requests sleep on, each in its own coroutine: cancelled when the answer is there.
    std::set<boost::asio::steady_timer*> waiting{};
    boost::asio::cancellation_signal cancel{};
    bool ended = false;
    Body body{};
    std::exception_ptr error{};
};
using SharedQuestionPtr = std::shared_ptr<SharedQuestion>;

/// Has equal questions share one answer: a request joins one that has not begun yet, so that the
/// answer shows every event committed before the request. While one runs, those that come wait
/// together for the next.
///
/// A question is cancelled when the last request that waits for it is: from then on no equal one
/// waits for it, however long it takes to end. For the server's thread.
class SharedAnswers {
  public:
    /// Computes a body; sets `begun` before it takes its snapshot. Supports cancellation.
    using Compute = std::function<boost::asio::awaitable<Body>(SharedQuestionPtr)>;

    SharedAnswers(Compute compute, metrics::Registry& metrics);

    /// Failure: Cancelled, and what `compute` throws.
    [[nodiscard]] boost::asio::awaitable<Body> answer(Query query, Form form);

  private:
    class Waiting;
    /// Of equal questions.
    struct Pair {
        SharedQuestionPtr running;
        SharedQuestionPtr next;  ///< begins when `running` has ended, or is cancelled
    };

    SharedQuestionPtr join(const std::string& key, Query query, Form form,
                           const boost::asio::any_io_executor& executor);
    void leave(const std::string& key, const SharedQuestionPtr& question);
    /// Nobody joins it any more, and the next one begins.
    void forget(const std::string& key, const SharedQuestionPtr& question);
    void start(const std::string& key, const SharedQuestionPtr& question);
    boost::asio::awaitable<void> run(std::string key, SharedQuestionPtr question);

    Compute compute_;
    metrics::Counter& shared_;
    std::unordered_map<std::string, Pair> questions_;
};

}  // namespace events::reporter
