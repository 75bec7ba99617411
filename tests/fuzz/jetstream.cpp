// What JetStream says besides acknowledgements: the reply subject of a delivery in both its forms,
// the configuration of a stream that is there already, and a stream's state.

#include "common/events/time.hpp"
#include "common/nats/api_config.hpp"
#include "common/nats/pull_consumer.hpp"
#include "common/nats/stream_state.hpp"
#include "target.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>

namespace events::fuzz {
namespace {

/// The figures of a subject stand in it one after the other, in either form.
void check_reply(std::string_view text) {
    const std::string exact{text};
    const auto metadata = nats::parse_delivery_metadata(exact);
    if (!metadata) return;
    require(text.starts_with("$JS.ACK."), "only an acknowledgement's subject has figures");
    const auto nanoseconds = metadata->stored_at.time_since_epoch().count();
    const auto rest = fmt::format(".{}.", metadata->pending);
    require((exact + ".").find(rest) != std::string::npos || exact.find(".0") != std::string::npos,
            "the figure of what is pending stands in the subject");
    for (const auto* form : {"$JS.ACK.S.C.{}.{}.1.{}.{}", "$JS.ACK.hub.hash.S.C.{}.{}.1.{}.{}.x"}) {
        const auto again = nats::parse_delivery_metadata(
            fmt::format(fmt::runtime(form), metadata->deliveries, metadata->stream_sequence,
                        nanoseconds, metadata->pending));
        require(again.has_value(), "figures that were read can be written");
        require(again->deliveries == metadata->deliveries &&
                    again->stream_sequence == metadata->stream_sequence &&
                    again->stored_at == metadata->stored_at && again->pending == metadata->pending,
                "both forms hold the same figures");
    }
}

/// A change that was made is not made again, and leaves what it does not name.
void check_config(std::string_view text) {
    const auto existing = nlohmann::json::parse(text, nullptr, false);
    if (!existing.is_object()) return;
    const auto wanted = nats::api_config(nats::StreamConfig{.name = "S", .subjects = {"a"}});
    const auto merged = nats::merge_config(existing, wanted);
    require(nats::differences(existing, wanted).empty() != merged.has_value(),
            "what is changed is named");
    require(merged.has_value() || nats::obstacles(existing, wanted).size() <= 3,
            "whatever is there, it is read");
    const auto& now = merged ? *merged : existing;
    require(!nats::merge_config(now, wanted).has_value(), "a change is made once");
    for (const auto& [name, value] : existing.items()) {
        require(now.contains(name), "nothing is taken out of a configuration");
        require(wanted.contains(name) || now[name] == value, "what is not named stays");
    }
}

/// Where there is a time, there are messages, and the text says so.
void check_state(std::string_view text) {
    const auto state = nlohmann::json::parse(text, nullptr, false);
    const auto oldest = nats::oldest_message_time(state);
    if (!oldest) return;
    require(oldest->time_since_epoch().count() > 0, "a message came after 1970");
    require(state.at("messages").get<std::uint64_t>() > 0, "nothing is the oldest of nothing");
    const auto written = format_timestamp(*oldest);
    if (written.size() != std::string_view{"2026-03-01T10:00:00.123456Z"}.size()) return;  // 10000
    const auto again = nats::oldest_message_time({{"messages", 1U}, {"first_ts", written}});
    require(again == oldest, "it is exact to the microsecond");
}

}  // namespace
}  // namespace events::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = events::fuzz::text_of(data, size);
    events::fuzz::check_reply(text);
    events::fuzz::check_config(text);
    events::fuzz::check_state(text);
    return 0;
}
