#pragma once

#include "common/nats/handles.hpp"
#include "support/await.hpp"

#include <nats/nats.h>

#include <chrono>
#include <memory>
#include <string>

namespace events::test {

using NatsHandle = std::unique_ptr<natsConnection, nats::DestroyWith<&natsConnection_Destroy>>;

/// A connection to one of `url`, a server or a list of them, none of which may take longer than
/// `patience`: cnats alone gives up after two seconds. Failure: nats::Error.
[[nodiscard]] NatsHandle connect_to_nats(const std::string& url,
                                         std::chrono::milliseconds patience = kPatience);

}  // namespace events::test
