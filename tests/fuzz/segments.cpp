// A column segment, which a disk or another program may have changed, and any events and questions
// against a recount.

#include "common/segments/crc32c.hpp"
#include "common/segments/format.hpp"
#include "common/segments/merge.hpp"
#include "target.hpp"
#include "unit/segments/recount.hpp"

#include <algorithm>
#include <cstring>

namespace events::fuzz {
namespace {

using namespace segments;

/// Makes the checksums right, so that what lies behind them is met.
void repair(std::vector<std::byte>& bytes) {
    format::Header header{};
    if (bytes.size() < sizeof header) return;
    std::memcpy(&header, bytes.data(), sizeof header);
    header.magic = format::kMagic;
    header.size = bytes.size();
    const auto room = (bytes.size() - sizeof header) / sizeof(format::ColumnEntry);
    header.columns = static_cast<std::uint32_t>(std::min<std::size_t>(header.columns, room));
    for (std::size_t i = 0; i < header.columns; ++i) {
        format::ColumnEntry entry{};
        auto* place = bytes.data() + sizeof header + i * sizeof entry;
        std::memcpy(&entry, place, sizeof entry);
        if (entry.offset > bytes.size() || entry.length > bytes.size() - entry.offset) continue;
        entry.crc = crc32c(std::span{bytes}.subspan(entry.offset, entry.length));
        std::memcpy(place, &entry, sizeof entry);
    }
    std::memcpy(bytes.data(), &header, sizeof header);
    const auto front = sizeof header + header.columns * sizeof(format::ColumnEntry);
    header.crc = crc32c(std::span{bytes}.first(front).subspan(offsetof(format::Header, columns)));
    std::memcpy(bytes.data(), &header, sizeof header);
}

/// Whatever the bytes are: they are refused, or every use of them stays within them.
void use(std::vector<std::byte> bytes, Dice& dice) {
    const auto segment = Segment::decode(blob_of(std::move(bytes)));
    if (!segment) {
        require(!segment.error().empty(), "a refusal says why");
        return;
    }
    const std::vector<ScanInput> input{scan_input(*segment)};
    std::vector<ScanInput> parts;
    Merge merge{segment->source(), {input_of(*segment)}, {.rows_per_part = 1 + dice.below(50)}};
    while (auto part = merge.next()) parts.push_back(scan_input(decoded(std::move(part->bytes))));
    for (int i = 0; i < 6; ++i) {
        const auto question = random_question(dice);
        require(scan(question, input, {}) == scan(question, parts, {.threads = 2}),
                "a merge changes no figure");
    }
}

std::vector<segments::Sample> random_samples(Dice& dice) {
    const auto source = dice.of(sources());
    std::vector<segments::Sample> samples;
    for (auto count = 1 + dice.below(40); count > 0; --count) {
        samples.push_back(random_sample(dice, source));
        samples.back().taken_back = dice.one_in(8);
    }
    return samples;
}

/// The first byte says what the others are: a segment, a segment but for its checksums, changes of
/// a good one, or the numbers that events and a question are made of.
void check(std::string_view text) {
    if (text.empty()) return;
    const auto kind = static_cast<unsigned char>(text.front()) % 4;
    text.remove_prefix(1);
    std::uint64_t seed = 0;
    std::memcpy(&seed, text.data(), std::min(text.size(), sizeof seed));
    Dice dice{seed};
    const auto raw = std::as_bytes(std::span{text});
    std::vector<std::byte> bytes{raw.begin(), raw.end()};
    if (kind == 0) return use(std::move(bytes), dice);
    if (kind == 1) {
        repair(bytes);
        return use(std::move(bytes), dice);
    }
    const auto samples = random_samples(dice);
    const auto segment = encode(samples.front().source, records_of(samples), {seed, 7});
    if (!segment) return;
    if (kind == 2) {
        auto changed = segment->bytes;
        for (std::size_t i = sizeof seed; i + 3 <= bytes.size(); i += 3) {
            const auto place = std::to_integer<std::size_t>(bytes[i]) << 8 |
                               std::to_integer<std::size_t>(bytes[i + 1]);
            changed[place % changed.size()] = bytes[i + 2];
        }
        repair(changed);
        return use(std::move(changed), dice);
    }
    auto run = scan_input(decoded(segment->bytes));
    run.info.has_sums = true;
    run.sums = &segment->shares.front().sums;
    const auto question = random_question(dice);
    require(scan(question, std::span{&run, 1}, {}) == recount(question, samples),
            "figures are a recount's");
}

}  // namespace
}  // namespace events::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    events::fuzz::check(events::fuzz::text_of(data, size));
    return 0;
}
