#include "common/events/tokens.hpp"

#include <simdjson.h>

#include <algorithm>
#include <new>

namespace events::json {
namespace {

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
    text_ = text;
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
            return "it is empty";
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
    return nullptr;
}

void Tokens::release_large_buffer() noexcept {
    if (indexer_->stages && indexer_->stages->capacity() > kLargestKeptCapacity) {
        indexer_->stages.reset();
        count_ = 0;
        places_ = nullptr;
    }
}

}  // namespace events::json
