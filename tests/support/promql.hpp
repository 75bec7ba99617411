#pragma once

#include <set>
#include <string>
#include <string_view>

namespace events::test {

/// The names of the metrics that an expression of PromQL reads: what stands there and is neither a
/// function, an operator, a label nor text. Pure; it does not judge the expression.
[[nodiscard]] std::set<std::string> metric_names(std::string_view expression);

}  // namespace events::test
