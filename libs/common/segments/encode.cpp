#include "common/segments/encode.hpp"

#include "common/segments/format.hpp"
#include "common/segments/rows.hpp"

#include <stdexcept>

namespace events::segments {
namespace {

std::int64_t number_of(const std::optional<std::int64_t>& number) {
    if (!number) return format::kNull;
    if (*number == format::kNull) throw std::length_error{"a number is too small for a segment"};
    return *number;
}

Rows rows_of(Source source, std::span<const Record> records, Texts& texts) {
    const auto columns = columns_of(source);
    Rows rows{source};
    rows.users.reserve(records.size());
    rows.times.reserve(records.size());
    rows.signs.reserve(records.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        auto& [ids, numbers] = rows.columns[i];
        columns[i].text != nullptr ? ids.reserve(records.size()) : numbers.reserve(records.size());
    }
    for (const auto& record : records) {
        rows.users.push_back(user_key(record.user_id));
        rows.times.push_back(record.occurred_at.time_since_epoch().count());
        rows.signs.push_back(record.taken_back ? -1 : 1);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const auto& [column, text, number] = columns[i];
            auto& [ids, numbers] = rows.columns[i];
            if (text == nullptr) {
                numbers.push_back(number_of(record.*number));
            } else {
                const auto& value = record.*text;
                ids.push_back(value ? texts[i].id_of(*value) : 0);
            }
        }
    }
    return rows;
}

}  // namespace

std::optional<NewSegment> encode(Source source, std::span<const Record> records, const Seed& seed,
                                 std::span<const std::int64_t> spans) {
    if (records.size() > format::kMaxRows) throw std::length_error{"too many rows for a segment"};
    auto texts = make_texts(source, seed);
    const auto unsorted = rows_of(source, records, texts);
    Rows rows{source};
    rows.append(unsorted, sorted(unsorted, texts));
    if (rows.size() == 0) return std::nullopt;
    return write_segment(rows, texts, spans);
}

}  // namespace events::segments
