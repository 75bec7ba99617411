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
                            const std::string& settings = {}, const CacheOptions& cache = kCache)
        : pool_{{.url = config::Secret{url},
                 .application_name = "reporter",
                 .connect_timeout = std::chrono::seconds{30},
                 .statement_timeout = statement_timeout,
                 .settings = settings},
                {},
                pool,
                health_.add("postgres"),
                log_},
          snapshots_{cache, metrics_, log_},
          reports_{pool_, snapshots_, scans_, 2, metrics_, log_},
          server_{{.host = "127.0.0.1"}, router(), log_, metrics_} {
        reports_.open({"UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe",
                       "Pacific/Apia", "Africa/Monrovia", "Atlantic/Azores", "America/Havana",
                       "America/New_York", "Etc/UTC"});
        health_.started();
    }
    ReporterServer(const std::string& url, const CacheOptions& cache)
        : ReporterServer{url, {}, std::chrono::minutes{1}, {}, cache} {}
    ~ReporterServer() { stop(); }

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }
    void stop_pool() { pool_.stop(); }
    void stop() {
        scans_.stop();
        stop_pool();
    }

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
    /// A metric without labels.
    [[nodiscard]] double counter(const std::string& name) const {
        return metrics_.counter(name, "").Value();
    }
    [[nodiscard]] Snapshots& snapshots() noexcept { return snapshots_; }

  private:
    inline static const CacheOptions kCache{.max_memory = 1 << 26};  // NOLINT(cert-err58-cpp)

    http::Router router() {
        http::Router router;
        http::add_operations_routes(router, health_, metrics_);
        reports_.add_routes(router);
        return router;
    }

    logging::Logger log_{"reporter-test", {.level = logging::Level::fatal}};
    mutable metrics::Registry metrics_;
    health::Registry health_{metrics_};
    postgres::Pool pool_;
    Snapshots snapshots_;
    ScanExecutor scans_{ScanLimits{}};
    Reports reports_;
    http::Server server_;
};

}  // namespace events::reporter
