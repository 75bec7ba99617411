#pragma once

#include "reporter/query.hpp"

#include <optional>
#include <string>
#include <vector>

namespace events::reporter {

/// Numbers as PostgreSQL writes them, exact whatever their size.
struct Figures {
    std::string count = "0";    ///< events, transactions or users
    std::string revenue = "0";  ///< a numeric; only revenue reports have it

    friend bool operator==(const Figures&, const Figures&) = default;
};

struct Group {
    std::vector<std::optional<std::string>> keys;  ///< as Report::keys; nothing: without a value
    Figures figures;
    std::vector<Figures> series;  ///< as Series::times
};

struct Series {
    std::vector<std::string> times;  ///< RFC 3339, ascending, a bucket's start
    std::vector<Figures> figures;    ///< one a bucket
};

/// What a query asked for.
struct Report {
    Category category;
    Figures total;
    std::vector<Key> keys;  ///< empty: not grouped
    std::vector<Group> groups;
    bool truncated = false;  ///< more groups exist
    std::optional<Series> series;
};

}  // namespace events::reporter
