#include "common/nats/publisher.hpp"

#include "common/nats/handles.hpp"
#include "common/nats/outbox.hpp"
#include "common/nats/pub_ack.hpp"
#include "common/nats/publish_batch.hpp"
#include "common/nats/streams.hpp"
#include "common/nats/topology.hpp"

#include <fmt/compile.h>

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

/// How long cnats collects messages before its flusher sends them.
constexpr milliseconds kFlushInterval{1};
/// Up to so many batches at one time a sender notices when its message waits.
constexpr std::size_t kFewBatches = 8;
/// How long a burst waits for the broker's answer to its flush before the next one is written: what
/// comes meanwhile shares a system call, and a distant broker holds nobody up.
constexpr milliseconds kFlushPatience{1};
/// How many acknowledgements that were read are kept until they are freed together.
constexpr std::size_t kAnswersKept = 64;
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
    if (natsMsg_IsNoResponders(message))
        return refused(kNoResponders, "no stream has this subject");
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

class Publisher::Impl : public std::enable_shared_from_this<Impl> {
  public:
    Impl(Connection& connection, Options options, logging::Logger log, metrics::Histogram& seconds)
        : connection_{connection},
          options_{options},
          log_{std::move(log)},
          seconds_{seconds},
          inbox_{make_inbox()},
          outbox_{options.room,
                  {.write = [this](const Outgoing& message) { write(message); },
                   .flush = [this] { flush(); }}} {}

    void start() {
        sweeper_ = std::jthread{[this](const std::stop_token& stop) { sweep(stop); }};
    }
    void close();

    Batch add_batch(std::function<void(PublishOutcomes)> done);
    void add(std::uint64_t id, const std::shared_ptr<PublishBatch>& batch, const char* subject,
             std::span<const HeaderField> headers, std::string_view payload);
    [[nodiscard]] Outbox& outbox() noexcept { return outbox_; }
    [[nodiscard]] std::size_t max_payload() const noexcept { return connection_.max_payload(); }

  private:
    void write(const Outgoing& message);
    /// Sends a message; an outcome only when there will be no answer to it.
    std::optional<PublishOutcome> send(natsMsg* message, std::uint64_t generation);
    [[nodiscard]] std::string refusal(natsMsg* message, std::uint64_t generation);
    void flush();
    bool is_busy();
    void subscribe_on(const std::shared_ptr<natsConnection>& native);
    void answered(MessageHandle message);
    void settle(natsMsg* message);
    void completed(std::uint64_t id, std::optional<Clock::duration> took);
    void sweep(const std::stop_token& stop);
    std::vector<std::shared_ptr<PublishBatch>> batches();

    static void on_answer(natsConnection*, natsSubscription*, natsMsg* message, void* closure) {
        (*static_cast<std::shared_ptr<Impl>*>(closure))->answered(MessageHandle{message});
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
    std::unordered_map<std::uint64_t, std::shared_ptr<PublishBatch>> batches_;
    std::uint64_t last_batch_ = 0;
    int open_subscriptions_ = 0;
    bool closed_ = false;
    bool sweeper_idle_ = false;  ///< it waits for a batch

    // The inbox's subscription, and the connection on which it was made. The outbox's thread only.
    std::shared_ptr<natsConnection> subscribed_on_;
    SubscriptionHandle subscription_;
    Clock::time_point flushed_{};  ///< the outbox's thread only, too

    std::vector<MessageHandle> answers_;  ///< that were read; the subscription's thread only

    std::jthread sweeper_;
    Outbox outbox_;
};

Publisher::Batch Publisher::Impl::add_batch(std::function<void(PublishOutcomes)> done) {
    const std::lock_guard lock{mutex_};
    const auto id = ++last_batch_;
    auto batch = std::make_shared<PublishBatch>(
        [self = shared_from_this(), id, done = std::move(done)](
            PublishOutcomes outcomes, std::optional<Clock::duration> took) {
            self->completed(id, took);
            try {
                done(std::move(outcomes));
            } catch (const std::exception& error) {
                self->log_.error("a publisher's callback threw", {{"err", error.what()}});
            }
        });
    if (!closed_) batches_.emplace(id, batch);
    if (sweeper_idle_) changed_.notify_all();
    return {shared_from_this(), id, std::move(batch)};
}

void Publisher::Impl::add(std::uint64_t id, const std::shared_ptr<PublishBatch>& batch,
                          const char* subject, std::span<const HeaderField> headers,
                          std::string_view payload) {
    // The slot comes first: the answer may be here before this returns.
    const auto index = batch->open_slot(stream_of_subject(subject));
    try {
        auto message = make_message(
            subject, fmt::format(FMT_COMPILE("{}.{}-{}"), inbox_, id, index), headers, payload);
        const bool taken = outbox_.put({.message = std::move(message),
                                        .bytes = payload.size(),
                                        .batch = batch,
                                        .index = index});
        if (!taken) batch->settle(index, unreachable("the publisher is closed"));
    } catch (const Error& error) {
        batch->settle(index, unreachable(error.what()));
    }
}

void Publisher::Impl::write(const Outgoing& out) {
    const auto generation = connection_.generation();
    if (!out.batch->begin_write(out.index, generation)) return;
    if (auto outcome = send(out.message.get(), generation)) {
        out.batch->settle(out.index, std::move(*outcome));
    }
}

std::string Publisher::Impl::refusal(natsMsg* message, std::uint64_t generation) {
    const char* stream = stream_of_subject(natsMsg_GetSubject(message));
    if (options_.streams == nullptr || stream == nullptr) return {};
    return options_.streams->refusal(stream, generation);
}

std::optional<PublishOutcome> Publisher::Impl::send(natsMsg* message, std::uint64_t generation) {
    if (!connection_.connected()) return unreachable("not connected");
    if (auto why = refusal(message, generation); !why.empty()) {
        return refused(kUnfitStream, std::move(why));
    }
    const auto native = connection_.native();
    try {
        subscribe_on(native);
    } catch (const Error& error) {
        return unreachable(error.what());
    }
    const auto status = natsConnection_PublishMsg(native.get(), message);
    if (status == NATS_OK) return std::nullopt;
    const char* text = natsStatus_GetText(status);
    if (status == NATS_MAX_PAYLOAD) return refused(kMaxPayload, text);
    return status == NATS_INVALID_SUBJECT ? refused(0, text) : unreachable(text);
}

/// Under load it leaves what came within a millisecond to cnats' own flusher, which each burst
/// wakes: as good, and cheaper. How it went is of no interest: what was written and did not arrive
/// will not be acknowledged.
void Publisher::Impl::flush() {
    if (subscribed_on_ == nullptr || !connection_.connected()) return;
    const auto now = Clock::now();
    if (now - flushed_ < kFlushInterval && is_busy()) return;
    flushed_ = now;
    natsConnection_FlushTimeout(subscribed_on_.get(), kFlushPatience.count());
}

bool Publisher::Impl::is_busy() {
    const std::lock_guard lock{mutex_};
    return batches_.size() > kFewBatches;
}

void Publisher::Impl::subscribe_on(const std::shared_ptr<natsConnection>& native) {
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

void Publisher::Impl::answered(MessageHandle message) {
    settle(message.get());
    // All at once: cnats frees messages on a thread that each of them may wake.
    answers_.push_back(std::move(message));
    if (answers_.size() == kAnswersKept) answers_.clear();
}

void Publisher::Impl::settle(natsMsg* message) {
    const auto place = parse_place(natsMsg_GetSubject(message));
    if (!place) return;
    std::shared_ptr<PublishBatch> batch;
    {
        const std::lock_guard lock{mutex_};
        const auto found = batches_.find(place->batch);
        if (found == batches_.end()) return;  // it was given up before
        batch = found->second;
    }
    auto outcome = read_answer(message);
    const bool is_new = outcome.status == PublishStatus::stored;
    if (is_new && options_.streams != nullptr &&
        !options_.streams->counts(outcome.stream, outcome.sequence)) {
        outcome = refused(kForeignStream, outcome.stream + " is not the stream that it was");
    }
    batch->settle(place->index, std::move(outcome));
}

void Publisher::Impl::completed(std::uint64_t id, std::optional<Clock::duration> took) {
    const std::lock_guard lock{mutex_};
    batches_.erase(id);
    if (took && !closed_) seconds_.Observe(std::chrono::duration<double>{*took}.count());
}

std::vector<std::shared_ptr<PublishBatch>> Publisher::Impl::batches() {
    const std::lock_guard lock{mutex_};
    std::vector<std::shared_ptr<PublishBatch>> all;
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
        // While there is no connection, the one that was is lost, too.
        const auto lost_before = connection_.generation() + (connection_.connected() ? 0 : 1);
        std::size_t count = 0;
        for (const auto& batch : batches()) {
            count += batch->give_up_lost(lost_before, "the connection was lost");
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
    outbox_.close();
    subscription_.reset();
    subscribed_on_.reset();
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

std::size_t header_bytes(std::span<const HeaderField> headers) noexcept {
    constexpr std::string_view kAround = "NATS/1.0\r\n\r\n";
    constexpr std::string_view kAroundField = ": \r\n";
    std::size_t bytes = kAround.size();
    for (const auto& [name, value] : headers) {
        if (!value.empty())
            bytes += std::string_view{name}.size() + value.size() + kAroundField.size();
    }
    return bytes;
}

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
    return impl_->add_batch(std::move(done));
}

std::size_t Publisher::max_payload() const noexcept {
    return impl_->max_payload();
}

bool Publisher::has_room() const {
    return impl_->outbox().has_room();
}

void Publisher::wait_for_room() {
    impl_->outbox().wait_for_room();
}

Publisher::Batch::Batch(std::shared_ptr<Impl> publisher, std::uint64_t id,
                        std::shared_ptr<PublishBatch> state)
    : publisher_{std::move(publisher)}, id_{id}, state_{std::move(state)} {}

Publisher::Batch::~Batch() {
    if (state_ != nullptr) state_->finish();
}

void Publisher::Batch::add(const char* subject, std::span<const HeaderField> headers,
                           std::string_view payload) {
    publisher_->add(id_, state_, subject, headers, payload);
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
