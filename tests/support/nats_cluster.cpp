#include "support/nats_cluster.hpp"

#include "support/await.hpp"
#include "support/jetstream_api.hpp"
#include "support/ports.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>

namespace events::test {
namespace {

std::string name_of(std::size_t index) {
    return fmt::format("n{}", index);
}

/// The stream's "cluster" part; empty when nobody tells at this moment.
nlohmann::json cluster_of(const std::string& urls, const std::string& stream) {
    try {
        return jetstream_api(urls, "$JS.API.STREAM.INFO." + stream, {}, kAskAgain)
            .value("cluster", nlohmann::json::object());
    } catch (const std::exception&) {
        return nlohmann::json::object();
    }
}

}  // namespace

NatsCluster::NatsCluster() {
    std::array<std::uint16_t, kNodes> ports{};
    std::string routes;
    for (auto& port : ports) {
        port = free_port();
        routes += fmt::format("{}\"nats-route://127.0.0.1:{}\"", routes.empty() ? "" : ", ", port);
    }
    for (std::size_t index = 0; index < kNodes; ++index) {
        const auto extra = fmt::format(
            "server_name: {}\ncluster {{\n  name: events\n  listen: \"127.0.0.1:{}\"\n"
            "  routes: [{}]\n}}\n",
            name_of(index), ports.at(index), routes);
        nodes_.push_back(std::make_unique<NatsServer>(NatsServerOptions{.extra = extra}));
    }
    const auto led = [&] {
        try {
            return !jetstream_api(urls(), "$JS.API.INFO", {}, kAskAgain).contains("error");
        } catch (const std::exception&) {
            return false;
        }
    };
    if (!await(led)) throw std::runtime_error{"no leader of the cluster:\n" + node(0).log()};
}

std::string NatsCluster::urls() const {
    std::string list;
    for (const auto& node : nodes_) list += (list.empty() ? "" : ",") + node->url();
    return list;
}

std::optional<std::size_t> NatsCluster::leader_of(const std::string& stream) const {
    const auto leader = cluster_of(urls(), stream).value("leader", std::string{});
    for (std::size_t index = 0; index < kNodes; ++index) {
        if (leader == name_of(index)) return index;
    }
    return std::nullopt;
}

bool NatsCluster::is_whole(const std::string& stream) const {
    const auto cluster = cluster_of(urls(), stream);
    const auto replicas = cluster.value("replicas", nlohmann::json::array());
    return cluster.contains("leader") && replicas.size() + 1 == kNodes &&
           std::ranges::all_of(replicas,
                               [](const auto& copy) { return copy.value("current", false); });
}

}  // namespace events::test
