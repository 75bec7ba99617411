#include "common/http/auth_probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <sstream>

namespace events::http {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class AuthProbeTest : public ::testing::Test {
  protected:
    AuthProbeTest() {
        auto output = std::make_shared<spdlog::logger>(
            "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines_));
        output->set_pattern("%v");
        probe_.emplace(metrics_, logging::Logger{"gateway", {}, output});
    }

    [[nodiscard]] std::ptrdiff_t lines() const {
        const auto text = lines_.str();
        return std::ranges::count(text, '\n');
    }

    metrics::Registry metrics_;
    std::ostringstream lines_;
    std::optional<AuthProbe> probe_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

TEST_F(AuthProbeTest, CountsByRouteAndReason) {
    probe_->refused("/events", AuthFailure::missing, {"a"});
    probe_->refused("/events", AuthFailure::missing, {"b"});
    probe_->refused("/reports/events", AuthFailure::wrong_key, {"c"});
    const auto text = metrics_.text();
    EXPECT_THAT(text, HasSubstr("unauthenticated_requests_total{reason=\"missing\","
                                "route=\"/events\"} 2"));
    EXPECT_THAT(text, HasSubstr("unauthenticated_requests_total{reason=\"wrong_key\","
                                "route=\"/reports/events\"} 1"));
    EXPECT_THAT(text, HasSubstr("unauthenticated_requests_total{reason=\"wrong_signature\","
                                "route=\"/events\"} 0"));
}

TEST_F(AuthProbeTest, LogsAFloodAsOneLineInAnInterval) {
    for (int i = 0; i < 1'000; ++i)
        probe_->refused("/events", AuthFailure::missing, {"abc"}, start_);
    EXPECT_EQ(lines(), 1);
    EXPECT_THAT(lines_.str(), HasSubstr(R"("requests":1,"route":"/events","reason":"missing",)"
                                        R"("correlationId":"abc")"));
    probe_->refused("/events", AuthFailure::wrong_key, {"def"},
                    start_ + AuthProbe::kLogInterval - 1ms);
    EXPECT_EQ(lines(), 1);
    probe_->refused("/events", AuthFailure::wrong_key, {"ghi"}, start_ + AuthProbe::kLogInterval);
    EXPECT_EQ(lines(), 2);
    EXPECT_THAT(lines_.str(), HasSubstr(R"("requests":1001,"route":"/events",)"
                                        R"("reason":"wrong_key","correlationId":"ghi")"));
}

}  // namespace
}  // namespace events::http
