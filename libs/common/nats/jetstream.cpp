#include "common/nats/jetstream.hpp"

#include "common/nats/api_config.hpp"
#include "common/nats/api_request.hpp"
#include "common/nats/error.hpp"
#include "common/nats/stream_state.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <functional>

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
    /// Throws when what is there can't become what is wanted, or leaves settings out of that.
    std::function<void(const json& existing, json& wanted)> check = [](const json&, json&) {};
};

enum class Ensured : std::uint8_t { was_there, created, changed };

bool is_race(int code) {
    return code == kStreamNameTaken || code == kConsumerNameTaken || code == kConsumerExists;
}

struct Result {
    Ensured what;
    std::vector<std::string> changes;
};

/// Reads what is there, then creates it or changes what differs. Somebody else may do the same at
/// this moment: then what is there is read again.
Result ensure(const Connection& connection, const ApiObject& object, const json& all_wanted) {
    for (int attempt = 1;; ++attempt) {
        auto wanted = all_wanted;
        const auto found = ask(connection, object.info, "");
        const bool missing = error_code(found) == object.not_found;
        std::vector<std::string> changes;
        if (!missing) {
            require_success(found, object.what);
            const auto& existing = part(found, "config", object.what);
            object.check(existing, wanted);
            changes = differences(existing, wanted);
            if (changes.empty()) return {Ensured::was_there, {}};
            wanted = merge_config(existing, wanted).value_or(wanted);
        }
        const auto answer = ask(connection, missing ? object.create : object.update,
                                object.request(object.stream, wanted).dump());
        const int code = error_code(answer);
        if (code == 0) return {missing ? Ensured::created : Ensured::changed, std::move(changes)};
        const bool changed_meanwhile = missing ? is_race(code) : code == object.not_found;
        if (changed_meanwhile && attempt < kAttempts) continue;
        require_success(answer, missing ? fmt::format("create {}", object.what)
                                        : fmt::format("update {}, in which {}", object.what,
                                                      fmt::join(changes, ", ")));
    }
}

/// Whether an answer tells of a JetStream that is not there (now), and nothing of a stream.
bool is_absence(int code) {
    constexpr std::array kAbsent{kClusterNotAvailable, kNotEnabled, kNotEnabledForAccount};
    return code == 0 || std::ranges::find(kAbsent, code) != kAbsent.end();
}

void require_fit(const std::string& what, const json& existing, const json& wanted) {
    const auto found = obstacles(existing, wanted);
    if (found.empty()) return;
    throw UnfitStream{what,
                      fmt::format("{}, which NATS can't change: move what it holds to another "
                                  "stream, then delete it, and it is made anew",
                                  fmt::join(found, ", "))};
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
void require_pull(const std::string& what, const json& config) {
    if (const auto subject = config.value("deliver_subject", ""); !subject.empty()) {
        throw Error{what, "somebody made it a push consumer, which delivers to " + subject +
                              "; delete it, or give it another name"};
    }
    if (config.value("headers_only", false)) {
        throw Error{what, "somebody made it deliver headers only (headers_only); delete it"};
    }
}

}  // namespace

bool JetStream::ensure_stream(const StreamConfig& config, Bounds bounds) {
    const ApiObject object{
        .what = "stream " + config.name,
        .info = "$JS.API.STREAM.INFO." + config.name,
        .create = "$JS.API.STREAM.CREATE." + config.name,
        .update = "$JS.API.STREAM.UPDATE." + config.name,
        .not_found = kStreamNotFound,
        .request = [](const std::string&, const json& stream) { return stream; },
        .stream = config.name,
        .check =
            [&](const json& existing, json& wanted) {
                require_fit("stream " + config.name, existing, wanted);
                if (bounds == Bounds::apply) return;
                wanted.erase("max_bytes");
                wanted.erase("num_replicas");
            },
    };
    try {
        const auto [result, changes] = ensure(connection_, object, api_config(config));
        ensured(object.what, result == Ensured::created);
        if (result == Ensured::changed) changed(object.what, changes);
        return result == Ensured::created;
    } catch (const UnfitStream&) {
        throw;
    } catch (const Error& error) {
        if (is_absence(error.jetstream_code())) throw;
        const auto holders =
            error.jetstream_code() == kSubjectsOverlap ? holders_of(config) : std::string{};
        throw UnfitStream{
            error.what(),
            holders.empty() ? "somebody has to mend that"
                            : fmt::format("{} has subjects of {}: take them from it, or delete it",
                                          holders, fmt::join(config.subjects, ", ")),
            error.jetstream_code()};
    }
}

std::string JetStream::holders_of(const StreamConfig& config) {
    std::vector<std::string> names;
    for (const auto& subject : config.subjects) {
        try {
            const auto answer =
                ask(connection_, "$JS.API.STREAM.NAMES", json{{"subject", subject}}.dump());
            const auto streams = answer.find("streams");
            if (streams == answer.end() || !streams->is_array()) continue;
            for (const auto& stream : *streams) {
                auto name = stream.is_string() ? "stream " + stream.get<std::string>() : "";
                const bool is_new = std::ranges::find(names, name) == names.end();
                if (!name.empty() && is_new && name != "stream " + config.name) {
                    names.push_back(std::move(name));
                }
            }
        } catch (const Error&) {  // it may not be ours to ask; the refusal is told anyway
            break;
        }
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

void JetStream::changed(const std::string& what, const std::vector<std::string>& settings) {
    if (!log_) return;
    log_->warn("settings are changed in JetStream",
               {{"what", what}, {"settings", fmt::format("{}", fmt::join(settings, ", "))}});
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
        .check = [&](const json& existing, json&) { require_pull("consumer " + path, existing); },
    };
    const auto [result, changes] = ensure(connection_, object, api_config(config));
    ensured(object.what, result == Ensured::created);
    if (result == Ensured::changed) changed(object.what, changes);
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
        .created = answer->value("created", std::string{}),
    };
}

std::optional<ConsumerInfo> JetStream::consumer_info(const std::string& stream,
                                                     const std::string& durable) {
    const auto subject = "$JS.API.CONSUMER.INFO." + stream + "." + durable;
    const auto answer = find(connection_, subject);
    if (!answer) return std::nullopt;
    const auto& delivered = part(*answer, "delivered", subject);
    return ConsumerInfo{
        .pending = answer->value("num_pending", std::uint64_t{0}),
        .unacknowledged = answer->value("num_ack_pending", std::uint64_t{0}),
        .acknowledged_to =
            part(*answer, "ack_floor", subject).value("stream_seq", std::uint64_t{0}),
        .delivered_to = delivered.value("stream_seq", std::uint64_t{0}),
        .deliveries = delivered.value("consumer_seq", std::uint64_t{0}),
        .created = answer->value("created", std::string{}),
    };
}

bool JetStream::delete_message(const std::string& stream, std::uint64_t sequence) {
    const auto subject = "$JS.API.STREAM.MSG.DELETE." + stream;
    // The server overwrites its bytes on the disk: there may be a person's data in them.
    const auto answer = ask(connection_, subject, json{{"seq", sequence}}.dump());
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
