#include "common/nats/stream_state.hpp"

#include "common/events/time.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace events::nats {

std::optional<Timestamp> oldest_message_time(const nlohmann::json& state) {
    if (!state.is_object()) return std::nullopt;
    const auto messages = state.find("messages");
    const auto first = state.find("first_ts");
    if (messages == state.end() || !messages->is_number_unsigned() ||
        messages->get<std::uint64_t>() == 0 || first == state.end() || !first->is_string()) {
        return std::nullopt;
    }
    const auto time = parse_timestamp(first->get_ref<const std::string&>());
    if (!time || time->time_since_epoch().count() <= 0) return std::nullopt;
    return time;
}

}  // namespace events::nats
