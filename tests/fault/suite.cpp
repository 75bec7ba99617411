#include "suite.hpp"

#include "findings.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace events::test {
namespace {

constexpr std::size_t kSpoolMebibytes = 32;
constexpr std::size_t kNatsMebibytes = 256;
constexpr std::size_t kPostgresMebibytes = 640;
/// What the load adds is about half of this.
constexpr std::size_t kPostgresMebibytesPerSecond = 3;

/// `url` with another port.
std::string with_port(std::string url, std::uint16_t before, std::uint16_t port) {
    const auto text = ":" + std::to_string(before);
    url.replace(url.find(text), text.size(), ":" + std::to_string(port));
    return url;
}

}  // namespace

Suite::Suite(const SuiteOptions& options) : options_{options} {
    if (options.disks) make_disks();
    postgres_ = std::make_unique<PostgresCluster>(std::vector<std::string>{"max_wal_size=128MB"},
                                                  disk_or_empty("postgres"));
    if (options.cluster) cluster_ = std::make_unique<NatsCluster>();
    stack_ = std::make_unique<Stack>(
        *postgres_,
        NatsServerOptions{
            .max_file_store = "200MB", .started = !options.cluster, .store = disk_or_empty("nats")},
        Variables{});
    supervisor_ = std::make_unique<Supervisor>(*stack_, connect_daemons());
    const auto add_client = [&](const std::string& name, std::uint64_t seed, bool retries) {
        clients_.push_back(
            std::make_unique<LoadClient>(LoadOptions{.name = name,
                                                     .seed = seed,
                                                     .gateway_port = stack_->port("gateway"),
                                                     .retries = retries},
                                         ledger_));
    };
    add_client("retrying", 2 * options.seed + 1, true);
    add_client("once", 2 * options.seed + 2, false);
}

/// Clients first: they need the daemons to end well.
Suite::~Suite() {
    clients_.clear();
    supervisor_.reset();
}

void Suite::make_disks() {
    const auto add = [this](const std::string& name, std::size_t mebibytes) {
        disks_.emplace(name, std::make_unique<SmallDisk>(folder_.path() / name, mebibytes));
    };
    add("spool", kSpoolMebibytes);
    add("nats", kNatsMebibytes);
    add("postgres", postgres_mebibytes());
}

std::size_t Suite::postgres_mebibytes() const {
    const auto seconds = static_cast<std::size_t>(options_.duration.count());
    return kPostgresMebibytes + kPostgresMebibytesPerSecond * seconds;
}

std::filesystem::path Suite::disk_or_empty(const std::string& name) const {
    const auto disk = disks_.find(name);
    return disk == disks_.end() ? std::filesystem::path{} : disk->second->path();
}

std::string Suite::nats_url() const {
    return cluster_ != nullptr ? cluster_->urls() : stack_->nats().url();
}

std::map<std::string, Variables> Suite::connect_daemons() {
    std::map<std::string, Variables> daemons;
    const auto add_link = [&](const std::string& name, std::uint16_t port) -> const TcpProxy& {
        return *links_.emplace(name, std::make_unique<TcpProxy>(port)).first->second;
    };
    for (const auto view : kDaemons) {
        const std::string daemon{view};
        Variables variables{{"STREAM_MAX_BYTES", "67108864"},
                            {"DEAD_LETTER_MAX_BYTES", "16777216"},
                            // Short, so that what a killed collector held comes back soon.
                            {"ACK_WAIT_MS", "10000"},
                            {"STREAM_REPLICAS", options_.cluster ? "3" : "1"}};
        if (options_.cluster) {
            variables["NATS_URL"] = nats_url();
        } else if (daemon != "reporter") {
            const auto port = stack_->nats().port();
            variables["NATS_URL"] =
                with_port(nats_url(), port, add_link(daemon + "-nats", port).port());
        }
        if (daemon != "gateway") {
            variables["DATABASE_URL"] =
                with_port(stack_->database(), postgres_->port(),
                          add_link(daemon + "-postgres", postgres_->port()).port());
        } else if (const auto spool = disk_or_empty("spool"); !spool.empty()) {
            variables["SPOOL_DIR"] = (spool / "gateway").string();
            variables["SPOOL_MAX_BYTES"] = std::to_string(kSpoolMebibytes << 20);
        }
        daemons.emplace(daemon, std::move(variables));
    }
    database_ = with_port(stack_->database(), postgres_->port(),
                          add_link("tools-postgres", postgres_->port()).port());
    return daemons;
}

std::optional<std::uint64_t> Suite::spooled_files() {
    try {
        return static_cast<std::uint64_t>(stack_->metric("gateway", "spool_files"));
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

std::unique_ptr<PostgresCluster> Suite::make_standby() {
    if (!disks_.empty()) {
        const auto name = fmt::format("postgres-{}", former_postgres_.size() + 2);
        standby_disk_ = std::make_unique<SmallDisk>(folder_.path() / name, postgres_mebibytes());
    }
    return std::make_unique<PostgresCluster>(
        *postgres_, standby_disk_ ? standby_disk_->path() : std::filesystem::path{});
}

void Suite::replace_postgres(std::unique_ptr<PostgresCluster> promoted) {
    const auto before = postgres_->port();
    former_postgres_.push_back(std::exchange(postgres_, std::move(promoted)));
    if (standby_disk_) disks_["postgres"] = std::move(standby_disk_);
    stack_->move_database(with_port(stack_->database(), before, postgres_->port()));
    for (const auto& [name, link] : links_) {
        if (name.ends_with("-postgres")) link->redirect(postgres_->port());
    }
}

unsigned Suite::post(const std::string& body) {
    const std::lock_guard lock{posting_};
    auto client = stack_->new_client("gateway");
    const auto response = client.send({.method = "POST",
                                       .target = "/events",
                                       .content_type = "application/json",
                                       .body = body,
                                       .headers = {}},
                                      std::chrono::seconds{20});
    return response ? response->status : 0;
}

void Suite::pause_clients() {
    paused_.lock();
    for (const auto& client : clients_) client->pause();
}

void Suite::resume_clients() {
    if (paused_) paused_.unlock();
    for (const auto& client : clients_) client->resume();
}

void Suite::finish_clients() {
    for (const auto& client : clients_) client->finish();
}

void Suite::keep_dead_letters() {
    kept_letters_.merge(read_dead_letters(nats_url()));
}

void Suite::copy_logs(const std::filesystem::path& folder) {
    const auto copy = [&](const std::filesystem::path& file, const std::string& name) {
        std::error_code missing;
        std::filesystem::copy_file(file, folder / (name + ".log"),
                                   std::filesystem::copy_options::overwrite_existing, missing);
    };
    for (const auto daemon : kDaemons) {
        copy(stack_->log_file(std::string{daemon}), std::string{daemon});
    }
    copy(tools_log(), "tools");
    copy(postgres_->log_file(), "postgres");
    for (std::size_t i = 0; i < former_postgres_.size(); ++i) {
        copy(former_postgres_[i]->log_file(), fmt::format("postgres-{}", i + 1));
    }
    if (cluster_ == nullptr) return copy(stack_->nats().log_file(), "nats");
    for (std::size_t i = 0; i < NatsCluster::kNodes; ++i) {
        copy(cluster_->node(i).log_file(), fmt::format("nats-{}", i));
    }
}

}  // namespace events::test
