#pragma once

#include "support/nats_server.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace events::test {

/// Three real nats-servers that are one JetStream cluster, on loopback ports. One thread at a time.
class NatsCluster {
  public:
    static constexpr std::size_t kNodes = 3;

    /// Returns when the cluster has elected a leader of its own.
    NatsCluster();

    [[nodiscard]] NatsServer& node(std::size_t index) { return *nodes_.at(index); }
    /// All nodes, separated by commas.
    [[nodiscard]] std::string urls() const;
    /// Which node leads the stream; nothing while none does.
    [[nodiscard]] std::optional<std::size_t> leader_of(const std::string& stream) const;
    /// Whether each copy of the stream is where its leader is.
    [[nodiscard]] bool is_whole(const std::string& stream) const;

  private:
    std::vector<std::unique_ptr<NatsServer>> nodes_;
};

}  // namespace events::test
