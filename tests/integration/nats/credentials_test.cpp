// Who may talk to a broker, and over what: users, tokens, NKeys, TLS, on a real nats-server.
#include "common/config/env_reader.hpp"
#include "common/nats/connection.hpp"
#include "integration/nats/client.hpp"
#include "support/await.hpp"
#include "support/certificates.hpp"
#include "support/log_lines.hpp"
#include "support/nats_server.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace events::nats::test {
namespace {

using events::test::await;
using events::test::Certificate;
using events::test::CertificateAuthority;
using events::test::kLoopbackNames;
using events::test::kPatience;
using events::test::LogLines;
using events::test::NatsServer;
using events::test::TemporaryDirectory;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string tls(const Certificate& certificate, const std::string& more = "") {
    return "tls { cert_file: \"" + certificate.file.string() + "\", key_file: \"" +
           certificate.key.string() + "\" " + more + " }\n";
}

/// A connection whose log is kept.
struct Logged {
    Logged(const NatsServer& server, const std::string& front, CredentialFiles files = {})
        : connection{[&] {
                         auto options = fast_options(front + std::to_string(server.port()));
                         options.files = std::move(files);
                         return options;
                     }(),
                     events::test::make_log(lines, logging::Level::trace), indicator} {}

    /// Waits until it is refused for a reason that holds the text.
    [[nodiscard]] bool is_refused_for(const std::string& text) {
        return await([&] {
            return !indicator.is_up() && indicator.reason().find(text) != std::string::npos;
        });
    }

    /// What is shown is logged right after.
    [[nodiscard]] bool is_logged(const std::string& text) {
        return await([&] { return lines->has(text); });
    }

    std::shared_ptr<LogLines> lines = std::make_shared<LogLines>();
    metrics::Registry metrics;
    health::Registry health{metrics};
    health::Indicator& indicator = health.add("nats");
    Connection connection;
};

TEST(Credentials, OfAUrlAreAUserOrAToken) {
    const NatsServer users{{.extra = R"(authorization { user: "ann", password: "open-sesame" })"}};
    EXPECT_TRUE(
        Logged(users, "nats://ann:open-sesame@127.0.0.1:").connection.wait_connected(kPatience));
    const NatsServer tokens{{.extra = R"(authorization { token: "open-sesame" })"}};
    EXPECT_TRUE(
        Logged(tokens, "nats://open-sesame@127.0.0.1:").connection.wait_connected(kPatience));
    EXPECT_TRUE(Logged(tokens, "nats://open-barley@127.0.0.1:").is_refused_for("uthorization"));
}

TEST(Credentials, ThatAreWrongAreToldWithoutQuotingThemUntilTheyAreRight) {
    NatsServer server{{.extra = R"(authorization { user: "ann", password: "open-sesame" })"}};
    Logged client{server, "nats://ann:open-barley@127.0.0.1:"};
    ASSERT_TRUE(client.is_refused_for("uthorization"));
    EXPECT_TRUE(client.is_logged("uthorization"));
    server.configure(R"(authorization { user: "ann", password: "open-barley" })");
    server.restart();
    EXPECT_TRUE(client.connection.wait_connected(kPatience));
    EXPECT_THAT(client.lines->text(), Not(HasSubstr("open-")));
}

/// As a password stands in the server's configuration, and percent-encoded.
struct Password {
    std::string text;
    std::string encoded;
};

// "p%40ss" was sent as it is, and a '"' ended the connection.
TEST(Credentials, MayHoldEveryCharacterPercentEncoded) {
    const std::vector<Password> passwords{
        {"p@ss/w#o?r,d", "p%40ss%2Fw%23o%3Fr%2Cd"},
        {"a:b %41 [c]", "a%3Ab%20%2541%20%5Bc%5D"},
        {R"(quote"back\slash)", "quote%22back%5Cslash"},
        {"\xD0\xBF\xD0\xB0\xD1\x80\xD0\xBE\xD0\xBB\xD1\x8C",
         "%D0%BF%D0%B0%D1%80%D0%BE%D0%BB%D1%8C"},
    };
    for (const auto& [text, encoded] : passwords) {
        const auto quoted = nlohmann::json(text).dump();
        const NatsServer users{
            {.extra = "authorization { user: " + quoted + ", password: " + quoted + " }"}};
        Logged user{users, "nats://" + encoded + ":" + encoded + "@127.0.0.1:"};
        EXPECT_TRUE(user.connection.wait_connected(kPatience)) << text;
        EXPECT_TRUE(user.is_logged("connected to NATS"));
        EXPECT_THAT(user.lines->text(), Not(HasSubstr("u00")));
        const NatsServer tokens{{.extra = "authorization { token: " + quoted + " }"}};
        EXPECT_TRUE(Logged(tokens, "nats://" + encoded + "@127.0.0.1:")
                        .connection.wait_connected(kPatience))
            << text;
    }
}

/// A connection whose URL stands in a file.
struct FromFile {
    explicit FromFile(const NatsServer& server) {
        write("ann:open-sesame", server);
        const config::Environment environment{{{"NATS_URL_FILE", file().string()}}};
        config::EnvReader read{environment};
        auto options = read_connection_options(read, "test");
        options.reconnect_wait = std::chrono::milliseconds{20};
        connection.emplace(std::move(options), events::test::make_log(lines, logging::Level::trace),
                           indicator);
    }

    [[nodiscard]] std::filesystem::path file() const { return folder.path() / "url"; }
    void write(const std::string& user, const NatsServer& server) const {
        std::ofstream{file()} << "nats://" << user << "@127.0.0.1:" << server.port() << "\n";
    }

    TemporaryDirectory folder;
    std::shared_ptr<LogLines> lines = std::make_shared<LogLines>();
    metrics::Registry metrics;
    health::Registry health{metrics};
    health::Indicator& indicator = health.add("nats");
    std::optional<Connection> connection;
};

std::string password_is(const std::string& password) {
    return "authorization { user: \"ann\", password: \"" + password + "\" }";
}

// It took a restart, although the documentation said otherwise.
TEST(Credentials, OfAFileAreReadAgainForANewConnection) {
    NatsServer server{{.extra = password_is("open-sesame")}};
    FromFile client{server};
    ASSERT_TRUE(client.connection->wait_connected(kPatience));
    server.configure(password_is("open-barley"));
    server.restart();
    ASSERT_TRUE(
        await([&] { return client.indicator.reason().find("uthorization") != std::string::npos; }));
    client.write("ann:open-barley", server);
    EXPECT_TRUE(client.connection->wait_connected(kPatience));
    EXPECT_THAT(client.lines->text(), Not(HasSubstr("open-")));
}

// cnats reconnects for ever with the addresses that it was given first.
TEST(Credentials, OfAFileMayNameAnotherServerWhileTheFormerIsAway) {
    NatsServer server{{.extra = password_is("open-sesame")}};
    FromFile client{server};
    ASSERT_TRUE(client.connection->wait_connected(kPatience));
    const NatsServer next{{.extra = password_is("open-barley")}};
    server.stop();
    ASSERT_TRUE(await([&] { return !client.connection->connected(); }));
    client.write("ann:open-barley", next);
    EXPECT_TRUE(client.connection->wait_connected(kPatience));
}

TEST(Credentials, MayBeAnNkey) {
    const std::string seed = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";
    const TemporaryDirectory folder;
    const auto file = (folder.path() / "seed").string();
    std::ofstream{file} << seed << "\n";
    const NatsServer server{{.extra =
                                 "authorization { users = [ { nkey: "
                                 "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK } ] }"}};
    Logged client{server, "nats://127.0.0.1:", {.nkey_seed = file}};
    EXPECT_TRUE(client.connection.wait_connected(kPatience));
    EXPECT_THAT(client.lines->text(), Not(HasSubstr(seed)));
    EXPECT_TRUE(Logged(server, "nats://127.0.0.1:").is_refused_for("uthorization"));
}

class Tls : public ::testing::Test {
  protected:
    CertificateAuthority authority_;
    Certificate certificate_ = authority_.issue(kLoopbackNames);
};

TEST_F(Tls, IsSpokenWithAServerWhoseAuthorityIsTrusted) {
    const NatsServer server{{.extra = tls(certificate_)}};
    for (const auto* front : {"tls://127.0.0.1:", "tls://localhost:", "nats://localhost:"}) {
        Logged client{server, front, {.tls_ca = authority_.file()}};
        EXPECT_TRUE(client.connection.wait_connected(kPatience)) << client.indicator.reason();
    }
}

TEST_F(Tls, IsRefusedToAServerOfAnotherAuthority) {
    const NatsServer server{{.extra = tls(certificate_)}};
    const CertificateAuthority other;
    Logged client{server, "tls://ann:open-sesame@localhost:", {.tls_ca = other.file()}};
    EXPECT_TRUE(client.is_refused_for("certificate"));
    EXPECT_TRUE(client.is_logged("certificate"));
    EXPECT_THAT(client.lines->text(), Not(HasSubstr("open-sesame")));
    // Without a file the system's authorities are trusted, which do not know it either.
    EXPECT_TRUE(Logged(server, "tls://localhost:").is_refused_for("certificate"));
}

TEST_F(Tls, IsRefusedToAServerOfAnotherName) {
    const NatsServer server{{.extra = tls(authority_.issue("DNS:nats.example"))}};
    Logged client{server, "tls://localhost:", {.tls_ca = authority_.file()}};
    EXPECT_TRUE(client.is_refused_for("ostname mismatch"));
}

TEST_F(Tls, IsInsistedUpon) {
    const NatsServer in_the_clear;
    EXPECT_TRUE(Logged(in_the_clear, "tls://localhost:").is_refused_for("ecure"));
    EXPECT_TRUE(Logged(in_the_clear, "nats://localhost:", {.tls_ca = authority_.file()})
                    .is_refused_for("ecure"));
}

TEST_F(Tls, ShowsTheClientsCertificateToAServerThatAsks) {
    const NatsServer server{
        {.extra =
             tls(certificate_, ", ca_file: \"" + authority_.file().string() + "\", verify: true")}};
    const auto own = authority_.issue("DNS:gateway");
    Logged client{server,
                  "tls://localhost:",
                  {.tls_ca = authority_.file(), .tls_certificate = own.file, .tls_key = own.key}};
    EXPECT_TRUE(client.connection.wait_connected(kPatience));
    Logged without{server, "tls://localhost:", {.tls_ca = authority_.file()}};
    EXPECT_TRUE(without.is_logged("no connection"));
    EXPECT_FALSE(without.connection.connected());
}

TEST_F(Tls, FollowsAnAuthorityThatIsReplacedUnderARunningClient) {
    const TemporaryDirectory folder;
    const auto trusted = folder.path() / "ca.pem";
    std::filesystem::copy_file(authority_.file(), trusted);
    NatsServer server{{.extra = tls(certificate_)}};
    Logged client{server, "tls://localhost:", {.tls_ca = trusted}};
    ASSERT_TRUE(client.connection.wait_connected(kPatience));

    CertificateAuthority next;
    server.configure(tls(next.issue(kLoopbackNames)));
    server.restart();
    ASSERT_TRUE(client.is_refused_for("certificate"));
    std::filesystem::remove(trusted);
    ASSERT_TRUE(client.is_refused_for("NATS_TLS_CA_FILE"));
    std::filesystem::copy_file(next.file(), trusted);
    EXPECT_TRUE(client.connection.wait_connected(kPatience));
}

}  // namespace
}  // namespace events::nats::test
