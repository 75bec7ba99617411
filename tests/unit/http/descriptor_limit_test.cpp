#include "common/http/descriptor_limit.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>

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

TEST(DescriptorLimit, IsRaisedAsFarAsTheConnectionsNeedIt) {
    const SoftLimit limit{256};
    if (limit.hard() < 528) GTEST_SKIP() << "the hard limit is " << limit.hard();
    EXPECT_EQ(affordable_connections(400), 400U);
    EXPECT_EQ(SoftLimit::now(), 528U);
}

TEST(DescriptorLimit, LeavesSomeForTheRestWhereTheHardLimitIsLow) {
    const SoftLimit limit{256};
    if (limit.hard() > 10'000'000) GTEST_SKIP() << "there is no hard limit";
    const auto hard = static_cast<std::size_t>(limit.hard());
    const auto affordable = affordable_connections(hard);
    EXPECT_LT(affordable, hard);
    EXPECT_GE(affordable, hard / 2);
    EXPECT_EQ(SoftLimit::now(), limit.hard());
}

}  // namespace
}  // namespace events::http
