#pragma once

#include "suite.hpp"
#include "support/sample_events.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace events::test {

/// An event of each source that is posted until it is acknowledged by JetStream, and looked for in
/// the tables.
class Canary {
  public:
    explicit Canary(Suite& suite, std::string_view timestamp = kSampleTimestamp);

    /// Whether it is acknowledged by JetStream now.
    [[nodiscard]] bool post();
    [[nodiscard]] bool stored() const;

    [[nodiscard]] const std::string& facebook_id() const noexcept { return ids_[0]; }
    [[nodiscard]] const std::string& tiktok_id() const noexcept { return ids_[1]; }

  private:
    Suite& suite_;
    std::vector<std::string> ids_;
    std::string body_;
};

}  // namespace events::test
