#include "keeper_fixture.hpp"

#include "common/postgres/migrations.hpp"
#include "common/segments/segment.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "support/postgres_cluster.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/null_sink.h>

#include <array>
#include <random>

namespace events::test {
namespace {

using namespace std::chrono_literals;
using segments::Column;

constexpr std::array<std::string_view, 3> kUsers{"0a0a0a0a-0000-4000-8000-000000000001",
                                                 "no uuid 'at' all", "µ-user"};
constexpr std::array<std::string_view, 4> kCampaigns{"", "camp\"aign", "NULL", "\\N"};
constexpr std::array<std::string_view, 4> kCountries{"DE", "FR", "{}", " "};

std::string literal(std::string_view text) {
    std::string result{"'"};
    for (const char c : text) {
        if (c == '\'') result += '\'';
        result += c;
    }
    return result + "'";
}

std::string or_null(const std::string& text) {
    return text.empty() ? "NULL" : literal(text);
}

std::string user_text(const segments::UserKey& key) {
    return fmt::format("{}{:016x}{:016x}", key.hashed ? "#" : "", key.high, key.low);
}

/// As rows() writes it: the columns one behind the other, in the order of columns_of().
std::string text_of(const segments::Segment& segment, std::size_t row) {
    std::int64_t time = 0;
    segment.read_times(row, {&time, 1});
    auto text = fmt::format("{}|{}", user_text(segment.user(row)), time);
    for (const auto& info : segments::columns_of(segment.source())) {
        text += '|';
        const auto* column = segment.find(info.column);
        if (column == nullptr) continue;
        column->with_codes(row, [&](const auto* codes) {
            if (codes[0] == 0) return;
            if (column->is_text) {
                text += column->dictionary[codes[0]];
            } else {
                text += std::to_string(column->number(codes[0]));
            }
        });
    }
    return text;
}

int sign_of(const segments::Segment& segment, std::size_t row) {
    const auto* column = segment.find(Column::sign);
    if (column == nullptr) return 1;
    return static_cast<int>(column->number(column->at<std::uint8_t>(row)[0]));
}

std::string rows_query(Source source, const std::string& table, std::string_view sign) {
    const auto* columns = source == kFacebook ? "campaign_id, country, city, gender, device, age"
                                              : "country, device, followers";
    return fmt::format(
        "SELECT {}, user_id, concat_ws('|', (extract(epoch FROM occurred_at) * 1000000)::bigint, "
        "{}), count(*) FROM {} GROUP BY 1, 2, 3",
        sign,
        [&] {
            std::string list{"funnel_stage, event_type"};
            for (std::string_view left{columns}; !left.empty();) {
                const auto end = left.find(", ");
                list += fmt::format(", coalesce({}::text, '')", left.substr(0, end));
                left.remove_prefix(end == std::string_view::npos ? left.size() : end + 2);
            }
            return list +
                   ", CASE WHEN event_type IN ('checkout.complete', 'purchase') THEN "
                   "coalesce((purchase_amount * 100)::bigint::text, '') ELSE '' END";
        }(),
        table);
}

void add_rows(pqxx::transaction_base& work, const std::string& sql, Content& content) {
    for (const auto& row : work.exec(sql)) {
        const auto user = segments::user_key(row[1].as<std::string>());
        content[user_text(user) + "|" + row[2].as<std::string>()] +=
            row[0].as<int>() * row[3].as<std::int64_t>();
    }
}

}  // namespace

segments::Record SampleRow::record() const {
    const auto text = [](const std::string& value) {
        return value.empty() ? std::optional<std::string_view>{} : std::string_view{value};
    };
    segments::Record record{.user_id = user,
                            .occurred_at = Timestamp{std::chrono::microseconds{time}},
                            .funnel_stage = stage,
                            .event_type = type,
                            .country = text(country),
                            .device = text(device)};
    if (source == kFacebook) {
        record.campaign_id = text(campaign);
        record.city = text(city);
        record.gender = text(gender);
        record.age = number;
    } else {
        record.followers = number;
    }
    if (cents >= 0) record.revenue = cents;
    return record;
}

std::string SampleRow::sql() const {
    const auto at =
        fmt::format("timestamptz 'epoch' + {} * interval '1 day' + {} * interval '1 us'",
                    time / kDayLength, time % kDayLength);
    const auto amount = cents < 0 ? "NULL" : fmt::format("{}.{:02}", cents / 100, cents % 100);
    const auto common = fmt::format("{}, {}, now(), {}, {}, {}, 'name'", literal(event_id), at,
                                    literal(stage), literal(type), literal(user));
    if (source == kFacebook) {
        return fmt::format("({}, {}, {}, {}, {}, {}, {}, {})", common, number, literal(gender),
                           literal(country), literal(city), or_null(campaign), or_null(device),
                           amount);
    }
    return fmt::format("({}, {}, {}, {}, {})", common, number, or_null(device), or_null(country),
                       amount);
}

std::vector<SampleRow> make_rows(Source source, std::size_t count, int day, std::uint64_t seed) {
    std::mt19937_64 random{seed * 1'000 + static_cast<std::uint64_t>(day)};
    const auto below = [&](std::size_t bound) { return random() % bound; };
    std::vector<SampleRow> rows;
    while (rows.size() < count) {
        const auto& type = event_types()[below(event_types().size())];
        if (type.source != source) continue;
        SampleRow row{
            .source = source,
            .event_id = fmt::format("{}-{}-{}", seed, day, rows.size()),
            .time = kDayBegins + day * kDayLength + static_cast<std::int64_t>(below(kDayLength)),
            .stage = std::string{to_string(type.stage)},
            .type = std::string{type.name},
            .user = std::string{kUsers[below(kUsers.size())]},
            .country = std::string{kCountries[below(kCountries.size())]},
            .number = static_cast<std::int64_t>(below(100))};
        if (below(2) == 0) {
            row.user = fmt::format("{:08x}-0000-4000-8000-{:012x}", below(1 << 30), below(1 << 30));
        }
        if (source == kFacebook) {
            row.city = fmt::format("city {}", below(20));
            row.gender = std::string{facebook::kGenders[below(facebook::kGenders.size())]};
            row.campaign = std::string{kCampaigns[below(kCampaigns.size())]};
        } else if (below(2) == 0) {
            row.country.clear();
        }
        if (below(2) == 0) row.device = "mobile";
        if (type.has_revenue && below(4) != 0) {
            row.cents = static_cast<std::int64_t>(below(99'999'999'999'999));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

postgres::Options KeeperTest::options(const std::string& url) {
    return {.url = config::Secret{url}, .application_name = "keeper-test", .connect_timeout = 30s};
}

KeeperTest::KeeperTest() : url_{postgres_cluster().make_database()} {
    const logging::Logger silent{
        "test",
        {},
        std::make_shared<spdlog::logger>("null", std::make_shared<spdlog::sinks::null_sink_mt>())};
    postgres::Connection connection{options(), {}};
    postgres::migrate(connection, postgres::embedded_migrations(), silent);
    for (const auto* source : {"facebook", "tiktok"}) {
        query(
            fmt::format("SELECT add_partition('{0}', '{0}_day', '2026-03-01 00:00:00+00', "
                        "'2026-03-02 00:00:00+00')",
                        source));
    }
}

std::string KeeperTest::query(const std::string& sql) const {
    return test::query(url_, "SET search_path = events, public; " + sql);
}

postgres::Oid KeeperTest::oid(const std::string& table) const {
    return static_cast<postgres::Oid>(std::stoul(query("SELECT '" + table + "'::regclass::oid")));
}

std::string KeeperTest::insert(const std::string& table, const std::vector<SampleRow>& rows) {
    const auto* columns = rows.front().source == kFacebook
                              ? "age, gender, country, city, campaign_id, device, purchase_amount"
                              : "followers, device, country, purchase_amount";
    auto sql = fmt::format(
        "INSERT INTO {} (event_id, occurred_at, received_at, funnel_stage, event_type, user_id, "
        "{}, "
        "{}) VALUES ",
        table, rows.front().source == kFacebook ? "name" : "username", columns);
    for (std::size_t i = 0; i < rows.size(); ++i) sql += (i == 0 ? "" : ", ") + rows[i].sql();
    return sql;
}

void KeeperTest::collect(const std::string& partition, const std::vector<SampleRow>& rows) const {
    std::vector<segments::Record> records;
    for (const auto& row : rows) records.push_back(row.record());
    const auto source = rows.front().source;
    const auto segment = segments::encode(source, records, {}).value();
    const postgres::SegmentShare share{.partition = oid(partition),
                                       .share = segment.shares.front()};
    postgres::Connection connection{options(), {}};
    connection.transact([&](pqxx::work& work) {
        work.exec("SET LOCAL events.counted = 'on'");
        work.exec(insert(partition, rows));
        ASSERT_TRUE(
            postgres::store_segment(work, source, 0, {&segment.bytes, 1}, {&share, 1}, true));
    });
}

Content KeeperTest::rows(pqxx::transaction_base& work, Source source,
                         const std::string& partition) {
    Content content;
    add_rows(work, rows_query(source, partition, "1"), content);
    return content;
}

Content KeeperTest::segments(pqxx::transaction_base& work, postgres::Oid partition) {
    Content content;
    std::vector<std::int64_t> ids;
    for (const auto& row :
         work.exec(fmt::format("SELECT id FROM segments WHERE partition = {}", partition))) {
        ids.push_back(row[0].as<std::int64_t>());
    }
    for (const auto& stored : postgres::read_segments(work, ids)) {
        std::uint64_t own = 0;
        for (int part = 0; part < stored.parts; ++part) {
            const auto segment = segments::Segment::decode(segments::blob_of(postgres::read_part(
                                                               work, stored.blob, part)))
                                     .value();
            for (std::size_t row = 0; row < segment.rows(); ++row) {
                std::int64_t time = 0;
                segment.read_times(row, {&time, 1});
                if (!stored.share.times.has(time)) continue;
                content[text_of(segment, row)] += sign_of(segment, row);
                ++own;
            }
        }
        EXPECT_EQ(own, stored.share.rows);
    }
    const auto changes = [&](Source source) {
        return rows_query(source,
                          fmt::format("event_changes WHERE partition = {} AND source = '{}'",
                                      partition, source.name()),
                          "CASE WHEN taken_back THEN -1 ELSE 1 END");
    };
    for (const auto source : {kFacebook, kTikTok}) {
        add_rows(work, changes(source), content);
    }
    std::erase_if(content, [](const auto& entry) { return entry.second == 0; });
    return content;
}

int KeeperTest::expect_exact(pqxx::transaction_base& work) {
    int built = 0;
    for (const auto& state : postgres::read_partitions(work)) {
        if (!state.is_built) continue;
        ++built;
        const auto name =
            work.exec(fmt::format("SELECT {}::oid::regclass::text", state.partition))[0][0]
                .as<std::string>();
        EXPECT_EQ(segments(work, state.partition), rows(work, state.source, name)) << name;
    }
    return built;
}

int KeeperTest::expect_exact() const {
    postgres::Connection connection{options(), {}};
    return connection.read([](auto& work) { return expect_exact(work); });
}

bool KeeperTest::is_built(const std::string& table) const {
    return query(fmt::format("SELECT coalesce(bool_and(is_built), false) FROM partition_states "
                             "WHERE partition = to_regclass('{}')",
                             table)) == "t";
}

int KeeperTest::count(const std::string& from) const {
    return std::stoi(query("SELECT count(*) FROM " + from));
}

}  // namespace events::test
