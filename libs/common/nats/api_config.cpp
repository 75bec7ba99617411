#include "common/nats/api_config.hpp"

#include <nlohmann/json.hpp>

namespace events::nats {

nlohmann::json api_config(const StreamConfig& config) {
    return {
        {"name", config.name},
        {"subjects", config.subjects},
        {"storage", "file"},
        {"retention", config.retention == Retention::work_queue ? "workqueue" : "limits"},
        {"discard", config.discard == Discard::new_messages ? "new" : "old"},
        {"max_bytes", config.max_bytes},
        {"num_replicas", config.replicas},
        {"duplicate_window", config.duplicate_window.count()},
    };
}

nlohmann::json api_config(const ConsumerConfig& config) {
    return {
        {"durable_name", config.durable},
        {"deliver_policy", "all"},
        {"ack_policy", "explicit"},
        {"replay_policy", "instant"},
        {"ack_wait", config.ack_wait.count()},
        {"max_deliver", -1},
        {"max_ack_pending", config.max_ack_pending},
    };
}

std::optional<nlohmann::json> merge_config(const nlohmann::json& existing,
                                           const nlohmann::json& wanted) {
    auto merged = existing;
    merged.update(wanted);
    if (merged == existing) return std::nullopt;
    return merged;
}

}  // namespace events::nats
