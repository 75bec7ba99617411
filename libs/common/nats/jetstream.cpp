#include "common/nats/jetstream.hpp"

#include "common/nats/api_config.hpp"
#include "common/nats/api_request.hpp"
#include "common/nats/error.hpp"
#include "common/nats/stream_state.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace events::nats {
namespace {

using nlohmann::json;

constexpr int kAttempts = 5;

/// A part of an answer that is always there.
const json& part(const json& answer, const char* name, const std::string& call) {
    const auto found = answer.find(name);
    if (found == answer.end() || !found->is_object()) {
        throw Error{call, std::string{"the answer has no "} + name};
    }
    return *found;
}

/// What ensure() needs to know of a kind of object, so that streams and consumers share it.
struct ApiObject {
    std::string what;  ///< for messages, e.g. "stream EVENTS_FACEBOOK"
    std::string info, create, update;
    int not_found;
    json (*request)(const std::string& stream, const json& config);
    std::string stream;
};

bool is_race(int code) {
    return code == kStreamNameTaken || code == kConsumerNameTaken || code == kConsumerExists;
}

/// Reads what is there, then creates it or changes what differs. Somebody else may do the same at
/// this moment: then what is there is read again.
/// Whether it had to be created.
bool ensure(const Connection& connection, const ApiObject& object, const json& wanted) {
    for (int attempt = 1;; ++attempt) {
        const auto found = ask(connection, object.info, "");
        const bool missing = error_code(found) == object.not_found;
        if (!missing) require_success(found, object.what);

        const auto config = missing ? std::optional{wanted}
                                    : merge_config(part(found, "config", object.what), wanted);
        if (!config) return false;
        const auto answer = ask(connection, missing ? object.create : object.update,
                                object.request(object.stream, *config).dump());
        const int code = error_code(answer);
        if (code == 0) return missing;
        const bool changed_meanwhile = missing ? is_race(code) : code == object.not_found;
        if (changed_meanwhile && attempt < kAttempts) continue;
        require_success(answer, fmt::format("{} {}", missing ? "create" : "update", object.what));
    }
}

/// The answer, or nothing where the stream or the consumer does not exist.
std::optional<json> find(const Connection& connection, const std::string& subject) {
    auto answer = ask(connection, subject, "");
    const int code = error_code(answer);
    if (code == kStreamNotFound || code == kConsumerNotFound) return std::nullopt;
    require_success(answer, subject);
    return answer;
}

/// Refuses a consumer of our name that an update does not make ours: one that pushes can't be
/// pulled from, and one of headers alone would leave events without a trace.
void require_pull(const json& consumer, const std::string& what) {
    const auto& config = part(consumer, "config", what);
    if (const auto subject = config.value("deliver_subject", ""); !subject.empty()) {
        throw Error{what, "somebody made it a push consumer, which delivers to " + subject +
                              "; delete it, or give it another name"};
    }
    if (config.value("headers_only", false)) {
        throw Error{what, "somebody made it deliver headers only (headers_only); delete it"};
    }
}

}  // namespace

void JetStream::ensure_stream(const StreamConfig& config) {
    const ApiObject object{
        .what = "stream " + config.name,
        .info = "$JS.API.STREAM.INFO." + config.name,
        .create = "$JS.API.STREAM.CREATE." + config.name,
        .update = "$JS.API.STREAM.UPDATE." + config.name,
        .not_found = kStreamNotFound,
        .request = [](const std::string&, const json& stream) { return stream; },
        .stream = config.name,
    };
    ensured(object.what, ensure(connection_, object, api_config(config)));
}

void JetStream::ensured(const std::string& what, bool created) {
    const std::lock_guard lock{mutex_};
    const bool again = !known_.insert(what).second;
    if (!created || !log_) return;
    if (again) {
        log_->error("somebody deleted it: it is made again, without what it held",
                    {{"what", what}});
    } else {
        log_->info("made in JetStream", {{"what", what}});
    }
}

void JetStream::ensure_consumer(const ConsumerConfig& config) {
    const auto path = config.stream + "." + config.durable;
    // One subject creates and updates, on every server since 2.2.
    const auto create = "$JS.API.CONSUMER.DURABLE.CREATE." + path;
    const ApiObject object{
        .what = "consumer " + path,
        .info = "$JS.API.CONSUMER.INFO." + path,
        .create = create,
        .update = create,
        .not_found = kConsumerNotFound,
        .request =
            [](const std::string& stream, const json& consumer) {
                return json{{"stream_name", stream}, {"config", consumer}};
            },
        .stream = config.stream,
    };
    if (const auto found = find(connection_, object.info)) require_pull(*found, object.what);
    ensured(object.what, ensure(connection_, object, api_config(config)));
}

void JetStream::renew_consumer(const ConsumerConfig& config) {
    const auto subject = "$JS.API.CONSUMER.DELETE." + config.stream + "." + config.durable;
    const auto answer = ask(connection_, subject, "");
    if (error_code(answer) != kConsumerNotFound) require_success(answer, subject);
    ensure_consumer(config);
}

std::optional<StreamInfo> JetStream::stream_info(const std::string& stream) {
    const auto subject = "$JS.API.STREAM.INFO." + stream;
    const auto answer = find(connection_, subject);
    if (!answer) return std::nullopt;
    const auto& state = part(*answer, "state", subject);
    return StreamInfo{
        .messages = state.value("messages", std::uint64_t{0}),
        .bytes = state.value("bytes", std::uint64_t{0}),
        .max_bytes = part(*answer, "config", subject).value("max_bytes", std::int64_t{-1}),
        .first_sequence = state.value("first_seq", std::uint64_t{0}),
        .last_sequence = state.value("last_seq", std::uint64_t{0}),
        .oldest = oldest_message_time(state),
    };
}

std::optional<ConsumerInfo> JetStream::consumer_info(const std::string& stream,
                                                     const std::string& durable) {
    const auto subject = "$JS.API.CONSUMER.INFO." + stream + "." + durable;
    const auto answer = find(connection_, subject);
    if (!answer) return std::nullopt;
    return ConsumerInfo{
        .pending = answer->value("num_pending", std::uint64_t{0}),
        .unacknowledged = answer->value("num_ack_pending", std::uint64_t{0}),
        .acknowledged_to =
            part(*answer, "ack_floor", subject).value("stream_seq", std::uint64_t{0}),
    };
}

bool JetStream::delete_message(const std::string& stream, std::uint64_t sequence) {
    const auto subject = "$JS.API.STREAM.MSG.DELETE." + stream;
    // Without overwriting its bytes on the disk first, which is the server's default and slow.
    const auto answer =
        ask(connection_, subject, json{{"seq", sequence}, {"no_erase", true}}.dump());
    const int code = error_code(answer);
    if (code == 0) return true;
    if (code == kSequenceNotFound) return false;
    // Of one that was dropped or purged the server only says, in words, that the deletion failed.
    const auto found =
        ask(connection_, "$JS.API.STREAM.MSG.GET." + stream, json{{"seq", sequence}}.dump());
    if (error_code(found) == kNoMessageFound) return false;
    require_success(answer, subject);
    return true;
}

std::uint64_t JetStream::purge_stream(const std::string& stream, std::uint64_t last) {
    const auto subject = "$JS.API.STREAM.PURGE." + stream;
    const auto answer = ask(connection_, subject, json{{"seq", last + 1}}.dump());
    require_success(answer, subject);
    return answer.value("purged", std::uint64_t{0});
}

}  // namespace events::nats
