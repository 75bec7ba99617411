#include "filter.hpp"

#include "common/events/time.hpp"

#include <fmt/format.h>

#include <cctype>
#include <set>

namespace events::reporter {
namespace {

std::string percent_encoded(const std::string& text) {
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0) {
            encoded += c;
        } else {
            encoded += fmt::format("%{:02X}", byte);
        }
    }
    return encoded;
}

class QueryWriter {
  public:
    void add(const char* name, const std::optional<std::string>& value) {
        if (!value) return;
        if (!text_.empty()) text_ += '&';
        text_ += fmt::format("{}={}", name, percent_encoded(*value));
    }
    void add(const char* name, const std::optional<std::int64_t>& value) {
        if (value) add(name, std::to_string(*value));
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

  private:
    std::string text_;
};

std::int64_t epoch_microseconds(Timestamp time) {
    return time.time_since_epoch().count();
}

template <typename T>
bool equals(const std::optional<T>& wanted, const std::optional<T>& value) {
    return !wanted || (value && *value == *wanted);
}

bool within(const std::optional<std::int64_t>& min, const std::optional<std::int64_t>& max,
            const std::optional<std::int64_t>& value) {
    return (!min || (value && *value >= *min)) && (!max || (value && *value <= *max));
}

bool in_time(const AskedFilter& filter, Timestamp at) {
    if (filter.from && epoch_microseconds(at) < *filter.from * 1'000) return false;
    if (filter.to && epoch_microseconds(at) >= (*filter.to + 1) * 1'000) return false;
    if (filter.exact_from && at < *filter.exact_from) return false;
    return !filter.exact_to || at <= *filter.exact_to;
}

}  // namespace

std::string money(std::int64_t cents) {
    return fmt::format("{}.{:02}", cents / 100, cents % 100);
}

std::string AskedFilter::query() const {
    QueryWriter writer;
    writer.add("from", from);
    writer.add("to", to);
    if (exact_from) writer.add("from", format_timestamp(*exact_from));
    if (exact_to) writer.add("to", format_timestamp(*exact_to));
    if (source) writer.add("source", std::string{source->name()});
    if (stage) writer.add("funnelStage", std::string{to_string(*stage)});
    writer.add("eventType", type);
    writer.add("campaignId", campaign);
    writer.add("age", age);
    writer.add("ageMin", age_min);
    writer.add("ageMax", age_max);
    writer.add("followers", followers);
    writer.add("followersMin", followers_min);
    writer.add("followersMax", followers_max);
    writer.add("gender", gender);
    writer.add("country", country);
    writer.add("city", city);
    writer.add("device", device);
    return writer.take();
}

bool AskedFilter::matches(const StoredEvent& event) const {
    return in_time(*this, event.at) && (!source || event.type->source == *source) &&
           (!stage || event.type->stage == *stage) && (!type || event.type->name == *type) &&
           equals(campaign, event.campaign) && equals(age, event.age) &&
           within(age_min, age_max, event.age) && equals(followers, event.followers) &&
           within(followers_min, followers_max, event.followers) && equals(gender, event.gender) &&
           equals(country, event.country) && equals(city, event.city) &&
           equals(device, event.device);
}

std::string expected_events(const std::vector<StoredEvent>& rows, const AskedFilter& filter) {
    int count = 0;
    for (const auto& row : rows) count += filter.matches(row) ? 1 : 0;
    return fmt::format(R"({{"count":{}}})", count);
}

std::string expected_revenue(const std::vector<StoredEvent>& rows, const AskedFilter& filter) {
    std::int64_t sum = 0;
    std::int64_t count = 0;
    for (const auto& row : rows) {
        if (!row.type->has_revenue || !row.cents || !filter.matches(row)) continue;
        sum += *row.cents;
        ++count;
    }
    return fmt::format(R"({{"revenue":{},"transactions":{},"averageOrderValue":{}}})", money(sum),
                       count, count == 0 ? "null" : money((2 * sum + count) / (2 * count)));
}

std::string expected_demographics(const std::vector<StoredEvent>& rows, const AskedFilter& filter) {
    std::set<std::pair<Source, std::string>> users;
    for (const auto& row : rows) {
        if (filter.matches(row)) users.emplace(row.type->source, row.user);
    }
    return fmt::format(R"({{"userCount":{}}})", users.size());
}

}  // namespace events::reporter
