#pragma once

#include "common/http/router.hpp"

#include <string>

namespace events::reporter {

/// What sources, event types and dimensions there are, as JSON: what the page offers, and any other
/// client may. It is the program's, and the same whatever is stored.
///
/// Shape  GET /reports/catalogue in web/openapi.json. Lists stand in the order of sources().
[[nodiscard]] std::string source_catalogue();

/// GET /reports/catalogue. `admission`: as of the reports.
void add_catalogue_route(http::Router& router, const http::Admission& admission = {});

}  // namespace events::reporter
