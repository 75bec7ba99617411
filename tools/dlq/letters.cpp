#include "dlq/letters.hpp"

#include "common/nats/topology.hpp"

#include <algorithm>
#include <vector>

namespace events::dlq {
namespace {

/// Letters of a portion that is read backwards; each is larger than the one before.
constexpr std::uint64_t kFirstPortion = 256;
constexpr std::uint64_t kLargestPortion = 8'192;

}  // namespace

LetterReader::LetterReader(nats::Connection& connection, const Filter& filter, Parts parts,
                           SequenceRange range)
    : filter_{filter} {
    if (range.first > range.last) return;
    reader_ = std::make_unique<nats::StreamReader>(
        connection, nats::kDeadLetterStream,
        nats::ReadRange{.subject = filter.subject,
                        .first = range.first,
                        .last = range.last,
                        .headers_only = parts == Parts::headers});
    // The broker counts to the stream's end.
    total_ = std::min(reader_->found(), range.last - range.first + 1);
}

std::optional<Letter> LetterReader::next() {
    while (reader_) {
        const auto message = reader_->next();
        if (!message) break;
        ++looked_at_;
        auto letter = letter_of(*message);
        if (filter_.matches(letter)) return letter;
    }
    return std::nullopt;
}

nats::StreamInfo Letters::info() {
    return jetstream_.stream_info(nats::kDeadLetterStream).value_or(nats::StreamInfo{});
}

SequenceRange Letters::bounds(const Filter& filter) {
    const auto stream = info();
    if (stream.messages == 0) return {1, 0};
    const auto wanted = filter.span();
    return {std::max(wanted.first, stream.first_sequence),
            std::min(wanted.last, stream.last_sequence)};
}

LetterReader Letters::read(const Filter& filter, Parts parts) {
    return {connection_, filter, parts, bounds(filter)};
}

void Letters::read_backwards(const Filter& filter, Parts parts,
                             const std::function<bool(const Letter&)>& use) {
    auto [first, last] = bounds(filter);
    auto size = kFirstPortion;
    while (first <= last && !interrupted()) {
        const auto begin = last - first < size ? first : last - size + 1;
        LetterReader reader{connection_, filter, parts, {begin, last}};
        std::vector<Letter> portion;
        while (auto letter = reader.next()) portion.push_back(std::move(*letter));
        if (!std::all_of(portion.rbegin(), portion.rend(), std::cref(use))) return;
        last = begin - 1;
        size = std::min(2 * size, kLargestPortion);
    }
}

bool Letters::remove(std::uint64_t sequence) {
    return jetstream_.delete_message(nats::kDeadLetterStream, sequence);
}

std::uint64_t Letters::remove_until(std::uint64_t last) {
    return jetstream_.purge_stream(nats::kDeadLetterStream, last);
}

}  // namespace events::dlq
