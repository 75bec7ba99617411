#include "common/nats/connection.hpp"

#include "common/nats/error.hpp"
#include "common/nats/handles.hpp"
#include "common/nats/server_list.hpp"
#include "common/retry/backoff.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <utility>
#include <vector>

namespace events::nats {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLastFlushTimeout{1'000};
constexpr milliseconds kClosePatience{5'000};
constexpr milliseconds kReconnectCap{5'000};
/// After how many attempts a server is given up where TLS has files: cnats reads them only for a
/// connection that is made anew, and they may be what is wrong.
constexpr int kReconnectsWithTlsFiles = 30;
/// How often the URL's file is looked at while there is no connection.
constexpr milliseconds kUrlInterval{1'000};

std::string server_of(natsConnection* connection) {
    std::array<char, 4'096> url{};
    if (natsConnection_GetConnectedUrl(connection, url.data(), url.size()) != NATS_OK) return {};
    return without_credentials(url.data());
}

/// Why the last call of this thread failed, with cnats' details, e.g. which certificate it does not
/// trust. They tell of addresses and of names, of no secret.
std::string reason_of(natsStatus status) {
    std::string reason = natsStatus_GetText(status);
    const char* details = nats_GetLastError(nullptr);
    if (details != nullptr && *details != '\0' && reason != details) {
        reason += ": ";
        reason += details;
    }
    return reason;
}

}  // namespace

/// What the connection's owner and cnats' callbacks share. Every change is made under the mutex,
/// from what cnats says at that moment, so the order of callbacks doesn't matter.
struct Connection::State {
    State(ConnectionOptions given, logging::Logger logger, health::Indicator& shown)
        : options{std::move(given)}, url{options.url}, log{std::move(logger)}, indicator{&shown} {}

    /// A connection was made, the first one or again.
    void made(natsConnection* connection) {
        const std::lock_guard lock{mutex};
        if (const auto bytes = natsConnection_GetMaxPayload(connection); bytes > 0) {
            max_payload = static_cast<std::size_t>(bytes);
        }
        generation.fetch_add(1);
        follow(connection, "disconnected");
    }

    void lost(natsConnection* connection) {
        const std::lock_guard lock{mutex};
        follow(connection, "disconnected");
    }

    /// cnats is done with the connection: no callback follows.
    void closed(natsConnection* connection) {
        const std::lock_guard lock{mutex};
        follow(connection, "closed");
        --open_sessions;
        changed.notify_all();  // under the lock: the owner may go right after
    }

    void refused(const std::string& reason) {
        const std::lock_guard lock{mutex};
        if (indicator != nullptr) indicator->down(reason);
        if (std::exchange(complaint, reason) != reason) {
            log.warn("no connection to NATS yet", {{"err", reason}});
        }
    }

    /// What the server said of it names subjects, e.g. the one that we have no right to.
    void failed(natsConnection* connection, natsStatus status) const {
        const char* details = nullptr;
        natsConnection_GetLastError(connection, &details);
        log.warn("NATS reports a problem", {{"err", natsStatus_GetText(status)},
                                            {"details", details == nullptr ? "" : details}});
    }

    /// Takes over what cnats says of the connection. The mutex is held.
    void follow(natsConnection* connection, std::string_view otherwise) {
        const bool now = natsConnection_Status(connection) == NATS_CONN_STATUS_CONNECTED;
        if (connected.exchange(now) != now) {
            if (now) {
                log.info("connected to NATS", {{"server", server_of(connection)}});
                complaint.clear();
            } else if (!closing) {
                log.warn("the connection to NATS is lost", {{"err", otherwise}});
            }
        }
        if (indicator != nullptr) now ? indicator->up() : indicator->down(otherwise);
        changed.notify_all();
    }

    const ConnectionOptions options;
    config::Secret url;  ///< of the latest connection; for the owner's thread
    const logging::Logger log;

    std::atomic<bool> connected{false};
    std::atomic<std::uint64_t> generation{0};
    std::atomic<std::size_t> max_payload{std::numeric_limits<std::size_t>::max()};

    mutable std::mutex mutex;
    mutable std::condition_variable_any changed;
    health::Indicator* indicator;  // nothing once the owner is gone
    std::shared_ptr<natsConnection> handle;
    int open_sessions = 0;
    std::string complaint;  ///< what was logged last, so that it is logged once
    bool closing = false;
};

/// What cnats' callbacks are given: it keeps the state alive until the closed callback, the last
/// one, whatever becomes of the owner (nats.c #735).
struct Connection::Session {
    std::shared_ptr<State> state;

    static State& of(void* closure) { return *static_cast<Session*>(closure)->state; }

    static void on_reconnected(natsConnection* connection, void* closure) {
        of(closure).made(connection);
    }
    static void on_disconnected(natsConnection* connection, void* closure) {
        of(closure).lost(connection);
    }
    static void on_closed(natsConnection* connection, void* closure) {
        const std::unique_ptr<Session> session{static_cast<Session*>(closure)};
        session->state->closed(connection);
    }
    static void on_error(natsConnection* connection, natsSubscription* /*subscription*/,
                         natsStatus status, void* closure) {
        of(closure).failed(connection, status);
    }

    static OptionsHandle make_options(Session* session) {
        const auto& wanted = session->state->options;
        const auto list = parse_server_list(session->state->url.reveal());
        if (!list) throw Error{"NATS_URL", list.error()};
        natsOptions* raw = nullptr;
        check(natsOptions_Create(&raw), "natsOptions_Create");
        OptionsHandle options{raw};

        std::vector<const char*> servers;
        for (const auto& server : *list) servers.push_back(server.c_str());
        check(natsOptions_SetServers(raw, servers.data(), static_cast<int>(servers.size())),
              "natsOptions_SetServers");
        check(natsOptions_SetName(raw, wanted.name.c_str()), "natsOptions_SetName");
        check(natsOptions_SetTimeout(raw, wanted.connect_timeout.count()),
              "natsOptions_SetTimeout");
        check(
            natsOptions_SetMaxReconnect(raw, wanted.files.has_tls() ? kReconnectsWithTlsFiles : -1),
            "natsOptions_SetMaxReconnect");
        const auto wait = wanted.reconnect_wait.count();
        check(natsOptions_SetReconnectWait(raw, wait), "natsOptions_SetReconnectWait");
        check(natsOptions_SetReconnectJitter(raw, wait, wait), "natsOptions_SetReconnectJitter");
        check(natsOptions_SetPingInterval(raw, wanted.ping_interval.count()),
              "natsOptions_SetPingInterval");
        check(natsOptions_SetMaxPingsOut(raw, 2), "natsOptions_SetMaxPingsOut");
        // A peer that stops reading must not hold a writer, and with it the connection's lock, for
        // longer than it takes to call the peer dead.
        check(natsOptions_SetWriteDeadline(raw, 2 * wanted.ping_interval.count()),
              "natsOptions_SetWriteDeadline");
        // 0: a publish while disconnected fails with NATS_INSUFFICIENT_BUFFER at once.
        check(natsOptions_SetReconnectBufSize(raw, 0), "natsOptions_SetReconnectBufSize");
        check(natsOptions_SetFailRequestsOnDisconnect(raw, true),
              "natsOptions_SetFailRequestsOnDisconnect");
        check(natsOptions_SetSendAsap(raw, wanted.send_at_once), "natsOptions_SetSendAsap");

        apply(wanted.files, asks_for_tls(*list), raw);

        check(natsOptions_SetReconnectedCB(raw, &on_reconnected, session),
              "natsOptions_SetReconnectedCB");
        check(natsOptions_SetDisconnectedCB(raw, &on_disconnected, session),
              "natsOptions_SetDisconnectedCB");
        check(natsOptions_SetClosedCB(raw, &on_closed, session), "natsOptions_SetClosedCB");
        check(natsOptions_SetErrorHandler(raw, &on_error, session), "natsOptions_SetErrorHandler");
        return options;
    }

    /// Tries each server once. cnats calls nothing back for a connection that was never made.
    static natsStatus open(const std::shared_ptr<State>& state) {
        state->url = state->url.renewed();
        auto session = std::make_unique<Session>(Session{state});
        const auto options = make_options(session.get());
        natsConnection* raw = nullptr;
        {
            const std::lock_guard lock{state->mutex};
            ++state->open_sessions;
        }
        const auto status = natsConnection_Connect(&raw, options.get());
        {
            const std::lock_guard lock{state->mutex};
            if (status != NATS_OK) {
                --state->open_sessions;
                return status;
            }
            state->handle = {raw, &natsConnection_Destroy};
        }
        static_cast<void>(session.release());  // on_closed() frees it
        state->made(raw);
        return NATS_OK;
    }
};

Connection::Connection(ConnectionOptions options, logging::Logger log,
                       health::Indicator& indicator) {
    // Its mutexes spin 2,000 times by default, which on few cores keeps the owner from going on.
    // Before anything else of cnats, which would open the library by itself; harmless a second
    // time.
    nats_Open(0);
    const auto servers = parse_server_list(options.url.reveal());
    if (!servers) throw Error{"NATS_URL", servers.error()};
    indicator.down("connecting");
    state_ = std::make_shared<State>(std::move(options), std::move(log), indicator);
    keeper_ = std::jthread{[this](const std::stop_token& stop) { keep_connected(stop); }};
}

void Connection::keep_connected(const std::stop_token& stop) {
    retry::Backoff backoff{2 * state_->options.reconnect_wait, kReconnectCap};
    while (!stop.stop_requested()) {
        auto status = NATS_ERR;
        std::string reason;
        try {
            status = Session::open(state_);
            if (status != NATS_OK) reason = reason_of(status);
        } catch (const std::exception& error) {
            reason = error.what();
        }
        std::unique_lock lock{state_->mutex};
        if (status == NATS_OK) {
            backoff.reset();
            await_end(lock, stop);
        } else {
            lock.unlock();
            state_->refused(reason);
            lock.lock();
        }
        state_->changed.wait_for(lock, stop, backoff.next(), [] { return false; });
    }
}

/// Waits until cnats gives the connection up. It reconnects with the URL that it was given: when
/// another one stands in the file meanwhile, the connection is given up here.
void Connection::await_end(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
    const auto ended = [this] { return state_->open_sessions == 0; };
    while (!state_->changed.wait_for(lock, stop, kUrlInterval, ended) && !stop.stop_requested()) {
        if (connected() || !state_->url.can_change()) continue;
        const auto handle = state_->handle;
        lock.unlock();
        const bool replaced = state_->url.renewed().reveal() != state_->url.reveal();
        if (replaced) natsConnection_Close(handle.get());
        lock.lock();
    }
}

Connection::~Connection() {
    keeper_.request_stop();
    keeper_.join();
    std::shared_ptr<natsConnection> handle;
    {
        const std::lock_guard lock{state_->mutex};
        state_->closing = true;
        handle = state_->handle;
    }
    if (handle != nullptr) {
        if (connected()) natsConnection_FlushTimeout(handle.get(), kLastFlushTimeout.count());
        natsConnection_Close(handle.get());
    }
    std::unique_lock lock{state_->mutex};
    state_->changed.wait_for(lock, kClosePatience, [this] { return state_->open_sessions == 0; });
    state_->indicator = nullptr;
    state_->handle.reset();
}

bool Connection::connected() const noexcept {
    return state_->connected.load();
}

const std::string& Connection::jetstream_domain() const noexcept {
    return state_->options.jetstream_domain;
}

std::uint64_t Connection::generation() const noexcept {
    return state_->generation.load();
}

std::size_t Connection::max_payload() const noexcept {
    return state_->max_payload.load();
}

bool Connection::wait_connected(std::chrono::milliseconds timeout) const {
    std::unique_lock lock{state_->mutex};
    return state_->changed.wait_for(lock, timeout, [this] { return connected(); });
}

std::shared_ptr<__natsConnection> Connection::native() const {
    const std::lock_guard lock{state_->mutex};
    return state_->handle;
}

}  // namespace events::nats
