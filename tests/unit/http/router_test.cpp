#include "common/http/router.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace events::http {
namespace {

Router router_with(std::initializer_list<std::pair<Method, const char*>> routes) {
    Router router;
    for (const auto& [method, path] : routes) {
        router.add({.method = method, .path = path, .handler = {}});
    }
    return router;
}

TEST(Router, FindsARouteByMethodAndExactPath) {
    const auto router = router_with({{Method::get, "/events"}, {Method::post, "/events"}});
    const auto match = router.find(Method::post, "/events");
    ASSERT_NE(match.route, nullptr);
    EXPECT_EQ(match.route->method, Method::post);
    EXPECT_TRUE(match.allow.empty());
}

TEST(Router, FindsAPathWithASlashBehindIt) {
    const auto router = router_with({{Method::post, "/events"}, {Method::get, "/"}});
    const auto match = router.find(Method::post, "/events/");
    ASSERT_NE(match.route, nullptr);
    EXPECT_EQ(match.path, "/events") << "one label for both";
    EXPECT_EQ(router.find(Method::get, "/events/").allow, "POST");
    for (const auto* other : {"/events//", "//", "/event/", "events/", ""}) {
        EXPECT_TRUE(router.find(Method::post, other).path.empty()) << other;
    }
}

TEST(Router, LeavesAPathExactThatProxiesKeepInside) {
    auto router = router_with({{Method::get, "/"}});
    router.add({.method = Method::get, .path = "/metrics", .handler = {}, .exact_path = true});
    EXPECT_EQ(router.find(Method::get, "/metrics").path, "/metrics");
    EXPECT_TRUE(router.find(Method::get, "/metrics/").path.empty());
}

TEST(Router, PrefersAPathThatIsThere) {
    const auto router = router_with({{Method::get, "/a"}, {Method::get, "/a/"}});
    EXPECT_EQ(router.find(Method::get, "/a/").path, "/a/");
    EXPECT_EQ(router.find(Method::get, "/a").path, "/a");
}

TEST(Router, AnswersHeadWithTheGetRoute) {
    const auto router = router_with({{Method::get, "/liveness"}});
    const auto match = router.find(Method::head, "/liveness");
    ASSERT_NE(match.route, nullptr);
    EXPECT_EQ(match.route->method, Method::get);
}

TEST(Router, NamesTheMethodsOfAPathThatLacksTheOneAskedFor) {
    const auto router = router_with({{Method::get, "/a"}, {Method::post, "/a"}});
    const auto match = router.find(Method::delete_, "/a");
    EXPECT_EQ(match.route, nullptr);
    EXPECT_EQ(match.allow, "GET, POST, HEAD");
}

TEST(Router, AllowsNoHeadWhereThereIsNoGet) {
    const auto router = router_with({{Method::post, "/events"}});
    EXPECT_EQ(router.find(Method::get, "/events").allow, "POST");
    EXPECT_EQ(router.find(Method::head, "/events").allow, "POST");
}

TEST(Router, DoesNotNameHeadTwice) {
    const auto router = router_with({{Method::get, "/a"}, {Method::head, "/a"}});
    EXPECT_EQ(router.find(Method::post, "/a").allow, "GET, HEAD");
}

TEST(Router, KnowsNothingOfOtherPaths) {
    const auto router = router_with({{Method::get, "/events"}});
    for (const auto* path : {"/event", "/events//", "/Events", "/", "", "events"}) {
        const auto match = router.find(Method::get, path);
        EXPECT_EQ(match.route, nullptr) << path;
        EXPECT_TRUE(match.allow.empty()) << path;
    }
}

TEST(Router, RefusesTwoRoutesForTheSame) {
    auto router = router_with({{Method::get, "/events"}});
    EXPECT_THROW(router.add({.method = Method::get, .path = "/events", .handler = {}}),
                 std::invalid_argument);
}

}  // namespace
}  // namespace events::http
