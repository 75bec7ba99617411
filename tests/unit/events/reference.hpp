#pragma once

#include <string>

namespace events::test {

/// docs/events.md, from the descriptions of sources(). Pure.
[[nodiscard]] std::string event_reference();

}  // namespace events::test
