#include "dead_letters.hpp"

#include "common/nats/handles.hpp"

#include <nats/nats.h>

#include <memory>
#include <stdexcept>

namespace events::test {
namespace {

using ConnectionHandle =
    std::unique_ptr<natsConnection, nats::DestroyWith<&natsConnection_Destroy>>;
using JetStreamHandle = std::unique_ptr<jsCtx, nats::DestroyWith<&jsCtx_Destroy>>;
using StreamInfoHandle = std::unique_ptr<jsStreamInfo, nats::DestroyWith<&jsStreamInfo_Destroy>>;

void check(natsStatus status, const char* call) {
    if (status != NATS_OK) {
        throw std::runtime_error{std::string{call} + ": " + natsStatus_GetText(status)};
    }
}

std::map<std::string, std::string> headers_of(natsMsg* message) {
    const char** keys = nullptr;
    int count = 0;
    std::map<std::string, std::string> headers;
    if (natsMsgHeader_Keys(message, &keys, &count) != NATS_OK) return headers;
    for (int i = 0; i < count; ++i) {
        const char* value = nullptr;
        check(natsMsgHeader_Get(message, keys[i], &value), "natsMsgHeader_Get");
        headers[keys[i]] = value;
    }
    free(static_cast<void*>(keys));  // NOLINT(cppcoreguidelines-no-malloc): cnats allocated it
    return headers;
}

ConnectionHandle connect(const std::string& url) {
    natsConnection* raw = nullptr;
    check(natsConnection_ConnectTo(&raw, url.c_str()), "natsConnection_ConnectTo");
    return ConnectionHandle{raw};
}

JetStreamHandle jetstream(natsConnection* connection) {
    jsCtx* raw = nullptr;
    check(natsConnection_JetStream(&raw, connection, nullptr), "natsConnection_JetStream");
    return JetStreamHandle{raw};
}

}  // namespace

void delete_stream(const std::string& nats_url, const std::string& stream) {
    const auto connection = connect(nats_url);
    const auto js = jetstream(connection.get());
    check(js_DeleteStream(js.get(), stream.c_str(), nullptr, nullptr), "js_DeleteStream");
}

std::vector<StoredMessage> read_stream(const std::string& nats_url, const std::string& stream) {
    const auto connection = connect(nats_url);
    const auto js = jetstream(connection.get());
    jsStreamInfo* raw_info = nullptr;
    check(js_GetStreamInfo(&raw_info, js.get(), stream.c_str(), nullptr, nullptr),
          "js_GetStreamInfo");
    const StreamInfoHandle info{raw_info};

    std::vector<StoredMessage> messages;
    for (auto sequence = info->State.FirstSeq; sequence <= info->State.LastSeq; ++sequence) {
        natsMsg* raw = nullptr;
        if (js_GetMsg(&raw, js.get(), stream.c_str(), sequence, nullptr, nullptr) != NATS_OK) {
            continue;  // already acknowledged and gone
        }
        const nats::MessageHandle message{raw};
        messages.push_back({natsMsg_GetSubject(raw),
                            std::string{natsMsg_GetData(raw),
                                        static_cast<std::size_t>(natsMsg_GetDataLength(raw))},
                            headers_of(raw)});
    }
    return messages;
}

}  // namespace events::test
