#include "common/nats/api_config.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace events::nats {
namespace {

using nlohmann::json;

/// What a server refuses to change in a stream that is there.
constexpr std::array kFixed{"storage", "retention"};

/// A setting that the server leaves out is false.
const json& setting(const json& config, const std::string& name) {
    static const json kFalse = false;
    const auto found = config.find(name);
    return found == config.end() ? kFalse : *found;
}

std::string text_of(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string difference(const std::string& name, const json& is, const json& wanted) {
    return fmt::format("{} is {} instead of {}", name, text_of(is), text_of(wanted));
}

}  // namespace

nlohmann::json api_config(const StreamConfig& config) {
    return {
        {"name", config.name},
        {"subjects", config.subjects},
        {"storage", "file"},
        {"retention", config.retention == Retention::work_queue ? "workqueue" : "limits"},
        {"discard", config.discard == Discard::new_messages ? "new" : "old"},
        {"discard_new_per_subject", false},
        {"max_bytes", config.max_bytes},
        {"max_msgs", -1},
        {"max_msgs_per_subject", -1},
        {"max_msg_size", -1},
        {"max_age", 0},
        {"no_ack", false},
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
    for (const auto& [name, value] : wanted.items()) {
        if (setting(existing, name) != value) merged[name] = value;
    }
    if (merged == existing) return std::nullopt;
    return merged;
}

std::vector<std::string> differences(const json& existing, const json& wanted) {
    std::vector<std::string> all;
    for (const auto& [name, value] : wanted.items()) {
        const auto& is = setting(existing, name);
        if (is != value) all.push_back(difference(name, is, value));
    }
    return all;
}

std::vector<std::string> obstacles(const json& existing, const json& wanted) {
    std::vector<std::string> all;
    for (const auto* name : kFixed) {
        const auto& is = setting(existing, name);
        const auto& value = setting(wanted, name);
        if (is != value) all.push_back(difference(name, is, value));
    }
    if (setting(existing, "sealed") == true) all.emplace_back("it is sealed");
    if (const auto& mirror = setting(existing, "mirror"); mirror.is_object()) {
        all.push_back("it is a mirror of " + text_of(setting(mirror, "name")));
    }
    // Of nats-server 2.12: acknowledged before it is written.
    if (setting(existing, "persist_mode") == "async") {
        all.push_back(difference("persist_mode", "async", "default"));
    }
    return all;
}

}  // namespace events::nats
