#include "stack.hpp"

#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/ports.hpp"

#include <signal.h>

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace events::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kDeadline = 60s;

http::ClientResponse answered(Expected<http::ClientResponse, http::ClientError> response) {
    if (!response) throw std::runtime_error{"no answer: " + response.error().message};
    return std::move(*response);
}

}  // namespace

Stack::Stack(PostgresCluster& cluster, NatsServerOptions nats, Variables defaults,
             std::filesystem::path programs)
    : nats_{std::move(nats)},
      database_{cluster.make_database()},
      defaults_{std::move(defaults)},
      programs_{std::move(programs)} {
    for (const auto* daemon :
         {"publisher", "gateway", "fb-collector", "ttk-collector", "reporter"}) {
        ports_[daemon] = free_port();
    }
}

Stack::~Stack() = default;

std::filesystem::path Stack::log_file(const std::string& daemon) const {
    return folder_.path() / (daemon + ".log");
}

std::filesystem::path Stack::spool_folder(const std::string& gateway) const {
    return folder_.path() / (gateway + "-spool");
}

void Stack::start(const std::string& daemon, const Variables& variables, bool wait_ready) {
    start_as(daemon, daemon, variables, wait_ready);
}

void Stack::launch(const std::string& daemon, const Variables& variables) {
    launch_as(daemon, daemon, variables);
}

void Stack::start_twin(const std::string& daemon, bool wait_ready, const Variables& variables) {
    const auto name = daemon + "-twin";
    ports_[name] = free_port();
    start_as(name, daemon, variables, wait_ready);
}

void Stack::launch_as(const std::string& name, const std::string& daemon,
                      const Variables& variables) {
    ports_.try_emplace(name, 0);
    if (port(name) == 0) ports_[name] = free_port();
    Variables environment = variables;
    environment.insert(
        {{"PORT", std::to_string(port(name))},
         {"HOST", "127.0.0.1"},
         {"NATS_URL", nats_.url()},
         {"DATABASE_URL", database_},
         {"SPOOL_DIR", spool_folder(name).string()},
         {"CACHE_DIR", (spool_folder(name).parent_path() / (name + "-cache")).string()},
         {"EVENT_ENDPOINT", "http://127.0.0.1:" + std::to_string(port("gateway")) + "/events"}});
    environment.insert(defaults_.begin(), defaults_.end());
    processes_.insert_or_assign(name, Process{{.command = {(programs_ / daemon).string()},
                                               .environment = std::move(environment),
                                               .output = log_file(name),
                                               .user = std::nullopt}});
}

void Stack::start_as(const std::string& name, const std::string& daemon, const Variables& variables,
                     bool wait_ready) {
    launch_as(name, daemon, variables);
    const bool up = await([&] {
        if (!process(name).running()) return true;
        return wait_ready ? is_ready(name) : accepts_connections(port(name));
    });
    if (!up || !process(name).running()) {
        throw std::runtime_error{name + " did not start:\n" + read_file(log_file(name))};
    }
}

void Stack::start_all() {
    for (const auto* daemon : {"gateway", "fb-collector", "ttk-collector", "reporter"}) {
        start(daemon);
    }
}

ExitStatus Stack::stop(const std::string& daemon) {
    process(daemon).signal(SIGTERM);
    return wait_end(daemon);
}

void Stack::kill(const std::string& daemon) {
    process(daemon).signal(SIGKILL);
    (void)wait_end(daemon);
}

ExitStatus Stack::wait_end(const std::string& daemon) {
    const auto status = process(daemon).wait(kPatience);
    if (!status) throw std::runtime_error{daemon + " did not end"};
    return *status;
}

Process& Stack::process(const std::string& daemon) {
    return processes_.at(daemon);
}

std::uint16_t Stack::port(const std::string& daemon) const {
    return ports_.at(daemon);
}

std::vector<nlohmann::json> Stack::log(const std::string& daemon) const {
    std::vector<nlohmann::json> lines;
    std::istringstream text{read_file(log_file(daemon))};
    for (std::string line; std::getline(text, line);) {
        auto object = nlohmann::json::parse(line, nullptr, false);
        if (object.is_object()) lines.push_back(std::move(object));
    }
    return lines;
}

http::Client Stack::new_client(const std::string& daemon) const {
    return {"127.0.0.1", port(daemon)};
}

http::ClientResponse Stack::get(const std::string& daemon, const std::string& target) {
    auto client = new_client(daemon);
    return answered(client.send({.method = "GET", .target = target}, kDeadline));
}

http::ClientResponse Stack::post(std::string_view body, const Variables& headers,
                                 std::string_view content_type, std::string_view target) {
    auto client = new_client("gateway");
    return answered(client.send({.method = "POST",
                                 .target = target,
                                 .content_type = content_type,
                                 .body = body,
                                 .headers = {headers.begin(), headers.end()}},
                                kDeadline));
}

bool Stack::is_ready(const std::string& daemon) {
    auto client = new_client(daemon);
    const auto response = client.send({.method = "GET", .target = "/readiness"}, 5s);
    return response && response->status == 200;
}

double Stack::metric(const std::string& daemon, const std::string& series) {
    const std::regex label{R"re([{,](\w+="[^"]*"))re"};
    const auto labels_of = [&](const std::string& of) {
        std::set<std::string> labels;
        for (std::sregex_iterator match{of.begin(), of.end(), label}, end; match != end; ++match) {
            labels.insert((*match)[1]);
        }
        return labels;
    };
    const auto name = series.substr(0, series.find('{'));
    const auto wanted = labels_of(series);
    std::istringstream text{get(daemon, "/metrics").body};
    for (std::string line; std::getline(text, line);) {
        if (line.substr(0, line.find_first_of("{ ")) != name) continue;
        if (std::ranges::includes(labels_of(line), wanted)) {
            return std::stod(line.substr(line.rfind(' ') + 1));
        }
    }
    return 0;
}

nlohmann::json Stack::report(const std::string& target) {
    return nlohmann::json::parse(get("reporter", target).body);
}

std::uint64_t Stack::stored_rows() {
    return std::stoull(query(database_,
                             "SELECT (SELECT count(*) FROM facebook_events) + "
                             "(SELECT count(*) FROM tiktok_events)"));
}

bool Stack::await_rows(std::uint64_t rows) {
    auto stored = stored_rows();
    while (stored < rows) {
        const auto more = [&, before = stored] { return (stored = stored_rows()) > before; };
        if (!await(more)) return false;
    }
    return stored_rows() == rows;
}

}  // namespace events::test
