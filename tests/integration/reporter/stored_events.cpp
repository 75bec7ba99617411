#include "stored_events.hpp"

#include "common/events/time.hpp"
#include "common/postgres/migrations.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pqxx/pqxx>

#include <array>
#include <random>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 3> kCountries{"Kenya", "Côte d'Ivoire", "Perú & más"};
constexpr std::array<std::string_view, 3> kCities{"Nairobi", "Abidjan", "San José +1"};
constexpr std::array<std::string_view, 4> kCampaigns{"spring", "50% off", "a=b&c", ""};

class Generator {
  public:
    explicit Generator(unsigned seed) : random_{seed} {}

    StoredEvent next() {
        StoredEvent event;
        event.type = &pick(event_types());
        event.id = fmt::format("event-{}", ++count_);
        event.user = fmt::format("user-{}", number(1, 40));
        event.at = kFirstDay + std::chrono::microseconds{number(0, (kDays / 1us) - 1)};
        // Every other one stands on a whole millisecond: a boundary of a client's clock.
        if (number(0, 1) == 0) event.at = std::chrono::floor<std::chrono::milliseconds>(event.at);
        if (event.type->source == kFacebook) {
            fill_facebook(event);
        } else {
            fill_tiktok(event);
        }
        return event;
    }

  private:
    void fill_facebook(StoredEvent& event) {
        event.age = number(0, 3) == 0 ? number(0, 150) : number(17, 20);
        event.gender = pick(facebook::kGenders);
        event.country = pick(kCountries);
        event.city = pick(kCities);
        if (event.type->stage != FunnelStage::bottom) return;
        event.device = pick(facebook::kDevices);
        event.campaign = pick(kCampaigns);
        // Other types than checkout.complete may have an amount too: it is no revenue.
        if (number(0, 3) != 0) event.cents = number(0, 99'999);
    }

    void fill_tiktok(StoredEvent& event) {
        event.followers = number(0, 3) == 0 ? number(0, 5'000'000'000) : number(998, 1'001);
        if (event.type->stage == FunnelStage::top) {
            event.device = pick(tiktok::kDevices);
            event.country = pick(kCountries);
        } else if (number(0, 3) != 0) {
            event.cents = number(0, 99'999);
        }
    }

    std::int64_t number(std::int64_t from, std::int64_t to) {
        return std::uniform_int_distribution<std::int64_t>{from, to}(random_);
    }

    template <typename List>
    const typename List::value_type& pick(const List& list) {
        return list[static_cast<std::size_t>(
            number(0, static_cast<std::int64_t>(list.size()) - 1))];
    }

    std::mt19937_64 random_;
    int count_ = 0;
};

std::string literal(pqxx::work& transaction, const std::optional<std::string>& value) {
    return value ? transaction.quote(*value) : "NULL";
}

std::string literal(const std::optional<std::int64_t>& value) {
    return value ? std::to_string(*value) : "NULL";
}

std::string amount(const std::optional<std::int64_t>& cents) {
    return cents ? fmt::format("{}.{:02}", *cents / 100, *cents % 100) : "NULL";
}

std::string insert_statement(pqxx::work& transaction, const StoredEvent& event) {
    const auto shared =
        fmt::format("'{}', '{}', now(), '{}', '{}', '{}'", event.id, format_timestamp(event.at),
                    to_string(event.type->stage), event.type->name, event.user);
    if (event.type->source == kFacebook) {
        return fmt::format(
            "INSERT INTO facebook_events (event_id, occurred_at, received_at, funnel_stage,"
            " event_type, user_id, name, age, gender, country, city, device, campaign_id,"
            " purchase_amount) VALUES ({}, 'Name', {}, {}, {}, {}, {}, {}, {})",
            shared, literal(event.age), literal(transaction, event.gender),
            literal(transaction, event.country), literal(transaction, event.city),
            literal(transaction, event.device), literal(transaction, event.campaign),
            amount(event.cents));
    }
    return fmt::format(
        "INSERT INTO tiktok_events (event_id, occurred_at, received_at, funnel_stage, event_type,"
        " user_id, username, followers, country, device, purchase_amount)"
        " VALUES ({}, 'name', {}, {}, {}, {})",
        shared, literal(event.followers), literal(transaction, event.country),
        literal(transaction, event.device), amount(event.cents));
}

}  // namespace

std::vector<StoredEvent> random_events(unsigned seed, std::size_t count) {
    Generator generator{seed};
    std::vector<StoredEvent> events;
    for (std::size_t i = 0; i < count; ++i) events.push_back(generator.next());
    return events;
}

void migrate_database(const std::string& url) {
    postgres::Connection connection{
        {.url = config::Secret{url}, .application_name = "reporter-test"}, {}};
    postgres::migrate(connection, postgres::embedded_migrations(),
                      {"reporter-test", {.level = logging::Level::fatal}});
}

void prepare_database(const std::string& url) {
    migrate_database(url);
    pqxx::connection connection{url};
    pqxx::work transaction{connection};
    for (const auto* table : {"facebook_events", "tiktok_events"}) {
        transaction.exec(
            fmt::format("CREATE TABLE {0}_test PARTITION OF {0} FOR VALUES FROM ('{1}') TO ('{2}')",
                        table, format_timestamp(kFirstDay), format_timestamp(kFirstDay + kDays)));
    }
    transaction.commit();
}

void prepare_days(const std::string& url) {
    migrate_database(url);
    pqxx::connection connection{url};
    pqxx::work transaction{connection};
    for (const auto source : sources()) {
        for (auto day = kFirstDay; day < kFirstDay + kDays; day += std::chrono::days{1}) {
            const auto date = format_timestamp(day).substr(0, 10);
            transaction.exec(fmt::format(
                "SELECT events.add_partition('{0}', '{0}_events_{1}', '{2}', '{3}')", source.name(),
                date, format_timestamp(day), format_timestamp(day + std::chrono::days{1})));
        }
    }
    transaction.commit();
}

std::vector<StoredEvent> read_events(const std::string& url) {
    pqxx::connection connection{url};
    pqxx::work transaction{connection};
    const auto rows = transaction.exec(
        "SELECT 'facebook', event_type, event_id, extract(epoch FROM occurred_at) * 1000000, "
        "user_id, age, gender, country, city, NULL, device, campaign_id, purchase_amount * 100 "
        "FROM facebook_events UNION ALL "
        "SELECT 'tiktok', event_type, event_id, extract(epoch FROM occurred_at) * 1000000, "
        "user_id, NULL, NULL, country, NULL, followers, device, NULL, purchase_amount * 100 "
        "FROM tiktok_events");
    const auto text = [](const pqxx::field& field) {
        return field.is_null() ? std::nullopt : std::optional{field.as<std::string>()};
    };
    const auto number = [](const pqxx::field& field) {
        return field.is_null() ? std::nullopt : std::optional{std::stoll(field.as<std::string>())};
    };
    std::vector<StoredEvent> events;
    for (const auto& row : rows) {
        const auto source = find_source(row[0].as<std::string>()).value();
        events.push_back({.type = find_event_type(source, row[1].as<std::string>()),
                          .id = row[2].as<std::string>(),
                          .at = Timestamp{std::chrono::microseconds{*number(row[3])}},
                          .user = row[4].as<std::string>(),
                          .age = number(row[5]),
                          .gender = text(row[6]),
                          .country = text(row[7]),
                          .city = text(row[8]),
                          .followers = number(row[9]),
                          .device = text(row[10]),
                          .campaign = text(row[11]),
                          .cents = number(row[12])});
    }
    return events;
}

void store(const std::string& url, const std::vector<StoredEvent>& events) {
    pqxx::connection connection{url};
    pqxx::work transaction{connection};
    for (const auto& event : events) transaction.exec(insert_statement(transaction, event));
    transaction.commit();
}

}  // namespace events::reporter
