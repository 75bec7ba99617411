#pragma once

#include "common/segments/encode.hpp"
#include "common/segments/segment.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

namespace events::segments {

/// Gives the parts of one input, one a call and nothing behind the last: segments of the merge's
/// source whose rows go on in a segment's order from one part to the next, as an earlier merge
/// made them. A single segment is an input of one part.
using NextPart = std::function<std::optional<Segment>()>;

/// The events of some parts that lie in a window: a segment of several days is merged once for each
/// of them, beside others with other windows.
struct MergeInput {
    NextPart next;
    TimeRange window{};
};

[[nodiscard]] MergeInput input_of(Segment segment, TimeRange window = {});

struct MergeOptions {
    TimeRange window{};  ///< for all inputs, beside their own
    /// About how many a part gets; fewer, where its texts are long.
    std::size_t rows_per_part = 262'144;
    Seed seed{};
};

/// Merges segments into one that is cut into parts, of which each is a segment of its own. Rows
/// that cancel each other are left out of both.
///
/// It holds one part of each input and the one it makes, whatever their number. The same events
/// give the same bytes, whatever their order and the seed, except where a part ends.
///
/// One thread. Failure: what the inputs throw; std::length_error beyond the format's limits.
class Merge {
  public:
    Merge(Source source, std::vector<MergeInput> inputs, const MergeOptions& options);
    ~Merge();

    /// The next part; nothing behind the last.
    [[nodiscard]] std::optional<NewSegment> next();

    /// The share of all parts that next() has given: what stands in the catalogue for them.
    [[nodiscard]] const Share& share() const noexcept;

  private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace events::segments
