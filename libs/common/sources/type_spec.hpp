#pragma once

#include "common/sources/names.hpp"

#include <cstdint>
#include <string_view>

namespace events {

enum class FunnelStage : std::uint8_t { top, bottom };

inline constexpr Names<FunnelStage, 2> kFunnelStages{
    {{"top", FunnelStage::top}, {"bottom", FunnelStage::bottom}}};

[[nodiscard]] constexpr std::string_view to_string(FunnelStage stage) noexcept {
    return name_in(kFunnelStages, stage);
}

/// A type of a source's events: another source may have one of the same name.
struct TypeSpec {
    std::string_view name;
    FunnelStage stage;
    bool has_revenue = false;  ///< its purchase amount, where not null, counts as revenue
};

}  // namespace events
