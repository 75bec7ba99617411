#include "common/nats/publisher.hpp"

#include "common/nats/handles.hpp"
#include "common/nats/pub_ack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <ranges>
#include <stop_token>
#include <thread>
#include <unordered_map>
#include <utility>

namespace events::nats {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// "No responders" as the server's status says it; JetStream's own codes begin at 10000.
constexpr int kNoStream = 503;
/// The destructor's wait for the subscription's last callback.
constexpr milliseconds kCallbackPatience{5'000};

PublishOutcome unreachable(std::string error) {
    return {.status = PublishStatus::unreachable, .code = 0, .error = std::move(error)};
}

PublishOutcome refused(int code, std::string error) {
    return {.status = PublishStatus::refused, .code = code, .error = std::move(error)};
}

/// A message's place: which batch, and which one in it. It travels as the last token of the reply
/// subject, "<batch>-<index>".
struct Place {
    std::uint64_t batch = 0;
    std::size_t index = 0;
};

std::optional<Place> parse_place(std::string_view reply_subject) {
    const auto token = reply_subject.substr(reply_subject.rfind('.') + 1);
    const auto* end = token.data() + token.size();
    Place place;
    const auto [dash, batch_error] = std::from_chars(token.data(), end, place.batch);
    if (batch_error != std::errc{} || dash == end || *dash != '-') return std::nullopt;
    const auto [rest, index_error] = std::from_chars(dash + 1, end, place.index);
    if (index_error != std::errc{} || rest != end) return std::nullopt;
    return place;
}

/// What the broker answered to one publish.
PublishOutcome read_answer(natsMsg* message) {
    if (natsMsg_IsNoResponders(message)) return refused(kNoStream, "no stream has this subject");
    return parse_pub_ack(
        {natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message))});
}

MessageHandle make_message(const char* subject, const std::string& reply,
                           std::span<const HeaderField> headers, std::string_view payload) {
    natsMsg* raw = nullptr;
    check(natsMsg_Create(&raw, subject, reply.c_str(), payload.data(),
                         static_cast<int>(payload.size())),
          "natsMsg_Create");
    MessageHandle message{raw};
    std::string clean;
    for (const auto& [name, value] : headers) {
        if (value.empty()) continue;  // cnats' reader takes the next header for its value
        clean = value;
        std::ranges::replace_if(
            clean, [](char c) { return c == '\r' || c == '\n'; }, ' ');
        check(natsMsgHeader_Set(raw, name, clean.c_str()), "natsMsgHeader_Set");
    }
    return message;
}

}  // namespace

struct Publisher::Batch::State {
    State(std::shared_ptr<Impl> owner, std::uint64_t number,
          std::function<void(PublishOutcomes)> callback)
        : publisher{std::move(owner)}, id{number}, done{std::move(callback)} {}

    std::size_t open_slot();
    /// Only a message's first outcome counts: what comes after it was given up is ignored.
    void settle(std::size_t index, PublishOutcome outcome);
    void finish();
    /// Gives up what waits since before `heard_after`; how many those were.
    std::size_t give_up(Clock::time_point heard_after, const char* why);

    const std::shared_ptr<Impl> publisher;
    const std::uint64_t id;

  private:
    void put(std::size_t index, PublishOutcome outcome);
    /// Calls `done` when nothing is missing any more; ends the lock.
    void complete(std::unique_lock<std::mutex> lock);

    std::mutex mutex;
    PublishOutcomes outcomes;
    std::vector<bool> settled;
    std::size_t waiting = 0;
    bool finished = false;
    std::function<void(PublishOutcomes)> done;  // empty once it was called
    Clock::time_point begin{};
    Clock::time_point progress{};
};

class Publisher::Impl : public std::enable_shared_from_this<Impl> {
  public:
    using BatchState = Batch::State;

    Impl(Connection& connection, Options options, logging::Logger log, metrics::Histogram& seconds)
        : connection_{connection},
          options_{options},
          log_{std::move(log)},
          seconds_{seconds},
          inbox_{make_inbox()} {}

    void start() {
        sweeper_ = std::jthread{[this](const std::stop_token& stop) { sweep(stop); }};
    }
    void close();

    std::shared_ptr<BatchState> add_batch(std::function<void(PublishOutcomes)> done);
    /// Sends a message; an outcome only when there will be no answer to it.
    std::optional<PublishOutcome> send(const BatchState& batch, std::size_t index,
                                       const char* subject, std::span<const HeaderField> headers,
                                       std::string_view payload);
    void completed(std::uint64_t batch, std::optional<Clock::duration> took);
    void callback_failed(const char* why) const {
        log_.error("a publisher's callback threw", {{"err", why}});
    }

  private:
    void subscribe_on(const std::shared_ptr<natsConnection>& native);
    void answered(natsMsg* message);
    void sweep(const std::stop_token& stop);
    std::vector<std::shared_ptr<BatchState>> batches();

    static void on_answer(natsConnection*, natsSubscription*, natsMsg* message, void* closure) {
        const MessageHandle owner{message};
        (*static_cast<std::shared_ptr<Impl>*>(closure))->answered(message);
    }
    /// cnats' last call for a subscription: the closure is not used any more.
    static void on_complete(void* closure) {
        const std::unique_ptr<std::shared_ptr<Impl>> self{
            static_cast<std::shared_ptr<Impl>*>(closure)};
        const std::lock_guard lock{(*self)->mutex_};
        --(*self)->open_subscriptions_;
        (*self)->changed_.notify_all();
    }

    Connection& connection_;
    const Options options_;
    const logging::Logger log_;
    metrics::Histogram& seconds_;
    const std::string inbox_;

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::unordered_map<std::uint64_t, std::shared_ptr<BatchState>> batches_;
    std::uint64_t last_batch_ = 0;
    int open_subscriptions_ = 0;
    bool closed_ = false;
    bool sweeper_idle_ = false;  ///< it waits for a batch

    // The inbox's subscription, and the connection on which it was made.
    std::mutex subscribing_;
    std::shared_ptr<natsConnection> subscribed_on_;
    SubscriptionHandle subscription_;

    std::jthread sweeper_;
};

// --- one batch

std::size_t Publisher::Batch::State::open_slot() {
    const std::lock_guard lock{mutex};
    progress = Clock::now();
    if (outcomes.empty()) begin = progress;
    outcomes.emplace_back();
    settled.push_back(false);
    ++waiting;
    return outcomes.size() - 1;
}

void Publisher::Batch::State::put(std::size_t index, PublishOutcome outcome) {
    settled[index] = true;
    outcomes[index] = std::move(outcome);
    --waiting;
}

void Publisher::Batch::State::settle(std::size_t index, PublishOutcome outcome) {
    std::unique_lock lock{mutex};
    if (index >= settled.size() || settled[index]) return;
    put(index, std::move(outcome));
    progress = Clock::now();
    complete(std::move(lock));
}

void Publisher::Batch::State::finish() {
    std::unique_lock lock{mutex};
    finished = true;
    complete(std::move(lock));
}

std::size_t Publisher::Batch::State::give_up(Clock::time_point heard_after, const char* why) {
    std::unique_lock lock{mutex};
    if (waiting == 0 || progress > heard_after) return 0;
    const auto count = waiting;
    for (std::size_t index = 0; index < settled.size(); ++index) {
        if (!settled[index]) put(index, unreachable(why));
    }
    complete(std::move(lock));
    return count;
}

void Publisher::Batch::State::complete(std::unique_lock<std::mutex> lock) {
    if (!finished || waiting != 0 || !done) return;
    const auto callback = std::exchange(done, nullptr);
    auto result = std::move(outcomes);
    outcomes.clear();
    const auto took =
        result.empty() ? std::nullopt : std::optional<Clock::duration>{Clock::now() - begin};
    lock.unlock();

    publisher->completed(id, took);
    try {
        callback(std::move(result));
    } catch (const std::exception& error) {
        publisher->callback_failed(error.what());
    }
}

// --- all of them

std::shared_ptr<Publisher::Batch::State> Publisher::Impl::add_batch(
    std::function<void(PublishOutcomes)> done) {
    const std::lock_guard lock{mutex_};
    const auto id = ++last_batch_;
    auto batch = std::make_shared<BatchState>(shared_from_this(), id, std::move(done));
    if (!closed_) batches_.emplace(id, batch);
    if (sweeper_idle_) changed_.notify_all();
    return batch;
}

std::optional<PublishOutcome> Publisher::Impl::send(const BatchState& batch, std::size_t index,
                                                    const char* subject,
                                                    std::span<const HeaderField> headers,
                                                    std::string_view payload) {
    {
        const std::lock_guard lock{mutex_};
        if (closed_) return unreachable("the publisher is closed");
    }
    if (!connection_.connected()) return unreachable("not connected");
    const auto native = connection_.native();
    try {
        subscribe_on(native);
        const auto message = make_message(subject, fmt::format("{}.{}-{}", inbox_, batch.id, index),
                                          headers, payload);
        const auto status = natsConnection_PublishMsg(native.get(), message.get());
        if (status == NATS_OK) return std::nullopt;
        const char* text = natsStatus_GetText(status);
        const bool hopeless = status == NATS_MAX_PAYLOAD || status == NATS_INVALID_SUBJECT;
        return hopeless ? refused(0, text) : unreachable(text);
    } catch (const Error& error) {
        return unreachable(error.what());
    }
}

void Publisher::Impl::subscribe_on(const std::shared_ptr<natsConnection>& native) {
    const std::lock_guard lock{subscribing_};
    if (subscribed_on_ == native) return;

    auto closure = std::make_unique<std::shared_ptr<Impl>>(shared_from_this());
    natsSubscription* raw = nullptr;
    check(natsConnection_Subscribe(&raw, native.get(), (inbox_ + ".*").c_str(), &on_answer,
                                   closure.get()),
          "natsConnection_Subscribe");
    auto* const shared = closure.release();  // cnats' thread may be using it; on_complete() frees
    SubscriptionHandle subscription{raw};
    {
        const std::lock_guard counting{mutex_};
        ++open_subscriptions_;
    }
    if (const auto status = natsSubscription_SetOnCompleteCB(raw, &on_complete, shared);
        status != NATS_OK) {
        const std::lock_guard counting{mutex_};
        --open_subscriptions_;
        check(status, "natsSubscription_SetOnCompleteCB");
    }
    // Thousands of answers may wait for a slow callback; none of them may be dropped.
    check(natsSubscription_SetPendingLimits(raw, -1, -1), "natsSubscription_SetPendingLimits");
    subscription_ = std::move(subscription);
    subscribed_on_ = native;
}

void Publisher::Impl::answered(natsMsg* message) {
    const auto place = parse_place(natsMsg_GetSubject(message));
    if (!place) return;
    std::shared_ptr<BatchState> batch;
    {
        const std::lock_guard lock{mutex_};
        const auto found = batches_.find(place->batch);
        if (found == batches_.end()) return;  // it was given up before
        batch = found->second;
    }
    batch->settle(place->index, read_answer(message));
}

void Publisher::Impl::completed(std::uint64_t batch, std::optional<Clock::duration> took) {
    const std::lock_guard lock{mutex_};
    batches_.erase(batch);
    if (took && !closed_) seconds_.Observe(std::chrono::duration<double>{*took}.count());
}

std::vector<std::shared_ptr<Publisher::Batch::State>> Publisher::Impl::batches() {
    const std::lock_guard lock{mutex_};
    std::vector<std::shared_ptr<BatchState>> all;
    all.reserve(batches_.size());
    for (const auto& [id, batch] : batches_) all.push_back(batch);
    return all;
}

void Publisher::Impl::sweep(const std::stop_token& stop) {
    const auto pause = std::clamp(options_.ack_timeout / 10, milliseconds{5}, milliseconds{250});
    while (!stop.stop_requested()) {
        {
            // It is woken once for the first batch, not for each that follows.
            std::unique_lock lock{mutex_};
            sweeper_idle_ = true;
            changed_.wait(lock, stop, [this] { return !batches_.empty(); });
            sweeper_idle_ = false;
            changed_.wait_for(lock, stop, pause, [] { return false; });
        }
        const auto heard_after = Clock::now() - options_.ack_timeout;
        std::size_t count = 0;
        for (const auto& batch : batches()) {
            count += batch->give_up(heard_after, "no acknowledgement in time");
        }
        if (count > 0) log_.warn("published messages were not acknowledged", {{"messages", count}});
    }
}

void Publisher::Impl::close() {
    sweeper_.request_stop();
    if (sweeper_.joinable()) sweeper_.join();
    {
        const std::lock_guard lock{mutex_};
        closed_ = true;
    }
    {
        const std::lock_guard lock{subscribing_};
        subscription_.reset();
        subscribed_on_.reset();
    }
    {
        std::unique_lock lock{mutex_};
        changed_.wait_for(lock, kCallbackPatience, [this] { return open_subscriptions_ == 0; });
    }
    for (const auto& batch : batches()) {
        batch->give_up(Clock::time_point::max(), "the publisher is closed");
    }
    const std::lock_guard lock{mutex_};
    batches_.clear();
}

// --- the public face

Publisher::Publisher(Connection& connection, Options options, logging::Logger log,
                     metrics::Registry& metrics)
    : impl_{std::make_shared<Impl>(
          connection, options, std::move(log),
          metrics.histogram("jetstream_publish_seconds",
                            "From a batch's first message to its last acknowledgement.",
                            metrics::latency_buckets()))} {
    impl_->start();
}

Publisher::~Publisher() {
    impl_->close();
}

Publisher::Batch Publisher::start(std::function<void(PublishOutcomes)> done) {
    return Batch{impl_->add_batch(std::move(done))};
}

Publisher::Batch::~Batch() {
    if (state_ != nullptr) state_->finish();
}

void Publisher::Batch::add(const char* subject, std::span<const HeaderField> headers,
                           std::string_view payload) {
    // The slot comes first: the answer may be here before send() returns.
    const auto index = state_->open_slot();
    if (auto outcome = state_->publisher->send(*state_, index, subject, headers, payload)) {
        state_->settle(index, std::move(*outcome));
    }
}

void Publisher::Batch::finish() {
    state_->finish();
}

PublishOutcome Publisher::publish(const char* subject, std::span<const HeaderField> headers,
                                  std::string_view payload) {
    auto answer = std::make_shared<std::promise<PublishOutcome>>();
    auto outcome = answer->get_future();
    auto batch =
        start([answer](PublishOutcomes all) { answer->set_value(std::move(all.front())); });
    batch.add(subject, headers, payload);
    batch.finish();
    return outcome.get();
}

}  // namespace events::nats
