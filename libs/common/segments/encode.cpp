#include "common/segments/encode.hpp"

#include "common/segments/format.hpp"

#include <algorithm>
#include <stdexcept>

namespace events::segments {
namespace {

std::int64_t number_of(const std::optional<std::int64_t>& number) {
    if (!number) return format::kNull;
    if (*number == format::kNull) throw std::length_error{"a number is too small for a segment"};
    return *number;
}

Rows rows_of(Source source, std::span<const Record> records, Texts& texts) {
    Rows rows{source};
    const auto fill = [&](auto& column, auto value_of) {
        column.resize(records.size());
        std::ranges::transform(records, column.begin(), value_of);
    };
    fill(rows.users, [](const Record& record) { return user_key(record.user_id); });
    fill(rows.times, [](const Record& record) -> std::int64_t {
        return record.occurred_at.time_since_epoch().count();
    });
    fill(rows.signs,
         [](const Record& record) { return static_cast<std::int8_t>(record.taken_back ? -1 : 1); });
    const auto columns = columns_of(source);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto& [column, text, number] = columns[i];
        if (text != nullptr) {
            fill(rows.columns[i].ids, [&, member = text](const Record& record) {
                const auto& value = record.*member;
                return value ? texts[i].id_of(*value) : 0;
            });
        } else {
            fill(rows.columns[i].numbers,
                 [member = number](const Record& record) { return number_of(record.*member); });
        }
    }
    return rows;
}

}  // namespace

std::optional<NewSegment> encode(Source source, std::span<const Record> records, const Seed& seed) {
    if (records.size() > format::kMaxRows) throw std::length_error{"too many rows for a segment"};
    auto texts = make_texts(source, seed);
    const auto unsorted = rows_of(source, records, texts);
    Rows rows{source};
    rows.append(unsorted, sorted(unsorted, texts));
    if (rows.size() == 0) return std::nullopt;
    return write_segment(rows, texts);
}

}  // namespace events::segments
