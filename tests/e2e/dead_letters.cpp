#include "dead_letters.hpp"

#include "support/await.hpp"
#include "support/jetstream_api.hpp"
#include "support/nats_connect.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <stdexcept>

namespace events::test {
namespace {

using JetStreamHandle = std::unique_ptr<jsCtx, nats::DestroyWith<&jsCtx_Destroy>>;
using StreamInfoHandle = std::unique_ptr<jsStreamInfo, nats::DestroyWith<&jsStreamInfo_Destroy>>;

std::map<std::string, std::string> headers_of(natsMsg* message) {
    const char** keys = nullptr;
    int count = 0;
    std::map<std::string, std::string> headers;
    if (natsMsgHeader_Keys(message, &keys, &count) != NATS_OK) return headers;
    for (int i = 0; i < count; ++i) {
        const char* value = nullptr;
        nats::check(natsMsgHeader_Get(message, keys[i], &value), "natsMsgHeader_Get");
        headers[keys[i]] = value;
    }
    free(static_cast<void*>(keys));  // NOLINT(cppcoreguidelines-no-malloc): cnats allocated it
    return headers;
}

JetStreamHandle jetstream(natsConnection* connection) {
    jsCtx* raw = nullptr;
    nats::check(natsConnection_JetStream(&raw, connection, nullptr), "natsConnection_JetStream");
    return JetStreamHandle{raw};
}

/// Asks until there is an answer: each time for cnats' five seconds, since a request is lost when
/// nobody leads or listens at that moment.
template <typename Request>
natsStatus answer_to(const Request& request) {
    auto status = NATS_TIMEOUT;
    (void)await([&] {
        status = request();
        return status != NATS_TIMEOUT && status != NATS_NO_RESPONDERS;
    });
    return status;
}

}  // namespace

void delete_stream(const std::string& nats_url, const std::string& stream) {
    const auto answer = jetstream_api(nats_url, "$JS.API.STREAM.DELETE." + stream);
    if (answer.contains("error")) throw std::runtime_error{answer.dump()};
}

std::vector<StoredMessage> read_stream(const std::string& nats_url, const std::string& stream) {
    const auto connection = connect_to_nats(nats_url);
    const auto js = jetstream(connection.get());
    jsStreamInfo* raw_info = nullptr;
    nats::check(answer_to([&] {
                    return js_GetStreamInfo(&raw_info, js.get(), stream.c_str(), nullptr, nullptr);
                }),
                "js_GetStreamInfo");
    const StreamInfoHandle info{raw_info};

    std::vector<StoredMessage> messages;
    if (info->State.Msgs == 0) return messages;  // a new stream's sequences are 0, which is none
    for (auto sequence = info->State.FirstSeq; sequence <= info->State.LastSeq; ++sequence) {
        natsMsg* raw = nullptr;
        const auto status = answer_to(
            [&] { return js_GetMsg(&raw, js.get(), stream.c_str(), sequence, nullptr, nullptr); });
        if (status == NATS_NOT_FOUND) continue;  // already acknowledged and gone
        nats::check(status, "js_GetMsg");
        const nats::MessageHandle message{raw};
        messages.push_back({natsMsg_GetSubject(raw),
                            std::string{natsMsg_GetData(raw),
                                        static_cast<std::size_t>(natsMsg_GetDataLength(raw))},
                            headers_of(raw)});
    }
    return messages;
}

}  // namespace events::test
