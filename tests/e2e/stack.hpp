#pragma once

#include "common/http/client.hpp"
#include "support/environment.hpp"
#include "support/nats_server.hpp"
#include "support/postgres_cluster.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace events::test {

using Variables = std::map<std::string, std::string>;

/// On a busy machine a broker may hesitate for longer than the gateway waits by itself, which would
/// make a 202 of a 201. One that is frozen is found out before, by unanswered pings.
inline const Variables kPatientDaemons{{"ACK_TIMEOUT_MS", "20000"}};

/// The real daemons on a real nats-server and a database of their own, on free loopback ports.
/// One thread at a time, but for port(), url() and new_client().
class Stack {
  public:
    /// `defaults` are for every daemon that is not told otherwise; without them it has its own.
    /// `programs` is the folder of the daemons.
    explicit Stack(PostgresCluster& cluster = postgres_cluster(), NatsServerOptions nats = {},
                   Variables defaults = kPatientDaemons,
                   std::filesystem::path programs = bin_directory());
    ~Stack();

    /// Starts a daemon with these variables added to what connects it with the others, and waits
    /// until it is ready (or, with `wait_ready` off, until it is alive).
    void start(const std::string& daemon, const Variables& variables = {}, bool wait_ready = true);
    /// Starts one that ends by itself, and waits for nothing.
    void launch(const std::string& daemon, const Variables& variables);
    /// Starts a second process of a daemon, "<daemon>-twin", on another port, and waits likewise.
    void start_twin(const std::string& daemon, bool wait_ready = true,
                    const Variables& variables = {});
    /// gateway, both collectors and the reporter.
    void start_all();
    /// Sends SIGTERM and waits: the exit status.
    ExitStatus stop(const std::string& daemon);
    void kill(const std::string& daemon);
    /// Waits for a daemon that ends by itself.
    ExitStatus wait_end(const std::string& daemon);

    [[nodiscard]] Process& process(const std::string& daemon);
    [[nodiscard]] std::uint16_t port(const std::string& daemon) const;
    [[nodiscard]] std::filesystem::path log_file(const std::string& daemon) const;
    /// Where a gateway keeps what JetStream can't take.
    [[nodiscard]] std::filesystem::path spool_folder(const std::string& gateway) const;
    /// The daemon's log so far, one parsed object a line.
    [[nodiscard]] std::vector<nlohmann::json> log(const std::string& daemon) const;

    [[nodiscard]] http::Client new_client(const std::string& daemon) const;
    /// GET, parsed. Throws when there is no answer.
    [[nodiscard]] http::ClientResponse get(const std::string& daemon, const std::string& target);
    [[nodiscard]] http::ClientResponse post(std::string_view body, const Variables& headers = {},
                                            std::string_view content_type = "application/json",
                                            std::string_view target = "/events");
    [[nodiscard]] bool is_ready(const std::string& daemon);
    /// The value of the first series of this name that has these labels, as in
    /// consumer_pending_messages or stream_fit{stream="EVENTS_DEAD"}; 0 when there is none.
    [[nodiscard]] double metric(const std::string& daemon, const std::string& series);

    /// The reporter's figure at `target`, e.g. figure("/reports/events", "count").
    [[nodiscard]] nlohmann::json report(const std::string& target);
    /// The rows in both tables, counted by the database itself.
    [[nodiscard]] std::uint64_t stored_rows();
    /// Waits until that many rows are stored; false when they never are (or are too many). For as
    /// long as they become more: how fast that is depends on the machine.
    [[nodiscard]] bool await_rows(std::uint64_t rows);

    [[nodiscard]] NatsServer& nats() noexcept { return nats_; }
    [[nodiscard]] const std::string& database() const noexcept { return database_; }
    /// The same database is on another server now. Running daemons are not told.
    void move_database(std::string url) { database_ = std::move(url); }

  private:
    void launch_as(const std::string& name, const std::string& daemon, const Variables& variables);
    void start_as(const std::string& name, const std::string& daemon, const Variables& variables,
                  bool wait_ready);

    TemporaryDirectory folder_;
    NatsServer nats_;
    std::string database_;
    Variables defaults_;
    std::filesystem::path programs_;
    std::map<std::string, std::uint16_t> ports_;
    std::map<std::string, Process> processes_;
};

}  // namespace events::test
