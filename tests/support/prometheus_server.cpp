#include "support/prometheus_server.hpp"

#include "common/http/client.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/ports.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <signal.h>

#include <cctype>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace events::test {
namespace {

using nlohmann::json;

std::string form_encoded(const std::string& text) {
    std::string encoded;
    for (const auto c : text) {
        const auto byte = static_cast<unsigned char>(c);
        encoded += std::isalnum(byte) != 0 ? std::string{c} : fmt::format("%{:02X}", byte);
    }
    return encoded;
}

json answer_of(std::uint16_t port, const http::ClientRequest& request) {
    http::Client client{"127.0.0.1", port};
    const auto response = client.send(request, kPatience);
    if (!response) throw std::runtime_error{"Prometheus: " + response.error().message};
    return json::parse(response->body);
}

bool is_ready(std::uint16_t port) {
    http::Client client{"127.0.0.1", port};
    const auto response = client.send({.target = "/-/ready"}, std::chrono::seconds{2});
    return response && response->status == 200;
}

}  // namespace

PrometheusServer::PrometheusServer(const std::map<std::string, std::vector<std::uint16_t>>& ports)
    : port_{free_port()} {
    const auto configuration = folder_.path() / "prometheus.yml";
    {
        std::ofstream file{configuration};
        file << "global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }\n"
             << "rule_files: ["
             << (source_directory() / "deploy" / "prometheus" / "rules" / "*.yml") << "]\n"
             << "scrape_configs:\n";
        for (const auto& [job, of_job] : ports) {
            file << "  - job_name: " << job << "\n    static_configs:\n      - targets: [";
            for (const auto port : of_job) file << "\"127.0.0.1:" << port << "\", ";
            file << "]\n";
        }
    }
    const auto output = folder_.path() / "log";
    process_.emplace(ProcessOptions{
        .command = {"prometheus", "--config.file=" + configuration.string(),
                    "--storage.tsdb.path=" + (folder_.path() / "data").string(),
                    "--web.listen-address=127.0.0.1:" + std::to_string(port_), "--log.level=warn"},
        .environment = {},
        .output = output,
        .user = {}});
    const auto ended_or_ready = [this] { return !process_->running() || is_ready(port_); };
    if (!await(ended_or_ready) || !process_->running()) {
        throw std::runtime_error{"prometheus did not start:\n" + read_file(output)};
    }
}

PrometheusServer::~PrometheusServer() {
    if (process_) static_cast<void>(process_->stop(SIGTERM, std::chrono::seconds{10}));
}

QueryAnswer PrometheusServer::query(const std::string& expression) {
    const auto body = "query=" + form_encoded(expression);
    const auto answer = answer_of(port_, {.method = "POST",
                                          .target = "/api/v1/query",
                                          .content_type = "application/x-www-form-urlencoded",
                                          .body = body});
    if (answer.at("status") != "success") {
        return {.error = answer.at("error").get<std::string>(), .samples = {}};
    }
    const auto& data = answer.at("data");
    if (data.at("resultType") != "vector") {
        return {.error = "not a vector: " + data.at("resultType").get<std::string>(),
                .samples = {}};
    }
    QueryAnswer found;
    for (const auto& series : data.at("result")) {
        found.samples.push_back(
            {.labels = series.at("metric").get<std::map<std::string, std::string>>(),
             .value = std::stod(series.at("value").at(1).get<std::string>())});
    }
    return found;
}

std::vector<Rule> PrometheusServer::rules() {
    std::vector<Rule> found;
    const auto answer = answer_of(port_, {.target = "/api/v1/rules"});
    for (const auto& group : answer.at("data").at("groups")) {
        for (const auto& rule : group.at("rules")) {
            found.push_back({.name = rule.at("name"),
                             .expression = rule.at("query"),
                             .alerts = rule.at("type") == "alerting",
                             .error = rule.value("lastError", "")});
        }
    }
    return found;
}

}  // namespace events::test
