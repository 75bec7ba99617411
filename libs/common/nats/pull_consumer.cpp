#include "common/nats/pull_consumer.hpp"

#include "common/nats/pull_credit.hpp"
#include "common/retry/backoff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace events::nats {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kSlice{50};  // how soon stop() and a reconnect are seen
constexpr milliseconds kFirstPause{100};
constexpr milliseconds kPauseCap{5'000};
constexpr milliseconds kRoundTripPatience{1'000};

/// An answer of the server that is not a message of the stream.
struct Status {
    std::uint64_t request = 0;  ///< the last token of the subject that it came to
    int code = 0;
    std::string description;
    std::optional<std::size_t> unsent;  ///< of the request that it ends
};

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || rest != end) return std::nullopt;
    return number;
}

std::string_view header_of(natsMsg* message, const char* name) {
    const char* value = nullptr;
    return natsMsgHeader_Get(message, name, &value) == NATS_OK ? value : std::string_view{};
}

Status read_status(natsMsg* message) {
    const std::string_view subject{natsMsg_GetSubject(message)};
    return {
        .request = parse_number<std::uint64_t>(subject.substr(subject.rfind('.') + 1)).value_or(0),
        .code = parse_number<int>(header_of(message, "Status")).value_or(0),
        .description = std::string{header_of(message, "Description")},
        .unsent = parse_number<std::size_t>(header_of(message, "Nats-Pending-Messages")),
    };
}

/// Not in lower case on every server version.
bool mentions(const std::string& description, std::string_view word) {
    const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    return std::search(description.begin(), description.end(), word.begin(), word.end(), same) !=
           description.end();
}

}  // namespace

class PullConsumer::Impl {
  public:
    Impl(Connection& connection, Options options, std::function<void()> provision,
         logging::Logger log)
        : connection_{connection},
          options_{std::move(options)},
          provision_{std::move(provision)},
          log_{std::move(log)},
          request_subject_{
              fmt::format("$JS.API.CONSUMER.MSG.NEXT.{}.{}", options_.stream, options_.durable)} {}

    void set_window(std::size_t messages) noexcept { window_.store(messages); }
    std::optional<Delivery> next(milliseconds wait);
    void release();
    void stop();

  private:
    bool prepare();
    void follow_connection();
    bool provision_again();
    bool subscribe();
    void request();
    /// What came within `wait`; `more` says that it is worth looking again at once.
    std::optional<Delivery> take(milliseconds wait, bool& more);
    std::optional<Delivery> accept(MessageHandle message);
    void obey(const Status& status, bool counts);
    bool has_said_nothing();
    void quiet();
    void void_requests();
    void drop_subscription();
    std::optional<Delivery> forget_requests();
    void hold_back() { ready_at_ = Clock::now() + backoff_.next(); }

    Connection& connection_;
    const Options options_;
    const std::function<void()> provision_;
    const logging::Logger log_;
    const std::string request_subject_;

    std::atomic<std::size_t> window_{1};
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;  // all below

    std::uint64_t generation_ = 0;
    std::shared_ptr<natsConnection> native_;  // the subscription's
    SubscriptionHandle subscription_;
    std::string inbox_;
    PullCredit credit_{options_.grace};
    std::uint64_t stale_ = 0;  // queued in the subscription from before the requests were void
    bool provisioned_ = false;
    retry::Backoff backoff_{kFirstPause, kPauseCap};
    Clock::time_point ready_at_{};  // no provisioning and no request before
};

std::optional<Delivery> PullConsumer::Impl::next(milliseconds wait) {
    const std::lock_guard lock{mutex_};
    const auto deadline = Clock::now() + wait;
    while (!stopping_.load()) {
        const auto rest = std::chrono::ceil<milliseconds>(deadline - Clock::now());
        const auto slice = std::clamp(rest, milliseconds{0}, kSlice);
        bool more = false;
        if (prepare()) {
            if (auto delivery = take(slice, more)) return delivery;
        } else if (!connection_.wait_connected(slice)) {
            // A slice is over.
        } else if (slice > milliseconds{0}) {
            std::this_thread::sleep_for(std::min<Clock::duration>(
                slice, std::max<Clock::duration>(ready_at_ - Clock::now(), milliseconds{1})));
        }
        if (!more && Clock::now() >= deadline) break;
    }
    return std::nullopt;
}

/// Makes the subscription ready to be read from; false while there is nothing to wait for.
bool PullConsumer::Impl::prepare() {
    if (!connection_.connected()) return false;
    follow_connection();
    if (!provisioned_ && !provision_again()) return false;
    if (subscription_ == nullptr && !subscribe()) return false;
    request();
    return true;
}

void PullConsumer::Impl::follow_connection() {
    const auto generation = connection_.generation();
    if (generation == generation_) return;
    generation_ = generation;
    // The server forgot the requests; cnats made the subscription again, unless it gave up the
    // whole connection.
    if (native_ != connection_.native()) drop_subscription();
    void_requests();
    provisioned_ = false;
}

bool PullConsumer::Impl::provision_again() {
    if (Clock::now() < ready_at_) return false;
    try {
        provision_();
        provisioned_ = true;
    } catch (const std::exception& error) {
        log_.warn("the consumer is not ready",
                  {{"consumer", options_.durable}, {"err", error.what()}});
        hold_back();
    }
    return provisioned_;
}

bool PullConsumer::Impl::subscribe() {
    try {
        native_ = connection_.native();
        inbox_ = make_inbox();
        natsSubscription* raw = nullptr;
        check(natsConnection_SubscribeSync(&raw, native_.get(), (inbox_ + ".*").c_str()),
              "natsConnection_SubscribeSync");
        subscription_.reset(raw);
        check(natsSubscription_SetPendingLimits(raw, -1, -1), "natsSubscription_SetPendingLimits");
        return true;
    } catch (const Error& error) {
        log_.warn("cannot subscribe", {{"err", error.what()}});
        drop_subscription();
        hold_back();
        return false;
    }
}

void PullConsumer::Impl::request() {
    const auto now = Clock::now();
    if (now < ready_at_) return;
    const auto messages = credit_.wanted(window_.load());
    if (messages == 0) return;
    const auto expires = std::chrono::nanoseconds{options_.request_expiry}.count();
    const auto body = fmt::format(R"({{"batch":{},"expires":{}}})", messages, expires);
    const auto reply = fmt::format("{}.{}", inbox_, credit_.next_request());
    const auto status =
        natsConnection_PublishRequest(native_.get(), request_subject_.c_str(), reply.c_str(),
                                      body.data(), static_cast<int>(body.size()));
    if (status == NATS_OK) {
        credit_.requested(messages, now + options_.request_expiry);
    } else {
        hold_back();  // a reconnect, most likely
    }
}

std::optional<Delivery> PullConsumer::Impl::take(milliseconds wait, bool& more) {
    natsMsg* raw = nullptr;
    const auto status = natsSubscription_NextMsg(&raw, subscription_.get(), wait.count());
    MessageHandle message{raw};
    switch (status) {
        case NATS_OK:
            more = true;
            return accept(std::move(message));
        case NATS_TIMEOUT:
            if (credit_.silent(Clock::now()) && has_said_nothing()) quiet();
            return std::nullopt;
        case NATS_NO_RESPONDERS:  // cnats' form of a 503
            if (stale_ > 0) --stale_;
            void_requests();
            provisioned_ = false;
            hold_back();
            return std::nullopt;
        default:
            log_.warn("the subscription ended", {{"err", natsStatus_GetText(status)}});
            drop_subscription();
            hold_back();
            return std::nullopt;
    }
}

std::optional<Delivery> PullConsumer::Impl::accept(MessageHandle message) {
    const bool counts = stale_ == 0;
    if (!counts) --stale_;
    const char* reply = natsMsg_GetReply(message.get());
    if (reply == nullptr) {
        obey(read_status(message.get()), counts);
        return std::nullopt;
    }
    if (counts) credit_.delivered();
    backoff_.reset();
    const auto metadata = parse_delivery_metadata(reply);
    if (!metadata) {
        log_.error("a delivery without metadata is left alone", {{"reply", reply}});
        return std::nullopt;
    }
    return Delivery{connection_, std::move(message), *metadata};
}

/// Statuses: ADR-13 of nats-architecture-and-design.
void PullConsumer::Impl::obey(const Status& status, bool counts) {
    constexpr int kHeartbeat = 100;
    constexpr int kNoMessages = 404;
    constexpr int kRequestOver = 408;
    if (status.code == kHeartbeat) return;
    if (!counts || !credit_.ended(status.request, status.unsent)) return;
    if (status.code == kNoMessages || status.code == kRequestOver) {
        backoff_.reset();
        return;
    }
    const bool deleted = mentions(status.description, "deleted");
    if (deleted || mentions(status.description, "leadership") ||
        mentions(status.description, "shutdown")) {
        void_requests();
        provisioned_ = provisioned_ && !deleted;
    }
    log_.warn("the server ended a pull request",
              {{"status", status.code}, {"reason", status.description}});
    hold_back();
}

/// Whether the server answers, but has sent nothing more. After a stall of this process what it
/// said in time may not have been read yet: messages would be dropped with the subscription, and
/// wait for the whole ack_wait. It is all here once the answer to a ping is.
bool PullConsumer::Impl::has_said_nothing() {
    std::uint64_t queued = 0;
    return natsConnection_FlushTimeout(native_.get(), kRoundTripPatience.count()) == NATS_OK &&
           natsSubscription_QueuedMsgs(subscription_.get(), &queued) == NATS_OK && queued == 0;
}

/// Nobody answers: the consumer may be missing (the server tells nobody so), or the subscription is
/// not known to the server any more (nats-server #2397, #5679).
void PullConsumer::Impl::quiet() {
    log_.warn("no answer to a pull request", {{"consumer", options_.durable}});
    drop_subscription();
    provisioned_ = false;
    hold_back();
}

void PullConsumer::Impl::void_requests() {
    credit_.clear();
    stale_ = 0;
    if (subscription_ != nullptr) natsSubscription_QueuedMsgs(subscription_.get(), &stale_);
}

void PullConsumer::Impl::drop_subscription() {
    subscription_.reset();
    native_.reset();
    credit_.clear();
    stale_ = 0;
}

/// Makes the server forget the requests that nobody listens for any more, with one more request
/// that ends soon; what it brings is to be given back. nats-server 2.9 finds out too late
/// otherwise: when it has taken a message for them, which then waits for the whole ack_wait.
std::optional<Delivery> PullConsumer::Impl::forget_requests() {
    const auto native = connection_.native();
    if (native == nullptr || !connection_.connected()) return std::nullopt;
    natsMsg* raw = nullptr;
    const auto status = natsConnection_RequestString(&raw, native.get(), request_subject_.c_str(),
                                                     R"({"batch":1,"expires":20000000})",
                                                     options_.forget_patience.count());
    MessageHandle message{raw};
    if (status != NATS_OK) return std::nullopt;
    const char* reply = natsMsg_GetReply(raw);
    const auto metadata = reply == nullptr ? std::nullopt : parse_delivery_metadata(reply);
    if (!metadata) return std::nullopt;  // its time is over
    return Delivery{connection_, std::move(message), *metadata};
}

void PullConsumer::Impl::stop() {
    stopping_.store(true);
    release();
}

void PullConsumer::Impl::release() {
    const std::lock_guard lock{mutex_};
    if (subscription_ == nullptr) return;
    auto* const subscription = subscription_.get();
    const auto deadline = Clock::now() + options_.stop_patience;
    std::vector<Delivery> left;
    // Draining first ends the server's interest, so what it sent before is all here then.
    if (connection_.connected() &&
        natsSubscription_DrainTimeout(subscription, options_.stop_patience.count()) == NATS_OK) {
        while (Clock::now() < deadline) {
            natsMsg* raw = nullptr;
            const auto status = natsSubscription_NextMsg(&raw, subscription, 5);
            MessageHandle message{raw};
            if (status == NATS_OK) {
                if (auto delivery = accept(std::move(message)))
                    left.push_back(std::move(*delivery));
            } else if (status != NATS_OK &&
                       natsSubscription_WaitForDrainCompletion(subscription, 1) != NATS_TIMEOUT) {
                break;
            }
        }
    }
    drop_subscription();
    if (auto delivery = forget_requests()) left.push_back(std::move(*delivery));
    // Not before: the server would send them to the requests that were open here, to nobody.
    for (auto& delivery : left) delivery.nak({});
}

PullConsumer::PullConsumer(Connection& connection, Options options, std::function<void()> provision,
                           logging::Logger log)
    : impl_{std::make_unique<Impl>(connection, std::move(options), std::move(provision),
                                   std::move(log))} {}

PullConsumer::~PullConsumer() {
    stop();
}

void PullConsumer::set_window(std::size_t messages) noexcept {
    impl_->set_window(messages);
}

std::optional<Delivery> PullConsumer::next(std::chrono::milliseconds wait) {
    return impl_->next(wait);
}

void PullConsumer::release() {
    impl_->release();
}

void PullConsumer::stop() {
    impl_->stop();
}

}  // namespace events::nats
