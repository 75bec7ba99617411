#include "reporter/media_type.hpp"

#include <boost/beast/core/string.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>

namespace events::reporter {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Takes the text up to the separator off the front.
std::string_view take(std::string_view& text, char separator) {
    const auto end = text.find(separator);
    const auto part = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
}

/// The q of a range's parameters; 1 when there is none, 0 when it is malformed.
double quality(std::string_view parameters) {
    while (!parameters.empty()) {
        const auto parameter = take(parameters, ';');
        if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) continue;
        double q = 0;
        std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), q);
        return q;
    }
    return 1;
}

/// The q of a type by the most specific range that names it, of RFC 9110, 12.5.1.
double quality_of(std::string_view accept, const std::array<std::string_view, 3>& ranges) {
    double found = 0;
    std::size_t specificity = ranges.size();
    while (!accept.empty()) {
        auto parameters = take(accept, ',');
        const auto range = take(parameters, ';');
        for (std::size_t index = 0; index < specificity; ++index) {
            if (!boost::beast::iequals(range, ranges.at(index))) continue;
            found = quality(parameters);
            specificity = index;
        }
    }
    return found;
}

}  // namespace

bool prefers_csv(std::string_view accept) {
    return quality_of(accept, {"text/csv", "text/*", "*/*"}) >
           quality_of(accept, {"application/json", "application/*", "*/*"});
}

}  // namespace events::reporter
