#include "common/http/request_probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

namespace events::http {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class RequestProbeTest : public ::testing::Test {
  protected:
    logging::Logger logger(logging::Level level) {
        auto output = std::make_shared<spdlog::logger>(
            "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines_));
        output->set_pattern("%v");
        return {"gateway", {.level = level, .format = logging::Format::json}, output};
    }

    metrics::Registry metrics_;
    std::ostringstream lines_;
};

TEST_F(RequestProbeTest, CountsAndTimesByRouteMethodAndStatus) {
    RequestProbe probe{metrics_, logger(logging::Level::info)};
    probe.answered("/events", Method::post, 201, 3ms, {"abc"});
    probe.answered("/events", Method::post, 201, 3s, {"abc"});
    probe.answered("other", Method::other, 404, 1ms, {"abc"});
    const auto text = metrics_.text();
    EXPECT_THAT(text,
                HasSubstr(R"(http_requests_total{method="POST",route="/events",status="201"} 2)"));
    EXPECT_THAT(text,
                HasSubstr(R"(http_requests_total{method="other",route="other",status="404"} 1)"));
    EXPECT_THAT(text, HasSubstr("http_request_duration_seconds_bucket{method=\"POST\",route=\"/"
                                "events\",status=\"201\",le=\"0.005\"} 1"));
}

TEST_F(RequestProbeTest, LogsARequestAtDebugLevelOnly) {
    RequestProbe quiet{metrics_, logger(logging::Level::info)};
    quiet.answered("/events", Method::post, 201, 3ms, {"abc"});
    EXPECT_THAT(lines_.str(), IsEmpty());

    RequestProbe talkative{metrics_, logger(logging::Level::debug)};
    talkative.answered("/events", Method::post, 201, 3ms, {"abc"});
    EXPECT_THAT(lines_.str(), HasSubstr(R"("level":20)"));
    EXPECT_THAT(lines_.str(), HasSubstr(R"("method":"POST","route":"/events","status":201,)"
                                        R"("durationMs":3,"correlationId":"abc")"));
}

TEST_F(RequestProbeTest, ReportsAFailureButNotEachAnswer) {
    RequestProbe probe{metrics_, logger(logging::Level::info)};
    probe.answered("/readiness", Method::get, 503, 3ms, {"abc"});
    EXPECT_EQ(lines_.str(), "");
    probe.failed("/events", "out of luck", {"abc"});
    EXPECT_THAT(lines_.str(), HasSubstr(R"("err":"out of luck","correlationId":"abc")"));
    EXPECT_THAT(lines_.str(), Not(HasSubstr(R"("level":20)")));
}

}  // namespace
}  // namespace events::http
