#pragma once

#include "common/collector/event_store.hpp"

#include <functional>
#include <optional>
#include <string_view>

namespace events::collector {

/// A message's header of that name, if it has one.
using HeaderLookup = std::function<std::optional<std::string_view>(const char* name)>;

/// What a message's headers say of it. Anybody who may publish writes them, so none is trusted:
///
/// - X-Correlation-Id: as a client's at the gateway, by the same rule; a new one where there is
///   none or another text.
/// - X-Received-At: as clock::reception_time() judges it by `stored_at`, the broker's time of the
///   message; `stored_at` where there is none, or one that is no time since 1970.
/// - traceparent: where it is well-formed.
///
/// Pure, but for the ids that it makes up.
[[nodiscard]] Envelope read_envelope(const HeaderLookup& header, Timestamp stored_at);

}  // namespace events::collector
