// A report's query string, and the headers that choose its form: the first line is the query, the
// second one a header's value.

#include "common/http/problem.hpp"
#include "reporter/answer.hpp"
#include "reporter/negotiation.hpp"
#include "reporter/parse_query.hpp"
#include "target.hpp"

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <set>
#include <string>

namespace events::fuzz {
namespace {

using namespace reporter;

const TimeZones& zones() {
    static const TimeZones known{"UTC", "Europe/Berlin", "America/New_York"};
    return known;
}

void check_query(const Query& query) {
    require(!query.from || !query.to || *query.from <= *query.to, "a range has a beginning");
    require(query.limit >= 1 && query.limit <= kMaxLimit, "a limit is in its bounds");
    require(zones().contains(query.time_zone), "a time zone is known");
    const std::set<Key> keys{query.group_by.begin(), query.group_by.end()};
    require(keys.size() == query.group_by.size(), "a key groups once");
    for (const auto& condition : query.conditions) {
        const auto* text = std::get_if<std::string>(&condition.value);
        if (text == nullptr) continue;
        require(simdjson::validate_utf8(*text) && text->find('\0') == std::string::npos,
                "the database can take a condition's text");
    }
}

void check_refusal(const std::vector<BadParameter>& bad) {
    require(!bad.empty(), "a refusal names a parameter");
    for (const auto& parameter : bad) require(!parameter.message.empty(), "and says why");
    const auto response = http::problem(400, describe(bad), "an-id", errors_member(bad));
    const auto problem = nlohmann::json::parse(response.body, nullptr, false);
    require(problem.is_object(), "a problem is JSON");
    require(problem["errors"].size() == bad.size(), "each bad parameter is told");
}

void check(std::string_view text) {
    const auto query = text.substr(0, text.find('\n'));
    const auto header = text.substr(query.size());
    for (const auto& [name, category] : kCategories) {
        const auto parsed = parse_query(category, query, zones());
        if (parsed) {
            check_query(*parsed);
        } else {
            check_refusal(parsed.error());
        }
    }
    (void)prefers_csv(header);
    const auto tag = entity_tag(query);
    require(matches_tag(tag, tag) && matches_tag("\"x\", W/" + tag, tag), "a tag matches itself");
    (void)matches_tag(header, tag);
}

}  // namespace
}  // namespace events::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    events::fuzz::check(events::fuzz::text_of(data, size));
    return 0;
}
