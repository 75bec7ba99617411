#pragma once

#include "common/sources/source.hpp"

#include <string>
#include <vector>

namespace events::publisher {

/// The JSON of a source's fields in one object, user or engagement, without their values.
struct EventLayout {
    struct Part {
        std::string before;  ///< what stands before the value, e.g. R"(,"location":{"country":)"
        const FieldSpec* field;
    };

    std::vector<Part> parts;
    std::string end;  ///< closes the objects within the object, but not the object itself
};

/// Of the user's fields but for `omitted`: they stand behind a field, its userId.
[[nodiscard]] EventLayout user_layout(Source source, const FieldSpec* omitted = nullptr);

/// Of the engagement's fields of events of that stage: the first of them is the object's first.
[[nodiscard]] EventLayout engagement_layout(Source source, FunnelStage stage);

/// A source's layouts, made once.
struct SourceLayouts {
    EventLayout user;
    EventLayout top;
    EventLayout bottom;

    [[nodiscard]] const EventLayout& engagement(FunnelStage stage) const noexcept {
        return stage == FunnelStage::top ? top : bottom;
    }
};

/// Thread-safe.
[[nodiscard]] const SourceLayouts& layouts_of(Source source);

}  // namespace events::publisher
