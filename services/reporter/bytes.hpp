#pragma once

#include <cstddef>
#include <vector>

namespace events::reporter {

using Bytes = std::vector<std::byte>;

}  // namespace events::reporter
