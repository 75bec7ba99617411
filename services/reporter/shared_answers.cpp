#include "reporter/shared_answers.hpp"

#include "common/postgres/error.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <utility>

namespace events::reporter {

namespace asio = boost::asio;

SharedAnswers::SharedAnswers(Compute compute, metrics::Registry& metrics)
    : compute_{std::move(compute)},
      shared_{metrics.counter("shared_answers_total",
                              "Reports that were answered with an equal one's answer.")} {}

/// A request that waits for a question.
class SharedAnswers::Waiting {
  public:
    explicit Waiting(SharedQuestionPtr question)
        : question_{std::move(question)},
          timer_{question_->executor, asio::steady_timer::time_point::max()} {
        question_->waiting.insert(&timer_);
    }
    ~Waiting() { question_->waiting.erase(&timer_); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

    [[nodiscard]] asio::steady_timer& timer() noexcept { return timer_; }

  private:
    SharedQuestionPtr question_;
    asio::steady_timer timer_;
};

asio::awaitable<Body> SharedAnswers::answer(Query query, Form form) {
    const auto executor = co_await asio::this_coro::executor;
    const auto key = fmt::format("{} {} {} {}", name_in(kCategories, query.category), form.csv,
                                 form.gzip, query.text);
    const auto question = join(key, std::move(query), form, executor);
    if (!question->ended) {
        Waiting waiting{question};
        boost::system::error_code woken;
        co_await waiting.timer().async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    if (!question->ended) {
        leave(key, question);
        throw postgres::Cancelled{"cancelled"};
    }
    if (question->error) std::rethrow_exception(question->error);
    co_return question->body;
}

SharedQuestionPtr SharedAnswers::join(const std::string& key, Query query, Form form,
                                      const asio::any_io_executor& executor) {
    // Not a reference: starting a question may end it, and change the map.
    const auto known = questions_[key];
    for (const auto& question : {known.running, known.next}) {
        if (!question || question->begun) continue;
        shared_.Increment();
        return question;
    }
    auto question = std::make_shared<SharedQuestion>(std::move(query), form, executor);
    if (known.running) {
        questions_[key].next = question;
    } else {
        questions_[key].running = question;
        start(key, question);
    }
    return question;
}

void SharedAnswers::leave(const std::string& key, const SharedQuestionPtr& question) {
    if (!question->waiting.empty()) return;
    question->stop.request_stop();
    forget(key, question);  // whether it ends soon or not
    question->cancel.emit(asio::cancellation_type::terminal);
}

void SharedAnswers::forget(const std::string& key, const SharedQuestionPtr& question) {
    const auto found = questions_.find(key);
    if (found == questions_.end()) return;
    auto& [running, next] = found->second;
    if (next == question) next.reset();
    if (running != question) return;
    running = std::exchange(next, nullptr);
    if (const auto begins = running) {
        start(key, begins);
    } else {
        questions_.erase(found);
    }
}

void SharedAnswers::start(const std::string& key, const SharedQuestionPtr& question) {
    asio::co_spawn(question->executor, run(key, question),
                   asio::bind_cancellation_slot(question->cancel.slot(), asio::detached));
}

asio::awaitable<void> SharedAnswers::run(std::string key, SharedQuestionPtr question) {
    try {
        question->body = co_await compute_(question);
    } catch (...) {
        question->error = std::current_exception();
    }
    question->ended = true;
    for (auto* timer : question->waiting) timer->cancel();
    forget(key, question);
}

}  // namespace events::reporter
