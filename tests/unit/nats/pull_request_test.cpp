#include "common/nats/pull_request.hpp"

#include <gtest/gtest.h>

namespace events::nats {
namespace {

using namespace std::chrono_literals;
using End = PullRequest::End;

const PullRequest::Clock::time_point kStart{1h};
const auto kExpiry = kStart + 5s;
constexpr PullSize kAllowed{.messages = 10, .bytes = 1'000};

class PullRequestTest : public ::testing::Test {
  protected:
    /// Makes the next request and gives its number.
    std::uint64_t send() {
        const auto number = request_.next_number();
        request_.sent(request_.next_size(kAllowed), kExpiry);
        return number;
    }
    void deliver(int messages) {
        for (int i = 0; i < messages; ++i) request_.delivered();
    }
    [[nodiscard]] bool next_is_alone() const {
        const auto size = request_.next_size(kAllowed);
        return size.messages == 1 && size.bytes == 0;
    }

    PullRequest request_{2s};
};

TEST_F(PullRequestTest, IsOpenUntilAllItsMessagesCame) {
    EXPECT_FALSE(request_.is_open());
    send();
    deliver(9);
    EXPECT_TRUE(request_.is_open());
    deliver(1);
    EXPECT_FALSE(request_.is_open());
    deliver(1);  // nobody asked for it
    EXPECT_FALSE(request_.is_open());
}

TEST_F(PullRequestTest, IsOverWhenTheServerEndsIt) {
    const auto number = send();
    deliver(3);
    EXPECT_TRUE(request_.ended(number, End::over));
    EXPECT_FALSE(request_.is_open());
    EXPECT_FALSE(request_.ended(number, End::over)) << "once only";
}

TEST_F(PullRequestTest, IsNotEndedByWhatTheServerSaysOfAFormerOne) {
    const auto former = send();
    request_.clear();
    const auto number = send();
    EXPECT_NE(number, former);
    EXPECT_FALSE(request_.ended(former, End::too_large));
    EXPECT_TRUE(request_.is_open());
}

TEST_F(PullRequestTest, AsksAloneForWhatIsLargerThanAllItsBytes) {
    EXPECT_TRUE(request_.ended(send(), End::too_large));
    EXPECT_TRUE(next_is_alone());
    send();
    deliver(1);
    EXPECT_FALSE(next_is_alone()) << "once only";
}

TEST_F(PullRequestTest, AsksAsBeforeForWhatOnlyTheRestOfItsBytesWasTooSmallFor) {
    const auto number = send();
    deliver(1);
    EXPECT_TRUE(request_.ended(number, End::too_large));
    EXPECT_FALSE(next_is_alone());
}

TEST_F(PullRequestTest, GoesOnWhenTheLargeOneWasTakenByAnother) {
    EXPECT_TRUE(request_.ended(send(), End::too_large));
    EXPECT_TRUE(request_.ended(send(), End::over));
    EXPECT_FALSE(next_is_alone());
}

TEST_F(PullRequestTest, IsSilentWhenItsEndShouldHaveCome) {
    EXPECT_FALSE(request_.silent(kExpiry + 1h));
    send();
    EXPECT_FALSE(request_.silent(kExpiry + 2s));
    EXPECT_TRUE(request_.silent(kExpiry + 3s));
    request_.clear();
    EXPECT_FALSE(request_.silent(kExpiry + 3s));
}

TEST(PullRequestBody, SaysWhatItAsksFor) {
    EXPECT_EQ(pull_request_body({.messages = 20, .bytes = 4'096}, 5s),
              R"({"batch":20,"max_bytes":4096,"expires":5000000000})");
    EXPECT_EQ(pull_request_body({}, 20ms), R"({"batch":1,"expires":20000000})");
}

}  // namespace
}  // namespace events::nats
