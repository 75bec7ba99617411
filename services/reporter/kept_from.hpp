#pragma once

#include "common/segments/question.hpp"

#include <pqxx/pqxx>

#include <string>

namespace events::reporter {

/// The first instant that is kept of a source that the question asks for, e.g.
/// "2026-03-01T00:00:00Z", where the question's range begins before it; of several sources the
/// latest. Empty: everything that is asked for is kept.
[[nodiscard]] std::string read_kept_from(const segments::Question& question,
                                         pqxx::transaction_base& transaction);

}  // namespace events::reporter
