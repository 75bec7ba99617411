#pragma once

#include <tl/expected.hpp>

namespace events {

/// A value, or the reason why there is none. Bad input is such a value; a broken world is an
/// exception. std::expected takes its place when the project leaves C++20.
template <typename T, typename E>
using Expected = tl::expected<T, E>;

template <typename E>
using Unexpected = tl::unexpected<E>;

}  // namespace events
