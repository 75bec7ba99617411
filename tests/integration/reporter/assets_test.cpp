#include "reporter/assets.hpp"

#include "common/http/client.hpp"
#include "common/http/server.hpp"
#include "common/viewer/viewer.hpp"
#include "reporter/api_description.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/zlib.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <vector>

namespace events::reporter {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// The reporter's files and the viewer's.
std::vector<http::Asset> all_assets() {
    std::vector<http::Asset> all;
    for (const auto assets : {embedded_assets(), viewer::embedded_assets()}) {
        all.insert(all.end(), assets.begin(), assets.end());
    }
    return all;
}

/// The content of an asset's file.
std::string file_of(const http::Asset& asset) {
    auto name = std::string{asset.path.substr(1)};
    if (asset.content_type.starts_with("text/html"))
        name = (name.empty() ? "index" : name) + ".html";
    const auto of_page = test::read_file(test::source_directory() / "services/reporter/web" / name);
    if (!of_page.empty()) return of_page;
    return test::read_file(test::source_directory() / "libs/common/viewer/web" / name);
}

/// The assets behind a real server, and nothing else: no database.
class AssetsTest : public ::testing::Test {
  protected:
    using Headers = decltype(http::ClientRequest::headers);

    [[nodiscard]] http::ClientResponse send(std::string_view target, Headers headers = {},
                                            std::string_view method = "GET") const {
        http::Client client{"127.0.0.1", server_.port()};
        http::ClientRequest request;
        request.method = method;
        request.target = target;
        request.headers = std::move(headers);
        auto response = client.send(request, test::kPatience);
        if (!response) throw std::runtime_error{response.error().message};
        return std::move(*response);
    }

  private:
    static http::Router router() {
        http::Router router;
        add_asset_routes(router);
        return router;
    }

    logging::Logger log_{"assets-test", {.level = logging::Level::fatal}};
    metrics::Registry metrics_;
    http::Server server_{{.host = "127.0.0.1"}, router(), log_, metrics_};
};

TEST_F(AssetsTest, EachIsServedAsItsFileIs) {
    std::set<std::string_view> paths;
    for (const auto& asset : all_assets()) {
        SCOPED_TRACE(asset.path);
        EXPECT_TRUE(paths.insert(asset.path).second);
        auto content = file_of(asset);
        EXPECT_EQ(content, asset.content);
        if (asset.path == "/openapi.json") content = describe_api(content);
        if (asset.path == "/docs") content = send("/docs").body;  // its words are filled in
        const auto response = send(asset.path);
        EXPECT_EQ(response.status, 200U);
        EXPECT_EQ(response.body, content);
        EXPECT_EQ(response.header("Content-Type"), asset.content_type);
        EXPECT_EQ(response.header("Content-Encoding"), "");
        const auto packed = send(asset.path, {{"Accept-Encoding", "gzip, deflate, br"}});
        if (packed.header("Content-Encoding") == "gzip") {
            EXPECT_LT(packed.body.size(), content.size());
            EXPECT_EQ(test::gunzip(packed.body), content);
            EXPECT_NE(packed.header("ETag"), response.header("ETag"));
        } else {
            EXPECT_EQ(packed.body, content);
        }
    }
    for (const auto* path : {"/", "/docs", "/openapi.json", "/favicon.svg",
                             "/vendor/uplot/uPlot.esm.js", "/vendor/swagger-ui/swagger-ui.css"}) {
        EXPECT_TRUE(paths.contains(path)) << path;
    }
}

TEST_F(AssetsTest, EachHasTheHeadersOfAPageThatIsAskedForAnewAndTrustsNobody) {
    for (const auto& asset : all_assets()) {
        SCOPED_TRACE(asset.path);
        const auto response = send(asset.path);
        EXPECT_EQ(response.header("Cache-Control"), "no-cache");
        EXPECT_EQ(response.header("Vary"), "Accept-Encoding");
        EXPECT_EQ(response.header("X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(response.header("Referrer-Policy"), "no-referrer");
        EXPECT_FALSE(response.header("X-Correlation-Id").empty());
    }
    for (const auto* page : {"/", "/docs"}) {
        EXPECT_EQ(send(page).header("Content-Security-Policy"),
                  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                  "connect-src 'self'; base-uri 'none'; form-action 'none'; "
                  "frame-ancestors 'none'");
    }
}

TEST_F(AssetsTest, AKnownRepresentationIsAnsweredWith304) {
    for (const auto* encoding : {"identity", "gzip"}) {
        const auto first = send("/", {{"Accept-Encoding", encoding}});
        const std::string tag{first.header("ETag")};
        EXPECT_THAT(tag, ::testing::MatchesRegex("\"[0-9a-f]{32}(-gzip)?\""));
        const auto again = send("/", {{"Accept-Encoding", encoding}, {"If-None-Match", tag}});
        EXPECT_EQ(again.status, 304U);
        EXPECT_EQ(again.body, "");
        EXPECT_EQ(again.header("ETag"), tag);
        EXPECT_EQ(again.header("Cache-Control"), "no-cache");
        EXPECT_EQ(again.header("Vary"), "Accept-Encoding");
        const auto list = "\"other\", W/" + tag;
        EXPECT_EQ(send("/", {{"Accept-Encoding", encoding}, {"If-None-Match", list}}).status, 304U);
        EXPECT_EQ(send("/", {{"Accept-Encoding", encoding}, {"If-None-Match", "\"other\""}}).status,
                  200U);
    }
    // The tag of the packed bytes says nothing of the plain ones.
    const auto packed = send("/", {{"Accept-Encoding", "gzip"}});
    const std::string tag{packed.header("ETag")};
    EXPECT_EQ(send("/", {{"If-None-Match", tag}}).status, 200U);
}

TEST_F(AssetsTest, ThatIsAskedForAsAFolderIsElsewhereWhateverIsBefore) {
    // Below a proxy's prefix its address is not ours to tell but by a relative one.
    const auto response = send("/docs/?a=1");
    EXPECT_EQ(response.status, 308U);
    EXPECT_EQ(response.header("Location"), "../docs?a=1");
    EXPECT_EQ(send("/js/main.js/").header("Location"), "../main.js");
    EXPECT_EQ(send("/?a=1").status, 200U);
}

TEST_F(AssetsTest, NameNoAddressFromTheRoot) {
    for (const auto& asset : all_assets()) {
        if (asset.path.starts_with("/vendor/")) continue;
        SCOPED_TRACE(asset.path);
        for (const auto* absolute : {"href=\"/", "src=\"/", "from \"/", "url(/", "url(\"/", "`/",
                                     "url: \"/", "\"url\": \"/"}) {
            EXPECT_EQ(asset.content.find(absolute), std::string_view::npos) << absolute;
        }
    }
}

TEST_F(AssetsTest, HeadSaysWhatGetWouldAndOtherMethodsAreRefused) {
    const auto head = send("/docs", {}, "HEAD");
    EXPECT_EQ(head.status, 200U);
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.header("ETag"), send("/docs").header("ETag"));
    EXPECT_EQ(head.header("Content-Length"), std::to_string(send("/docs").body.size()));
    const auto post = send("/docs", {}, "POST");
    EXPECT_EQ(post.status, 405U);
    EXPECT_EQ(post.header("Allow"), "GET, HEAD");
    EXPECT_EQ(send("/vendor/uplot/LICENSE").status, 404U);
    EXPECT_EQ(send("/index.html").status, 404U);
}

TEST_F(AssetsTest, ThePagesLoadOnlyWhatTheBinaryHas) {
    std::set<std::string_view> paths;
    for (const auto& asset : all_assets()) paths.insert(asset.path);
    for (const auto* page : {"/", "/docs"}) {
        const auto body = send(page).body;
        EXPECT_THAT(body, Not(HasSubstr("://"))) << page;
        EXPECT_THAT(body, Not(HasSubstr("{{"))) << page;
        EXPECT_THAT(body, Not(HasSubstr("<style"))) << page;
        EXPECT_THAT(body, Not(HasSubstr("style=\""))) << page;
        for (std::size_t at = 0; (at = body.find("=\"/", at)) != std::string::npos; ++at) {
            const auto start = at + 2;
            const auto path = body.substr(start, body.find('"', start) - start);
            if (!path.starts_with("/reports/")) {
                EXPECT_TRUE(paths.contains(path)) << page << " " << path;
            }
        }
    }
    EXPECT_TRUE(nlohmann::json::parse(send("/openapi.json").body).contains("openapi"));
}

}  // namespace
}  // namespace events::reporter
