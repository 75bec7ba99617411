#include "publisher/event_generator.hpp"

#include "publisher/event_writer.hpp"

#include <algorithm>
#include <numeric>
#include <span>

namespace events::publisher {
namespace {

/// Events that can be repeated. While it is full, one new event in kRememberOneIn takes the place
/// of a random one, so that repeats reach back over several POSTs, not only within their own.
constexpr std::size_t kWindow = 4'096;
constexpr std::uint64_t kRememberOneIn = 8;

/// Room for one event with its comma, a little more than the average.
constexpr std::size_t kTypicalEventBytes = 480;

/// All types, so that each source stands there as often, and of a source each type.
std::vector<const EventType*> fair_types() {
    std::size_t places = 1;
    for (const auto source : sources()) places = std::lcm(places, source.types().size());
    std::vector<const EventType*> types;
    for (const auto& type : event_types()) {
        types.insert(types.end(), places / type.source.types().size(), &type);
    }
    return types;
}

}  // namespace

std::string_view Batch::event(std::size_t index) const noexcept {
    // Behind the '[', or behind the event before this one and its comma.
    const auto begin = index == 0 ? 1 : ends[index - 1] + 1;
    return std::string_view{body}.substr(begin, ends[index] - begin);
}

std::string_view Batch::event_id(std::size_t index) const noexcept {
    constexpr std::string_view kBefore = R"({"eventId":")";
    auto text = event(index);
    if (!text.starts_with(kBefore)) return {};
    text.remove_prefix(kBefore.size());
    return text.substr(0, text.find('"'));
}

EventGenerator::EventGenerator(const GeneratorSettings& settings)
    : settings_{settings}, types_{fair_types()}, random_{settings.seed} {}

std::optional<Batch> EventGenerator::next_batch(std::optional<Timestamp> base) {
    if (settings_.count != 0 && events_ == settings_.count) return std::nullopt;
    auto size =
        static_cast<std::uint64_t>(random_.between(settings_.min_events, settings_.max_events));
    if (settings_.count != 0) size = std::min(size, settings_.count - events_);
    const bool corrupt = random_.chance(settings_.invalid_ratio);

    const std::chrono::microseconds span{settings_.interval};
    const auto number = static_cast<std::int64_t>(batches_);
    const auto begin = base.value_or(settings_.start_time + number * span);

    Batch batch;
    batch.number = batches_++;
    batch.body.reserve(size * kTypicalEventBytes);
    batch.ends.reserve(size);
    for (std::uint64_t i = 0; i < size; ++i) {
        const auto offset =
            span.count() == 0 ? events_ : static_cast<std::uint64_t>(span.count()) * i / size;
        const auto time = begin + std::chrono::microseconds{offset};
        batch.body += i == 0 ? '[' : ',';
        if (corrupt && i + 1 == size) {
            add_new_event(batch, time, random_.pick(kCorruptions));
        } else {
            add_event(batch, time);
        }
        batch.ends.push_back(batch.body.size());
        ++events_;
    }
    batch.body += ']';
    return batch;
}

void EventGenerator::add_event(Batch& batch, Timestamp time) {
    if (!window_.empty() && random_.chance(settings_.duplicate_ratio)) {
        repeat_event(batch);
    } else {
        add_new_event(batch, time, std::nullopt);
    }
}

void EventGenerator::add_new_event(Batch& batch, Timestamp time,
                                   std::optional<Corruption> corruption) {
    const auto& type = *random_.pick(std::span<const EventType* const>{types_});
    const auto begin = batch.body.size();
    const auto revenue = append_event(batch.body, type, moved_back(time), corruption, random_);
    if (corruption) batch.corruption = Batch::CorruptedEvent{*corruption, &type};
    if (corruption && makes_invalid(*corruption)) return;

    batch.valid.add(type, revenue);
    batch.stored.add(type, revenue);
    if (settings_.duplicate_ratio > 0) {
        remember(std::string_view{batch.body}.substr(begin), type, revenue);
    }
}

void EventGenerator::repeat_event(Batch& batch) {
    const auto& earlier = window_[random_.below(window_.size())];
    batch.body += earlier.json;
    batch.valid.add(*earlier.type, earlier.revenue);
    ++batch.duplicates;
}

void EventGenerator::remember(std::string_view json, const EventType& type,
                              std::optional<Cents> revenue) {
    if (window_.size() < kWindow) {
        window_.push_back({std::string{json}, &type, revenue});
    } else if (random_.below(kRememberOneIn) == 0) {
        auto& slot = window_[random_.below(kWindow)];
        slot.json.assign(json);
        slot.type = &type;
        slot.revenue = revenue;
    }
}

Timestamp EventGenerator::moved_back(Timestamp time) {
    if (settings_.out_of_order.count() == 0) return time;
    return time - std::chrono::milliseconds{random_.between(0, settings_.out_of_order.count())};
}

}  // namespace events::publisher
