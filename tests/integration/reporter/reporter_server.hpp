#pragma once

#include "common/http/client.hpp"
#include "common/http/operations.hpp"
#include "common/http/server.hpp"
#include "common/postgres/pool.hpp"
#include "reporter/reports.hpp"
#include "support/await.hpp"

#include <string>
#include <utility>

namespace events::reporter {

/// The reporter's parts in this process, over a given database, behind a real server.
class ReporterServer {
  public:
    using Headers = std::vector<std::pair<std::string, std::string>>;

    explicit ReporterServer(const std::string& url, postgres::PoolOptions pool = {},
                            std::chrono::milliseconds statement_timeout = std::chrono::minutes{1},
                            const std::string& settings = {})
        : pool_{{.url = config::Secret{url},
                 .application_name = "reporter-test",
                 .connect_timeout = std::chrono::seconds{30},
                 .statement_timeout = statement_timeout,
                 .settings = settings},
                {},
                pool,
                health_.add("postgres"),
                log_},
          reports_{pool_, metrics_, log_},
          server_{{.host = "127.0.0.1"}, router(), log_, metrics_} {
        reports_.open({"UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe",
                       "Pacific/Apia", "Africa/Monrovia"});
        health_.started();
    }
    ~ReporterServer() { stop_pool(); }

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }
    void stop_pool() { pool_.stop(); }

    /// GET /reports/<target>, on a connection of its own.
    [[nodiscard]] http::ClientResponse get(const std::string& target) const {
        return get_path("/reports/" + target);
    }
    /// GET path, on a connection of its own.
    [[nodiscard]] http::ClientResponse get_path(const std::string& path,
                                                const Headers& headers = {}) const {
        http::Client client{"127.0.0.1", server_.port()};
        http::ClientRequest request;
        request.target = path;
        request.headers = headers;
        auto response = client.send(request, test::kPatience);
        if (!response) throw std::runtime_error{response.error().message};
        return std::move(*response);
    }

    [[nodiscard]] std::string metrics() const { return metrics_.text(); }

  private:
    http::Router router() {
        http::Router router;
        http::add_operations_routes(router, health_, metrics_);
        reports_.add_routes(router);
        return router;
    }

    logging::Logger log_{"reporter-test", {.level = logging::Level::fatal}};
    metrics::Registry metrics_;
    health::Registry health_{metrics_};
    postgres::Pool pool_;
    Reports reports_;
    http::Server server_;
};

}  // namespace events::reporter
