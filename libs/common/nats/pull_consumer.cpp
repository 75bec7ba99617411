#include "common/nats/pull_consumer.hpp"

#include "common/nats/api_request.hpp"
#include "common/nats/inbox.hpp"
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
          request_subject_{api_subject(
              connection,
              fmt::format("$JS.API.CONSUMER.MSG.NEXT.{}.{}", options_.stream, options_.durable))} {}

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
    void usable();
    void unusable(const std::string& why);
    void void_requests();
    void drop_inbox();
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
    std::unique_ptr<Inbox> inbox_;
    PullRequest request_{options_.grace};
    std::uint64_t stale_ = 0;  // waiting in the inbox from before the requests were void
    bool provisioned_ = false;
    bool doubtful_ = false;  // it was refused, or not answered, since the last message or timeout
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
    if (inbox_ == nullptr && !subscribe()) return false;
    request();
    return true;
}

void PullConsumer::Impl::follow_connection() {
    const auto generation = connection_.generation();
    if (generation == generation_) return;
    generation_ = generation;
    // The server forgot the requests; cnats made the subscription again, unless it gave up the
    // whole connection.
    if (inbox_ != nullptr && inbox_->connection() != connection_.native().get()) drop_inbox();
    void_requests();
    provisioned_ = false;
}

bool PullConsumer::Impl::provision_again() {
    if (Clock::now() < ready_at_) return false;
    try {
        provision_();
        provisioned_ = true;
        if (!doubtful_ && options_.indicator != nullptr) options_.indicator->up();
    } catch (const std::exception& error) {
        log_.warn("the consumer is not ready",
                  {{"consumer", options_.durable}, {"err", error.what()}});
        if (options_.indicator != nullptr) options_.indicator->down(error.what());
        hold_back();
    }
    return provisioned_;
}

/// The server answers to pull requests.
void PullConsumer::Impl::usable() {
    backoff_.reset();
    doubtful_ = false;
    if (options_.indicator != nullptr && !options_.indicator->is_up()) options_.indicator->up();
}

/// The consumer is there, as far as anybody knows, but nothing comes from it.
void PullConsumer::Impl::unusable(const std::string& why) {
    doubtful_ = true;
    if (options_.indicator != nullptr) options_.indicator->down(why);
    hold_back();
}

bool PullConsumer::Impl::subscribe() {
    try {
        inbox_ = std::make_unique<Inbox>(connection_.native(), true);
        return true;
    } catch (const Error& error) {
        log_.warn("cannot subscribe", {{"err", error.what()}});
        hold_back();
        return false;
    }
}

void PullConsumer::Impl::request() {
    const auto now = Clock::now();
    if (request_.is_open() || now < ready_at_) return;
    const auto size = request_.next_size({window_.load(), options_.max_bytes});
    const auto body = pull_request_body(size, options_.request_expiry);
    const auto reply = fmt::format("{}.{}", inbox_->subject(), request_.next_number());
    const auto status =
        natsConnection_PublishRequest(inbox_->connection(), request_subject_.c_str(), reply.c_str(),
                                      body.data(), static_cast<int>(body.size()));
    if (status == NATS_OK) {
        request_.sent(size, now + options_.request_expiry);
    } else {
        hold_back();  // a reconnect, most likely
    }
}

std::optional<Delivery> PullConsumer::Impl::take(milliseconds wait, bool& more) {
    if (auto message = inbox_->next(wait)) {
        more = true;
        return accept(std::move(message));
    }
    if (inbox_->ended()) {
        log_.warn("the subscription ended");
        drop_inbox();
        hold_back();
    } else if (request_.silent(Clock::now()) && has_said_nothing()) {
        quiet();
    }
    return std::nullopt;
}

std::optional<Delivery> PullConsumer::Impl::accept(MessageHandle message) {
    const bool counts = stale_ == 0;
    if (!counts) --stale_;
    const char* reply = natsMsg_GetReply(message.get());
    if (reply == nullptr) {
        obey(read_status(message.get()), counts);
        return std::nullopt;
    }
    if (counts) request_.delivered();
    usable();
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
    constexpr int kNobodyThere = 503;
    if (status.code == kHeartbeat) return;
    const bool too_large = mentions(status.description, "exceeds maxbytes");
    const auto end = too_large ? PullRequest::End::too_large : PullRequest::End::over;
    if (!counts || !request_.ended(status.request, end)) return;
    if (too_large || status.code == kNoMessages || status.code == kRequestOver ||
        mentions(status.description, "batch completed")) {
        usable();
        return;
    }
    log_.warn("the server ended a pull request",
              {{"status", status.code}, {"reason", status.description}});
    const bool deleted = status.code == kNobodyThere || mentions(status.description, "deleted");
    if (deleted || mentions(status.description, "leadership") ||
        mentions(status.description, "shutdown")) {
        void_requests();
        provisioned_ = provisioned_ && !deleted;
        hold_back();
    } else {
        unusable("the broker refuses pull requests: " + status.description);
    }
}

/// Whether the server answers, but has sent nothing more. After a stall of this process what it
/// said in time may not have been read yet: messages would be dropped with the subscription, and
/// wait for the whole ack_wait. It is all here once the answer to a ping is.
bool PullConsumer::Impl::has_said_nothing() {
    return natsConnection_FlushTimeout(inbox_->connection(), kRoundTripPatience.count()) ==
               NATS_OK &&
           inbox_->waiting() == 0;
}

/// Nobody answers: the consumer may be missing (the server tells nobody so), or the subscription is
/// not known to the server any more (nats-server #2397, #5679).
void PullConsumer::Impl::quiet() {
    log_.warn("no answer to a pull request", {{"consumer", options_.durable}});
    drop_inbox();
    provisioned_ = false;
    unusable("the broker does not answer pull requests");
}

void PullConsumer::Impl::void_requests() {
    request_.clear();
    stale_ = inbox_ == nullptr ? 0 : inbox_->waiting();
}

void PullConsumer::Impl::drop_inbox() {
    inbox_.reset();
    request_.clear();
    stale_ = 0;
}

/// Makes the server forget the requests that nobody listens for any more, with one more request
/// that ends soon; what it brings is to be given back. nats-server 2.9 finds out too late
/// otherwise: when it has taken a message for them, which then waits for the whole ack_wait.
std::optional<Delivery> PullConsumer::Impl::forget_requests() {
    const auto native = connection_.native();
    if (native == nullptr || !connection_.connected()) return std::nullopt;
    try {
        Inbox inbox{native};
        const auto body = pull_request_body({}, milliseconds{20});
        check(natsConnection_PublishRequest(native.get(), request_subject_.c_str(),
                                            inbox.subject().c_str(), body.data(),
                                            static_cast<int>(body.size())),
              "natsConnection_PublishRequest");
        auto message = inbox.next(options_.forget_patience);
        const char* reply = message == nullptr ? nullptr : natsMsg_GetReply(message.get());
        const auto metadata = reply == nullptr ? std::nullopt : parse_delivery_metadata(reply);
        if (metadata) return Delivery{connection_, std::move(message), *metadata};
    } catch (const Error&) {  // no connection: the server forgets by itself
    }
    return std::nullopt;  // its time is over
}

void PullConsumer::Impl::stop() {
    stopping_.store(true);
    release();
}

void PullConsumer::Impl::release() {
    const std::lock_guard lock{mutex_};
    if (inbox_ == nullptr) return;
    const auto deadline = Clock::now() + options_.stop_patience;
    std::vector<Delivery> left;
    // Draining first ends the server's interest, so what it sent before is all here then.
    if (connection_.connected() && inbox_->drain(options_.stop_patience)) {
        while (auto message = inbox_->next_of_rest(deadline)) {
            if (auto delivery = accept(std::move(message))) left.push_back(std::move(*delivery));
        }
    }
    drop_inbox();
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
