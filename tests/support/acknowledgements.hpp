#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace events::test {

/// What a consumer's clients tell the broker of its messages, from construction on. They tell it on
/// "$JS.ACK.<stream>.<consumer>.<deliveries>.<stream sequence>.<...>", where others can listen.
class Acknowledgements {
  public:
    struct Acknowledgement {
        std::uint64_t deliveries;  ///< how often the message had been delivered, the first being 1
        std::string kind;          ///< "+ACK" or "" (done), "+WPI" (in progress), "-NAK", "+TERM"
    };

    Acknowledgements(const std::string& nats_url, const std::string& stream,
                     const std::string& consumer);
    ~Acknowledgements();
    Acknowledgements(const Acknowledgements&) = delete;
    Acknowledgements& operator=(const Acknowledgements&) = delete;

    /// All that came so far, the first at first.
    [[nodiscard]] const std::vector<Acknowledgement>& seen();

  private:
    struct Subscription;
    std::unique_ptr<Subscription> subscription_;
    std::vector<Acknowledgement> seen_;
};

}  // namespace events::test
