#include "support/postgres_cluster.hpp"

#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/ports.hpp"

#include <pqxx/pqxx>

#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace events::test {
namespace {

constexpr auto kUser = "postgres";  // PostgreSQL refuses to run as root
constexpr auto kStandby = "standby";

std::filesystem::path find_server_programs() {
    const std::filesystem::path debian = "/usr/lib/postgresql/15/bin";
    if (std::filesystem::exists(debian / "initdb")) return debian;
    std::string folder;
    if (FILE* pipe = ::popen("pg_config --bindir", "r"); pipe != nullptr) {
        std::array<char, 4096> line{};
        if (std::fgets(line.data(), line.size(), pipe) != nullptr) folder = line.data();
        ::pclose(pipe);
    }
    while (folder.ends_with('\n')) folder.pop_back();
    if (folder.empty()) throw std::runtime_error{"no PostgreSQL server is installed"};
    return folder;
}

/// A folder that the server's user may write to.
std::filesystem::path make_owned(const std::filesystem::path& folder) {
    std::filesystem::create_directory(folder);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
    if (::geteuid() != 0) return folder;
    const auto* user = ::getpwnam(kUser);  // NOLINT(concurrency-mt-unsafe)
    if (user == nullptr || ::chown(folder.c_str(), user->pw_uid, user->pw_gid) != 0) {
        throw std::runtime_error{"can't give a folder to the user postgres"};
    }
    return folder;
}

/// The processes that the server has forked, as the system sees them now.
std::vector<pid_t> children_of(pid_t pid) {
    const auto number = std::to_string(pid);
    std::istringstream list{
        read_file(std::filesystem::path{"/proc"} / number / "task" / number / "children")};
    return {std::istream_iterator<pid_t>{list}, {}};
}

}  // namespace

PostgresCluster::PostgresCluster(std::vector<std::string> settings,
                                 const std::filesystem::path& folder)
    : data_{make_owned((folder.empty() ? folder_.path() : folder) / "data")},
      settings_{std::move(settings)},
      port_{free_port()} {
    const auto status = run({.command = {find_server_programs() / "initdb", "--no-sync",
                                         "--auth=trust", "--username=postgres", "--encoding=UTF8",
                                         "--locale=C.UTF-8", "--pgdata", data_},
                             .environment = {},
                             .output = log_file(),
                             .user = kUser});
    if (status.code != 0) throw std::runtime_error{"initdb failed: " + log()};
    start();
}

PostgresCluster::PostgresCluster(PostgresCluster& primary, const std::filesystem::path& folder)
    : data_{make_owned((folder.empty() ? folder_.path() : folder) / "data")},
      settings_{primary.settings_},
      port_{free_port()},
      databases_{primary.databases_} {
    // -R: it follows; the slot keeps for it what the primary would drop.
    const auto status =
        run({.command = {find_server_programs() / "pg_basebackup", "--pgdata", data_, "--dbname",
                         primary.url("postgres") + "?application_name=" + kStandby, "--no-sync",
                         "--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf",
                         "--create-slot", "--slot=" + std::string{kStandby}},
             .environment = {},
             .output = log_file(),
             .user = kUser});
    if (status.code != 0) throw std::runtime_error{"pg_basebackup failed: " + log()};
    start();
}

void PostgresCluster::await_synchronous(PostgresCluster& primary) const {
    const auto ask = [&](const std::string& sql) { return query(primary.url("postgres"), sql); };
    ask(std::string{"ALTER SYSTEM SET synchronous_standby_names = "} + kStandby);
    ask("SELECT pg_reload_conf()");
    const auto follows = [&] {
        return ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1";
    };
    if (!await(follows)) throw std::runtime_error{"the standby does not follow: " + log()};
    ask("SELECT pg_current_xact_id()");  // a commit, which waits for everything before it
}

void PostgresCluster::promote() const {
    if (query(url("postgres"), "SELECT pg_promote(true, 60)") != "t") {
        throw std::runtime_error{"the standby is not promoted: " + log()};
    }
}

PostgresCluster::~PostgresCluster() {
    try {
        stop(SIGINT);
    } catch (const std::exception&) {
        kill();
    }
}

void PostgresCluster::start() {
    if (server_ && server_->running()) return;
    std::vector<std::string> command{find_server_programs() / "postgres", "-D", data_};
    std::vector<std::string> settings{"listen_addresses=127.0.0.1",
                                      "port=" + std::to_string(port_),
                                      "unix_socket_directories=" + data_.string(),
                                      "fsync=off",
                                      "full_page_writes=off",
                                      "shared_buffers=64MB",
                                      "max_connections=100",
                                      "timezone=Asia/Kathmandu"};
    settings.insert(settings.end(), settings_.begin(), settings_.end());
    for (const auto& setting : settings) {
        command.emplace_back("-c");
        command.push_back(setting);
    }
    server_ = std::make_unique<Process>(ProcessOptions{
        .command = std::move(command), .environment = {}, .output = log_file(), .user = kUser});
    const auto answers = [this] {
        if (!server_->running()) throw std::runtime_error{"PostgreSQL ended: " + log()};
        try {
            return query(url("postgres"), "SELECT 1") == "1";
        } catch (const pqxx::broken_connection&) {
            return false;
        }
    };
    if (!await(answers)) throw std::runtime_error{"PostgreSQL does not answer: " + log()};
}

void PostgresCluster::stop(int signal) {
    if (!server_) return;
    if (server_->running() && !server_->stop(signal, kPatience)) {
        throw std::runtime_error{"PostgreSQL does not stop: " + log()};
    }
    server_.reset();
}

void PostgresCluster::kill() {
    stop(SIGQUIT);
}

void PostgresCluster::crash() {
    const auto children = children_of(pid());
    stop(SIGKILL);
    // They hold the shared memory, without which no new server starts.
    const auto all_gone = [&] {
        return std::ranges::none_of(children, [](pid_t child) { return ::kill(child, 0) == 0; });
    };
    if (!await(all_gone)) throw std::runtime_error{"PostgreSQL's children do not end: " + log()};
}

void PostgresCluster::freeze() const {
    signal_all(SIGSTOP);
}

void PostgresCluster::resume() const {
    signal_all(SIGCONT);
}

void PostgresCluster::signal_all(int number) const {
    server_->signal(number);  // first: a stopped one forks nobody
    for (const auto child : children_of(pid())) ::kill(child, number);
}

void PostgresCluster::restart() {
    stop(SIGINT);
    start();
}

std::string PostgresCluster::url(const std::string& database) const {
    return "postgresql://postgres@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

std::string PostgresCluster::make_database() {
    const std::lock_guard lock{mutex_};
    const auto name = "test_" + std::to_string(++databases_);
    query(url("postgres"), "CREATE DATABASE " + name);
    return url(name);
}

std::string PostgresCluster::log() const {
    return read_file(log_file());
}

PostgresCluster& postgres_cluster() {
    static PostgresCluster cluster;
    return cluster;
}

std::string query(const std::string& url, const std::string& sql) {
    pqxx::connection connection{url};
    pqxx::nontransaction transaction{connection};
    transaction.exec("SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'");
    const auto rows = transaction.exec(sql);
    return rows.empty() || rows.columns() == 0 ? std::string{} : std::string{rows[0][0].c_str()};
}

}  // namespace events::test
