#pragma once

#include <stdexcept>
#include <string>

namespace events::nats {

/// The broker, or the way to it, failed. `call` is what was tried; the message says why.
/// Everything here may be tried again, unless the configuration itself is refused.
class Error : public std::runtime_error {
  public:
    Error(const std::string& call, const std::string& why, int jetstream_code = 0)
        : std::runtime_error{call + ": " + why}, jetstream_code_{jetstream_code} {}

    /// JetStream's err_code, e.g. 10059 "stream not found"; 0 when the broker did not answer.
    [[nodiscard]] int jetstream_code() const noexcept { return jetstream_code_; }

  private:
    int jetstream_code_;
};

/// The broker answered, and a stream of ours can't serve as it is: it has settings that break what
/// is promised, another stream has its subject, or the broker refuses to make it. An operator has
/// to mend that; the message says what and how.
class UnfitStream : public Error {
  public:
    using Error::Error;
};

}  // namespace events::nats
