#include "support/segment_recount.hpp"

#include "common/segments/segment.hpp"
#include "common/sources/tiktok.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <cstddef>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace events::test {
namespace {

using segments::Column;

constexpr auto kMicroseconds = "(extract(epoch FROM {}) * 1000000)::bigint";

/// Events in words, or hours with a stage and type, and how many of them: rows count +1, what
/// segments and changes say -1.
using Counts = std::map<std::string, std::int64_t>;

std::string text_of(const pqxx::field& field) {
    return field.is_null() ? "-" : "'" + field.as<std::string>() + "'";
}

std::string event_text(std::string_view partition, std::int64_t time, segments::UserKey user) {
    return fmt::format("{} {} {}{:016x}{:016x}", partition, time, user.hashed ? "h" : "", user.high,
                       user.low);
}

/// The columns of columns_of(), of rows and of changes alike.
std::string select_list(Source source) {
    constexpr auto kRevenue =
        "CASE WHEN event_type = '{}' THEN (purchase_amount * 100)::bigint END";
    if (source == kTikTok) {
        return "funnel_stage, event_type, country, device, followers, " +
               fmt::format(kRevenue, "purchase");
    }
    return "funnel_stage, event_type, campaign_id, country, city, gender, device, age, " +
           fmt::format(kRevenue, "checkout.complete");
}

class Recounting {
  public:
    explicit Recounting(pqxx::transaction_base& transaction) : transaction_{transaction} {}

    Recount run() {
        for (const auto& row : transaction_.exec("SELECT source, partition, is_built, "
                                                 "partition::regclass FROM partition_states")) {
            if (!row[2].as<bool>()) {
                ++found_.unbuilt;
                continue;
            }
            ++found_.built;
            const auto source = find_source(row[0].as<std::string>()).value();
            add_rows(source, row[3].as<std::string>());
            add_changes(source, row[1].as<std::string>(), row[3].as<std::string>());
            add_segments(source, row[1].as<std::string>(), row[3].as<std::string>());
        }
        describe("event", events_);
        describe("sum", sums_);
        return found_;
    }

  private:
    void add_records(Source source, const std::string& partition, const std::string& from,
                     int per_row, std::int64_t& total) {
        for (const auto& row : transaction_.exec(fmt::format(
                 "SELECT {}, user_id, {}, {}", fmt::format(kMicroseconds, "occurred_at"),
                 select_list(source), from))) {
            const auto time = row[0].as<std::int64_t>();
            auto text = event_text(partition, time, segments::user_key(row[1].as<std::string>()));
            const auto last = row.size() - 1;
            for (pqxx::row::size_type i = 2; i < last; ++i) text += " " + text_of(row[i]);
            const auto weight = row[last].as<std::int64_t>();
            total += weight;
            events_[text] += per_row * weight;
            add_sum(partition, time, text_of(row[2]), text_of(row[3]), per_row * weight,
                    row[last - 1].is_null() ? std::nullopt
                                            : std::optional{row[last - 1].as<std::int64_t>()});
        }
    }

    void add_rows(Source source, const std::string& partition) {
        add_records(source, partition, "1 FROM " + partition, 1, found_.rows);
    }

    void add_changes(Source source, const std::string& oid, const std::string& partition) {
        add_records(
            source, partition,
            "CASE WHEN taken_back THEN -1 ELSE 1 END FROM event_changes WHERE partition = " + oid,
            -1, found_.in_changes);
    }

    void add_sum(const std::string& partition, std::int64_t time, const std::string& stage,
                 const std::string& type, std::int64_t events, std::optional<std::int64_t> cents) {
        const auto hour = segments::format::floor_div(time, segments::format::kMicrosecondsPerHour);
        const auto key = fmt::format("{} hour {} {} {} ", partition, hour, stage, type);
        sums_[key + "events"] += events;
        if (!cents) return;
        sums_[key + "orders"] += events;
        sums_[key + "cents"] += events * *cents;
    }

    void add_segments(Source source, const std::string& oid, const std::string& partition) {
        for (const auto& row : transaction_.exec(fmt::format(
                 "SELECT id, blob, parts, rows, is_signed, {}, {}, source, bytes FROM segments "
                 "WHERE partition = {}",
                 fmt::format(kMicroseconds, "first_time"), fmt::format(kMicroseconds, "last_time"),
                 oid))) {
            const segments::TimeRange times{row[5].as<std::int64_t>(), row[6].as<std::int64_t>()};
            std::int64_t rows = 0;
            std::int64_t bytes = 0;
            for (int part = 0; part < row[2].as<int>(); ++part) {
                const auto segment = read_part(row[1].as<std::int64_t>(), part);
                if (segment.source() != source) complain("another source's segment", row[0]);
                rows += add_segment(segment, partition, times);
                bytes += static_cast<std::int64_t>(segment.size());
            }
            if (rows != row[3].as<std::int64_t>()) complain("another number of rows", row[0]);
            if (bytes != row[8].as<std::int64_t>()) complain("another number of bytes", row[0]);
            add_sums(row[0].as<std::int64_t>(), partition);
        }
    }

    segments::Segment read_part(std::int64_t blob, int part) {
        const auto row = transaction_.exec_params1(
            "SELECT bytes FROM segment_blobs WHERE id = $1 AND part = $2", blob, part);
        const pqxx::binarystring bytes{row[0]};
        const auto* data = reinterpret_cast<const std::byte*>(bytes.data());  // NOLINT: bytes
        auto segment = segments::Segment::decode(
            segments::blob_of(std::vector<std::byte>{data, data + bytes.size()}));
        if (!segment) throw std::runtime_error{"a segment is broken: " + segment.error()};
        return *segment;
    }

    /// Of its rows those between these times; returns how many.
    std::int64_t add_segment(const segments::Segment& segment, const std::string& partition,
                             const segments::TimeRange& window) {
        std::vector<std::int64_t> times(segment.rows());
        segment.read_times(0, times);
        std::int64_t rows = 0;
        for (std::size_t row = 0; row < segment.rows(); ++row) {
            if (!window.has(times[row])) continue;
            ++rows;
            auto text = event_text(partition, times[row], segment.user(row));
            for (const auto& info : segments::columns_of(segment.source())) {
                text += " " + value_in(segment, info.column, row);
            }
            const auto sign = value_in(segment, Column::sign, row) == "'-1'" ? -1 : 1;
            found_.in_segments += sign;
            events_[text] -= sign;
        }
        return rows;
    }

    static std::string value_in(const segments::Segment& segment, Column column, std::size_t row) {
        const auto* view = segment.find(column);
        if (view == nullptr) return "-";
        std::uint64_t code = 0;
        view->with_codes(row, [&](const auto* codes) { code = *codes; });
        if (code == 0) return "-";
        if (view->is_text) return fmt::format("'{}'", view->dictionary[code]);
        return fmt::format("'{}'", view->number(code));
    }

    /// The sums by hour that stand in the catalogue.
    void add_sums(std::int64_t segment, const std::string& partition) {
        for (const auto& row : transaction_.exec_params(
                 "SELECT extract(epoch FROM hour)::bigint / 3600, stage, type, sums.events, "
                 "sums.orders, (revenue * 100)::bigint FROM segments CROSS JOIN LATERAL "
                 "unnest(hours, funnel_stages, event_types, segments.events, segments.orders, "
                 "revenues) AS sums (hour, stage, type, events, orders, revenue) WHERE id = $1",
                 segment)) {
            const auto key = fmt::format("{} hour {} {} {} ", partition, row[0].as<std::int64_t>(),
                                         text_of(row[1]), text_of(row[2]));
            sums_[key + "events"] -= row[3].as<std::int64_t>();
            if (row[4].as<std::int64_t>() != 0) sums_[key + "orders"] -= row[4].as<std::int64_t>();
            if (row[5].as<std::int64_t>() != 0) sums_[key + "cents"] -= row[5].as<std::int64_t>();
        }
    }

    void complain(std::string_view what, const pqxx::field& segment) {
        found_.difference += fmt::format("segment {}: {}\n", segment.c_str(), what);
    }

    void describe(std::string_view what, const Counts& counts) {
        constexpr std::size_t kEnough = 2'000;
        for (const auto& [text, count] : counts) {
            if (count == 0 || found_.difference.size() > kEnough) continue;
            found_.difference +=
                fmt::format("{} {}: {} more in the {}\n", what, text, count > 0 ? count : -count,
                            count > 0 ? "rows" : "segments and changes");
        }
    }

    pqxx::transaction_base& transaction_;
    Recount found_;
    Counts events_;
    Counts sums_;
};

}  // namespace

Recount recount(const std::string& url) {
    pqxx::connection connection{url};
    pqxx::nontransaction{connection}.exec("SET TimeZone = 'UTC'; SET search_path = events, public");
    pqxx::transaction<pqxx::isolation_level::repeatable_read> transaction{connection};
    return Recounting{transaction}.run();
}

}  // namespace events::test
