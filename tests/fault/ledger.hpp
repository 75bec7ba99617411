#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace events::test {

/// What has to become of an event once its POST was acknowledged.
enum class Fate : std::uint8_t {
    stored,    ///< one row
    rejected,  ///< by the gateway: a dead letter
    refused,   ///< by a collector: a dead letter
    erased,    ///< neither: the person was erased after it was accepted
};

struct Sent {
    Fate fate = Fate::stored;
    bool acknowledged = false;  ///< else it may have arrived or not
};

using SentEvents = std::unordered_map<std::string, Sent>;  ///< by event id

/// Every event that was sent, and whether the gateway answered for it. Thread-safe.
class Ledger {
  public:
    /// Before the first byte is sent: an event that was never acknowledged may arrive all the same.
    void sending(const std::string& id, Fate fate);
    void acknowledged(std::span<const std::string> ids);
    /// Whoever they are of was erased since.
    void erased(std::span<const std::string> ids);
    /// Something that no schedule of faults excuses, e.g. an answer that counts wrongly.
    void wrong(std::string what);

    [[nodiscard]] SentEvents events() const;
    [[nodiscard]] std::vector<std::string> wrongs() const;

  private:
    mutable std::mutex mutex_;
    SentEvents events_;
    std::vector<std::string> wrongs_;
};

}  // namespace events::test
