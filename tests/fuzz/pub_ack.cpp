// JetStream's answer to a publish: an event counts as stored only by an acknowledgement.

#include "common/nats/pub_ack.hpp"

#include "oracle.hpp"
#include "target.hpp"

#include <nlohmann/json.hpp>

namespace events::fuzz {
namespace {

bool acknowledges(const nlohmann::json& answer) {
    return answer.is_object() && !answer.contains("error") && answer.contains("seq") &&
           answer["seq"].is_number_unsigned();
}

void check(std::string_view text) {
    const std::string exact{text};  // no byte behind it but a NUL
    const auto outcome = nats::parse_pub_ack(exact);
    require(outcome.durable() == outcome.error.empty() ||
                outcome.status == nats::PublishStatus::refused,
            "what is not durable says why");
    if (!outcome.durable()) return;
    const auto answer = read_json(text);
    require(answer.has_value(), "an acknowledgement is JSON");
    require(acknowledges(*answer), "an acknowledgement has a sequence and no error");
    const bool duplicate = answer->contains("duplicate") && (*answer)["duplicate"] == true;
    require((outcome.status == nats::PublishStatus::duplicate) == duplicate,
            "a duplicate is what the server calls so");
}

}  // namespace
}  // namespace events::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    events::fuzz::check(events::fuzz::text_of(data, size));
    return 0;
}
