#include "common/nats/api_request.hpp"

#include "common/nats/error.hpp"
#include "common/nats/handles.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <string_view>

namespace events::nats {
namespace {

using nlohmann::json;

constexpr std::int64_t kAnswerPatienceMs = 5'000;

std::string no_jetstream(const Connection& connection) {
    const auto& domain = connection.jetstream_domain();
    if (domain.empty()) return "the server does not offer JetStream, or is not ready yet";
    return "no server offers JetStream in the domain " + domain + ", or it is not ready yet";
}

}  // namespace

std::string api_subject(const Connection& connection, std::string_view subject) {
    constexpr std::string_view kApi = "$JS.API.";
    const auto& domain = connection.jetstream_domain();
    if (domain.empty() || !subject.starts_with(kApi)) return std::string{subject};
    return fmt::format("$JS.{}.API.{}", domain, subject.substr(kApi.size()));
}

json ask(const Connection& connection, const std::string& api, const std::string& body) {
    const auto subject = api_subject(connection, api);
    const auto native = connection.native();
    if (native == nullptr || !connection.connected()) throw Error{subject, "not connected"};
    natsMsg* raw = nullptr;
    const auto status = natsConnection_Request(&raw, native.get(), subject.c_str(), body.data(),
                                               static_cast<int>(body.size()), kAnswerPatienceMs);
    const MessageHandle reply{raw};
    if (status == NATS_NO_RESPONDERS) {
        throw Error{subject, no_jetstream(connection)};
    }
    if (status == NATS_TIMEOUT) {  // also for what this user may not ask: the server tells the log
        throw Error{subject, "no answer: the server is busy, or we have no right to ask"};
    }
    check(status, subject.c_str());
    const std::string_view text{natsMsg_GetData(raw),
                                static_cast<std::size_t>(natsMsg_GetDataLength(raw))};
    auto answer = json::parse(text, nullptr, false);
    if (!answer.is_object()) throw Error{subject, "the answer is not a JSON object"};
    return answer;
}

int error_code(const json& answer) {
    const auto error = answer.find("error");
    return error == answer.end() ? 0 : error->value("err_code", -1);
}

void require_success(const json& answer, const std::string& call) {
    if (const int code = error_code(answer); code != 0) {
        throw Error{call, answer["error"].value("description", "refused"), code};
    }
}

}  // namespace events::nats
