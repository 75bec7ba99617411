#include "common/nats/stream_reader.hpp"

#include "common/nats/api_request.hpp"
#include "common/nats/pull_consumer.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <thread>
#include <utility>

namespace events::nats {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

/// Messages of one request. At 256 KiB each, the largest, that is 64 MiB in memory.
constexpr std::size_t kBatch = 256;
/// After how long the broker ends a request that it can't fill, and how much later that may come.
constexpr std::chrono::nanoseconds kExpiry = 1s;
constexpr std::chrono::milliseconds kSilence = 5s;
/// After how long unused the broker drops the consumer.
constexpr std::chrono::nanoseconds kInactive = 30s;
constexpr std::chrono::milliseconds kReconnectPatience = 5s;
constexpr int kMaxFailures = 3;
constexpr std::chrono::milliseconds kPause = 250ms;  ///< more after each failure
constexpr std::chrono::milliseconds kDrainPatience = 2s;

/// Once it is drained the server sends no more: see ~Inbox().
void end(std::unique_ptr<Inbox> inbox) {
    if (!inbox->drain(kDrainPatience)) return;  // no connection, so nothing comes
    const auto deadline = std::chrono::steady_clock::now() + kDrainPatience;
    while (inbox->next_of_rest(deadline) != nullptr) {
    }
}

}  // namespace

std::string_view StoredMessage::subject() const noexcept {
    return natsMsg_GetSubject(message_.get());
}

std::string_view StoredMessage::payload() const noexcept {
    return {natsMsg_GetData(message_.get()),
            static_cast<std::size_t>(natsMsg_GetDataLength(message_.get()))};
}

std::uint64_t StoredMessage::size() const {
    std::uint64_t bytes = payload().size();
    if (const auto text = header("Nats-Msg-Size")) {  // the broker adds it to headers alone
        std::from_chars(text->data(), text->data() + text->size(), bytes);
    }
    return bytes;
}

std::optional<std::string_view> StoredMessage::header(const char* name) const {
    const char* value = nullptr;
    if (natsMsgHeader_Get(message_.get(), name, &value) != NATS_OK) return std::nullopt;
    return value;
}

StreamReader::StreamReader(Connection& connection, std::string stream, ReadRange range)
    : connection_{connection},
      stream_{std::move(stream)},
      range_{std::move(range)},
      next_{range_.first} {
    found_ = create_consumer();
    done_ = found_ == 0;
}

StreamReader::~StreamReader() {
    drop_consumer();
}

std::optional<StoredMessage> StreamReader::next() {
    while (!done_) {
        try {
            if (auto message = look()) return message;
        } catch (const Error& error) {
            if (error.jetstream_code() != 0) throw;  // an answer, and so not for want of a broker
            try_again(error.what());
        }
    }
    drop_consumer();
    return std::nullopt;
}

std::optional<StoredMessage> StreamReader::look() {
    if (!consumer_.empty() && generation_ != connection_.generation()) drop_consumer();
    if (inbox_ == nullptr || consumer_.empty()) done_ = create_consumer() == 0;
    if (done_) return std::nullopt;
    if (outstanding_ == 0) request();
    auto message = receive();
    const char* reply = natsMsg_GetReply(message.get());
    if (reply == nullptr) {  // a status: the broker ended the request
        outstanding_ = 0;
        done_ = !has_more();
        return std::nullopt;
    }
    const auto metadata = parse_delivery_metadata(reply);
    if (!metadata) throw Error{"read " + stream_, "a message without its sequence"};
    failures_ = 0;
    --outstanding_;
    const auto sequence = metadata->stream_sequence;
    next_ = sequence + 1;
    done_ = sequence >= range_.last || metadata->pending == 0;
    if (sequence > range_.last) return std::nullopt;
    return StoredMessage{std::move(message), sequence, metadata->stored_at};
}

/// Gives the number of messages that it will see.
std::uint64_t StreamReader::create_consumer() {
    if (!connection_.wait_connected(kReconnectPatience)) {
        throw Error{"read " + stream_, "not connected"};
    }
    generation_ = connection_.generation();
    inbox_ = std::make_unique<Inbox>(connection_.native());

    json config{{"ack_policy", "none"},
                {"deliver_policy", "by_start_sequence"},
                {"opt_start_seq", next_},
                {"mem_storage", true},
                {"inactive_threshold", kInactive.count()}};
    if (!range_.subject.empty()) config["filter_subject"] = range_.subject;
    if (range_.headers_only) config["headers_only"] = true;
    const auto call = "$JS.API.CONSUMER.CREATE." + stream_;
    const auto answer =
        ask(connection_, call, json{{"stream_name", stream_}, {"config", config}}.dump());
    require_success(answer, call);
    consumer_ = answer.value("name", "");
    if (consumer_.empty()) throw Error{call, "the answer has no name"};
    return answer.value("num_pending", std::uint64_t{0});
}

/// Without waiting for an answer: the broker drops it by itself, too.
void StreamReader::drop_consumer() noexcept {
    outstanding_ = 0;
    if (inbox_ == nullptr) return;
    auto* const native = inbox_->connection();
    const auto alive = connection_.native();  // for as long as it is used here
    end(std::move(inbox_));
    if (!consumer_.empty() && native == alive.get() && connection_.connected()) {
        const auto subject = api_subject(
            connection_, fmt::format("$JS.API.CONSUMER.DELETE.{}.{}", stream_, consumer_));
        natsConnection_Publish(native, subject.c_str(), nullptr, 0);
    }
    consumer_.clear();
}

void StreamReader::request() {
    const auto subject = api_subject(
        connection_, fmt::format("$JS.API.CONSUMER.MSG.NEXT.{}.{}", stream_, consumer_));
    const auto body = fmt::format(R"({{"batch":{},"expires":{}}})", kBatch, kExpiry.count());
    if (natsConnection_PublishRequest(inbox_->connection(), subject.c_str(),
                                      inbox_->subject().c_str(), body.data(),
                                      static_cast<int>(body.size())) == NATS_OK) {
        outstanding_ = kBatch;
    }  // else receive() hears nothing, and begins anew
}

/// A message or a status.
MessageHandle StreamReader::receive() {
    auto message = inbox_->next(kSilence);
    if (message == nullptr) throw Error{"read " + stream_, "no answer"};
    return message;
}

/// Whether messages are left; asked where a request ended before it was filled, since messages
/// may have been deleted that were counted before.
bool StreamReader::has_more() {
    const auto answer =
        ask(connection_, fmt::format("$JS.API.CONSUMER.INFO.{}.{}", stream_, consumer_), "");
    if (error_code(answer) == kConsumerNotFound) {
        drop_consumer();
        return true;
    }
    require_success(answer, "read " + stream_);
    return answer.value("num_pending", std::uint64_t{0}) > 0;
}

/// Begins anew behind the last message, a few times: after a reconnect, or a restart of the broker.
void StreamReader::try_again(const std::string& why) {
    drop_consumer();
    if (++failures_ == kMaxFailures) throw Error{"read " + stream_, why};
    std::this_thread::sleep_for(kPause * failures_);
}

}  // namespace events::nats
