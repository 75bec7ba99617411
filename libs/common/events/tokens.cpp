#include "common/events/tokens.hpp"

#include <simdjson.h>

#include <algorithm>
#include <new>

namespace events::json {
namespace {

constexpr auto kEmpty = "it is empty";
constexpr std::size_t kSmallestCapacity = std::size_t{64} * 1024;
/// A buffer for longer texts is not kept.
constexpr std::size_t kLargestKeptCapacity = std::size_t{4} * 1024 * 1024;

}  // namespace

struct Tokens::Indexer {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> stages;
};

Tokens::Tokens() : indexer_{std::make_unique<Indexer>()} {}
Tokens::~Tokens() = default;
Tokens::Tokens(Tokens&&) noexcept = default;
Tokens& Tokens::operator=(Tokens&&) noexcept = default;

const char* Tokens::load(std::string_view text) {
    loaded_ = text.data();
    begin_ = 0;
    end_ = text.size();
    count_ = 0;
    if (text.size() > simdjson::SIMDJSON_MAXSIZE_BYTES) return "it is larger than 4 GiB";

    auto& stages = indexer_->stages;
    if (!stages || stages->capacity() < text.size()) {
        stages.reset();  // the old buffer goes before the new one comes
        const auto capacity = std::max(text.size(), kSmallestCapacity);
        // The nesting depth is for simdjson's second stage, which is never run.
        if (simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1,
                                                                                    stages)) {
            stages.reset();
            throw std::bad_alloc{};
        }
    }

    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    switch (stages->stage1(bytes, text.size(), simdjson::stage1_mode::regular)) {
        case simdjson::SUCCESS:
            break;
        case simdjson::EMPTY:
            return kEmpty;
        case simdjson::UTF8_ERROR:
            return "it is not valid UTF-8";
        case simdjson::UNCLOSED_STRING:
            return "a string is not closed";
        case simdjson::UNESCAPED_CHARS:
            return "a string holds a raw control character";
        default:
            return "it is not JSON";
    }
    places_ = stages->structural_indexes.get();
    count_ = stages->n_structural_indexes;
    next_ = places_;
    last_ = places_ + count_;
    return nullptr;
}

const char* Tokens::select(std::string_view line) noexcept {
    begin_ = static_cast<std::size_t>(line.data() - loaded_);
    end_ = begin_ + line.size();
    places_ = std::find_if(next_, last_, [&](std::uint32_t place) { return place >= begin_; });
    const auto most = std::min(line.size(), static_cast<std::size_t>(last_ - places_));
    next_ = std::lower_bound(places_, places_ + most, end_);
    count_ = static_cast<std::size_t>(next_ - places_);
    return count_ > 0 ? nullptr : kEmpty;
}

void Tokens::release_large_buffer() noexcept {
    if (indexer_->stages && indexer_->stages->capacity() > kLargestKeptCapacity) {
        indexer_->stages.reset();
        count_ = 0;
        places_ = next_ = last_ = nullptr;
    }
}

}  // namespace events::json
