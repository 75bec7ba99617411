#include "publisher/event_layout.hpp"

#include <cstddef>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace events::publisher {
namespace {

using Fields = std::vector<const FieldSpec*>;

class LayoutBuilder {
  public:
    /// Adds the fields of one object, whose paths are the same for their first `length` bytes.
    void add(const Fields& fields, std::size_t length, bool first) {
        std::unordered_set<std::string_view> done;
        for (const auto* field : fields) {
            const auto path = field->path.substr(length);
            const auto name = path.substr(0, path.find('.'));
            if (!done.insert(name).second)
                continue;  // an object that was added with all its fields
            before_ += first ? "\"" : ",\"";
            before_ += name;
            before_ += "\":";
            first = false;
            if (name.size() == path.size()) {
                layout_.parts.push_back({std::exchange(before_, {}), field});
                continue;
            }
            before_ += '{';
            const auto prefix = field->path.substr(0, length + name.size() + 1);
            add(those_below(prefix, fields), prefix.size(), true);
            before_ += '}';
        }
    }

    EventLayout finish() {
        layout_.end = std::move(before_);
        return std::move(layout_);
    }

  private:
    static Fields those_below(std::string_view prefix, const Fields& fields) {
        Fields below;
        for (const auto* field : fields) {
            if (field->path.starts_with(prefix)) below.push_back(field);
        }
        return below;
    }

    EventLayout layout_;
    std::string before_;
};

template <typename Belongs>
EventLayout layout_of(Source source, std::string_view object, bool first, Belongs belongs) {
    Fields fields;
    for (const auto& field : source.fields()) {
        if (field.path.starts_with(object) && belongs(field)) fields.push_back(&field);
    }
    LayoutBuilder builder;
    builder.add(fields, object.size(), first);
    return builder.finish();
}

}  // namespace

EventLayout user_layout(Source source, const FieldSpec* omitted) {
    return layout_of(source, "user.", false,
                     [omitted](const FieldSpec& field) { return &field != omitted; });
}

EventLayout engagement_layout(Source source, FunnelStage stage) {
    return layout_of(source, "engagement.", true,
                     [stage](const FieldSpec& field) { return field.is_in(stage); });
}

const SourceLayouts& layouts_of(Source source) {
    static const auto kLayouts = [] {
        BySource<SourceLayouts> layouts;
        for (const auto each : sources()) {
            layouts[each] = {user_layout(each), engagement_layout(each, FunnelStage::top),
                             engagement_layout(each, FunnelStage::bottom)};
        }
        return layouts;
    }();
    return kLayouts[source];
}

}  // namespace events::publisher
