#include "common/http/query_string.hpp"

#include <boost/url/encoding_opts.hpp>
#include <boost/url/pct_string_view.hpp>

namespace events::http {
namespace {

std::optional<std::string> decode(std::string_view text) {
    const auto encoded = boost::urls::make_pct_string_view({text.data(), text.size()});
    if (!encoded) return std::nullopt;
    boost::urls::encoding_opts options;
    options.space_as_plus = true;
    return encoded->decode(options);
}

}  // namespace

std::vector<QueryParameter> split_query(std::string_view query) {
    std::vector<QueryParameter> parameters;
    while (!query.empty()) {
        const auto piece = query.substr(0, query.find('&'));
        query.remove_prefix(piece.size() == query.size() ? piece.size() : piece.size() + 1);
        if (piece.empty()) continue;
        const auto name = piece.substr(0, piece.find('='));
        const auto value =
            piece.substr(name.size() == piece.size() ? name.size() : name.size() + 1);
        parameters.push_back({decode(name).value_or(std::string{name}), decode(value)});
    }
    return parameters;
}

}  // namespace events::http
