#include "reporter/answer.hpp"

#include "reporter/money.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace events::reporter {
namespace {

std::string revenue_json(const std::string& sum, const std::string& transactions) {
    return fmt::format(R"({{"revenue":{},"transactions":{},"averageOrderValue":{}}})",
                       to_json_amount(sum), transactions,
                       transactions == "0" ? "null" : average_amount(sum, transactions));
}

std::string json_text(const nlohmann::ordered_json& json) {
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

std::string to_json(Category category, const Row& row) {
    switch (category) {
        case Category::events:
            break;
        case Category::revenue:
            return revenue_json(row.at(0), row.at(1));
        case Category::demographics:
            return fmt::format(R"({{"userCount":{}}})", row.at(0));
    }
    return fmt::format(R"({{"count":{}}})", row.at(0));
}

std::string describe(std::span<const BadParameter> bad) {
    std::string names;
    for (const auto& [name, message] : bad) {
        if (!names.empty()) names += ", ";
        names += name;
    }
    return fmt::format("{} can not be used: {}.",
                       bad.size() == 1 ? "This parameter" : "These parameters", names);
}

std::string errors_member(std::span<const BadParameter> bad) {
    auto errors = nlohmann::ordered_json::array();
    for (const auto& [name, message] : bad) {
        errors.push_back({{"parameter", name}, {"message", message}});
    }
    return "\"errors\":" + json_text(errors);
}

}  // namespace events::reporter
