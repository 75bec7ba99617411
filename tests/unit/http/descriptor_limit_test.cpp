#include "common/http/descriptor_limit.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>

namespace events::http {
namespace {

/// Gives this process another soft limit of open files while it lives.
class SoftLimit {
  public:
    explicit SoftLimit(rlim_t files) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        auto changed = before_;
        changed.rlim_cur = std::min(files, before_.rlim_max);
        ::setrlimit(RLIMIT_NOFILE, &changed);
    }
    ~SoftLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    SoftLimit(const SoftLimit&) = delete;
    SoftLimit& operator=(const SoftLimit&) = delete;

    [[nodiscard]] static rlim_t now() {
        rlimit limit{};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        return limit.rlim_cur;
    }
    [[nodiscard]] rlim_t hard() const { return before_.rlim_max; }

  private:
    rlimit before_{};
};

TEST(DescriptorLimit, IsLeftAloneWhereItHasRoom) {
    const SoftLimit limit{256};
    EXPECT_EQ(affordable_connections(100), 100U);
    EXPECT_EQ(SoftLimit::now(), std::min<rlim_t>(256, limit.hard()));
}

/// In a process of its own: a hard limit that was lowered stays so.
template <typename Check>
void expect_with_hard_limit(rlim_t files, Check check) {
    const auto run = [&] {
        const rlimit limits{.rlim_cur = 256, .rlim_max = files};
        const bool holds = ::setrlimit(RLIMIT_NOFILE, &limits) == 0 && check();
        std::_Exit(holds ? EXIT_SUCCESS : EXIT_FAILURE);
    };
    EXPECT_EXIT(run(), testing::ExitedWithCode(EXIT_SUCCESS), "");
}

TEST(DescriptorLimit, IsRaisedAsFarAsTheConnectionsNeedIt) {
    expect_with_hard_limit(
        1'000, [] { return affordable_connections(400) == 400 && SoftLimit::now() == 528; });
}

TEST(DescriptorLimit, LeavesSomeForTheRestWhereTheHardLimitIsLow) {
    expect_with_hard_limit(1'000, [] {
        const auto affordable = affordable_connections(1'000);
        return affordable < 1'000 && affordable >= 500 && SoftLimit::now() == 1'000;
    });
}

}  // namespace
}  // namespace events::http
