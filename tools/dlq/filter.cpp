#include "dlq/filter.hpp"

#include <algorithm>
#include <charconv>

namespace events::dlq {
namespace {

constexpr auto kLast = std::numeric_limits<std::uint64_t>::max();

std::optional<std::uint64_t> parse_sequence(std::string_view text) {
    std::uint64_t sequence = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, sequence);
    if (error != std::errc{} || rest != end || sequence == 0) return std::nullopt;
    return sequence;
}

std::optional<SequenceRange> parse_range(std::string_view text) {
    const auto dash = text.find('-');
    const auto first = parse_sequence(text.substr(0, dash));
    if (!first) return std::nullopt;
    if (dash == std::string_view::npos) return SequenceRange{*first, *first};
    const auto end = text.substr(dash + 1);
    const auto last = end.empty() ? std::optional{kLast} : parse_sequence(end);
    if (!last || *last < *first) return std::nullopt;
    return SequenceRange{*first, *last};
}

}  // namespace

std::optional<std::vector<SequenceRange>> parse_sequences(std::string_view text) {
    std::vector<SequenceRange> ranges;
    while (true) {
        const auto comma = text.find(',');
        const auto range = parse_range(text.substr(0, comma));
        if (!range) return std::nullopt;
        ranges.push_back(*range);
        if (comma == std::string_view::npos) return ranges;
        text.remove_prefix(comma + 1);
    }
}

bool Filter::matches(const Letter& letter) const {
    const auto holds = [&](const SequenceRange& range) {
        return letter.sequence >= range.first && letter.sequence <= range.last;
    };
    return (codes.empty() || std::ranges::find(codes, letter.code) != codes.end()) &&
           (subject.empty() || letter.subject == subject) &&
           (!since || letter.failed_at >= *since) && (!until || letter.failed_at <= *until) &&
           (!correlation_id || letter.correlation_id == *correlation_id) &&
           (sequences.empty() || std::ranges::any_of(sequences, holds));
}

SequenceRange Filter::span() const noexcept {
    if (sequences.empty()) return {1, kLast};
    SequenceRange span = sequences.front();
    for (const auto& range : sequences) {
        span = {std::min(span.first, range.first), std::max(span.last, range.last)};
    }
    return span;
}

}  // namespace events::dlq
