#include "reporter/shared_answers.hpp"

#include "common/postgres/error.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <vector>

namespace events::reporter {
namespace {

namespace asio = boost::asio;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Questions are computed when the test says so.
class SharedAnswersTest : public ::testing::Test {
  protected:
    struct Request {
        asio::cancellation_signal cancel;
        std::optional<std::string> answer;  ///< or what() of the failure
    };
    struct Computing {
        SharedQuestionPtr question;
        asio::steady_timer ends;
        bool cancelled = false;
    };

    Request& ask(const std::string& text, bool csv = false) {
        auto& request = requests_.emplace_back();
        const auto answered = [&request](const std::exception_ptr& error, const Body& body) {
            try {
                if (error) std::rethrow_exception(error);
                request.answer = body->text;
            } catch (const std::exception& failure) {
                request.answer = failure.what();
            }
        };
        asio::co_spawn(
            io_, answers_.answer({.category = Category::events, .text = text}, Form{.csv = csv}),
            asio::bind_cancellation_slot(request.cancel.slot(), answered));
        run();
        return request;
    }
    void begin(std::size_t computing) { computing_.at(computing).question->begun = true; }
    void end(std::size_t computing) {
        computing_.at(computing).ends.cancel();
        run();
    }
    void leave(Request& request) {
        request.cancel.emit(asio::cancellation_type::terminal);
        run();
    }
    void run() {
        io_.restart();
        io_.poll();
    }
    [[nodiscard]] double shared() const {
        return metrics_.counter("shared_answers_total", "").Value();
    }

    asio::awaitable<Body> compute(SharedQuestionPtr question) {
        auto& computing = computing_.emplace_back(
            Computing{question, asio::steady_timer{io_, asio::steady_timer::time_point::max()}});
        const auto number = computing_.size();
        boost::system::error_code woken;
        if (question->query.text == "deaf") {
            co_await computing.ends.async_wait(asio::redirect_error(
                asio::bind_cancellation_slot(asio::cancellation_slot{}, asio::use_awaitable),
                woken));
        } else {
            co_await computing.ends.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        }
        computing.cancelled = question->stop.stop_requested();
        if (question->query.text == "bad") throw postgres::PoolBusy{"busy"};
        co_return ReportText{question->query.text + " " + std::to_string(number)};
    }

    asio::io_context io_;
    mutable metrics::Registry metrics_;
    std::deque<Computing> computing_;
    std::deque<Request> requests_;
    SharedAnswers answers_{
        [this](SharedQuestionPtr question) { return compute(std::move(question)); }, metrics_};
};

TEST_F(SharedAnswersTest, AreSharedByEqualQuestionsUntilTheSnapshot) {
    const auto& first = ask("a");
    const auto& second = ask("a");
    const auto& other = ask("b");
    const auto& csv = ask("a", true);
    EXPECT_EQ(computing_.size(), 3U);
    end(0);
    EXPECT_EQ(first.answer, "a 1");
    EXPECT_EQ(second.answer, "a 1");
    EXPECT_FALSE(other.answer || csv.answer);
    EXPECT_EQ(shared(), 1);
    end(1);
    end(2);
    EXPECT_EQ(other.answer, "b 2");
    EXPECT_EQ(csv.answer, "a 3");
}

TEST_F(SharedAnswersTest, WaitTogetherForTheNextWhileOneRuns) {
    const auto& first = ask("a");
    begin(0);
    const auto& second = ask("a");
    const auto& third = ask("a");
    EXPECT_EQ(computing_.size(), 1U) << "the next has not begun";
    end(0);
    EXPECT_EQ(first.answer, "a 1");
    EXPECT_FALSE(second.answer || third.answer) << "a snapshot that is older than they are";
    ASSERT_EQ(computing_.size(), 2U);
    const auto& fourth = ask("a");
    end(1);
    EXPECT_EQ(second.answer, "a 2");
    EXPECT_EQ(third.answer, "a 2");
    EXPECT_EQ(fourth.answer, "a 2") << "it came before the snapshot";
    (void)ask("a");
    EXPECT_EQ(computing_.size(), 3U) << "and nothing is kept";
    end(2);
}

TEST_F(SharedAnswersTest, AreCancelledWhenTheLastClientLeaves) {
    auto& first = ask("a");
    auto& second = ask("a");
    leave(first);
    EXPECT_EQ(first.answer, "cancelled");
    EXPECT_FALSE(computing_[0].question->stop.stop_requested());
    leave(second);
    EXPECT_TRUE(computing_[0].cancelled);
    EXPECT_EQ(second.answer, "cancelled");
}

// Equal questions waited for one that nobody waited for any more: for ever, where it never ended.
TEST_F(SharedAnswersTest, DoNotWaitForAQuestionThatIsCancelledAndDoesNotEnd) {
    auto& first = ask("deaf");
    begin(0);
    const auto& second = ask("deaf");
    leave(first);
    EXPECT_TRUE(computing_[0].question->stop.stop_requested());
    ASSERT_EQ(computing_.size(), 2U) << "the next begins";
    const auto& third = ask("deaf");
    end(1);
    EXPECT_EQ(second.answer, "deaf 2");
    EXPECT_EQ(third.answer, "deaf 2");
    auto& fourth = ask("deaf");
    ASSERT_EQ(computing_.size(), 3U);
    end(0);
    EXPECT_FALSE(fourth.answer) << "the end of the first one is nothing to those that came later";
    end(2);
    EXPECT_EQ(fourth.answer, "deaf 3");
}

TEST_F(SharedAnswersTest, AreNotThoseOfAQuestionThatIsBeingCancelled) {
    auto& first = ask("deaf");
    leave(first);
    const auto& second = ask("deaf");
    ASSERT_EQ(computing_.size(), 2U);
    end(1);
    EXPECT_EQ(second.answer, "deaf 2");
    end(0);
}

TEST_F(SharedAnswersTest, NeverBeginForClientsThatLeftBefore) {
    (void)ask("a");
    begin(0);
    leave(ask("a"));
    end(0);
    EXPECT_EQ(computing_.size(), 1U);
    (void)ask("a");
    EXPECT_EQ(computing_.size(), 2U);
    end(1);
}

TEST_F(SharedAnswersTest, GiveEachRequestTheFailure) {
    const auto& first = ask("bad");
    const auto& second = ask("bad");
    end(0);
    EXPECT_EQ(first.answer, "busy");
    EXPECT_EQ(second.answer, "busy");
}

}  // namespace
}  // namespace events::reporter
