#include "dlq/replay_batch.hpp"

#include <future>
#include <memory>
#include <utility>

namespace events::dlq {
namespace {

constexpr std::size_t kMaxMessages = 256;
constexpr std::size_t kMaxBytes = std::size_t{4} << 20;

}  // namespace

void ReplayBatch::add(const Letter& letter, const Plan& plan) {
    entries_.push_back({letter.sequence, plan.events.size(), messages_of(letter, plan)});
    messages_ += entries_.back().messages.size();
    for (const auto& message : entries_.back().messages) bytes_ += message.payload.size();
}

bool ReplayBatch::is_full() const noexcept {
    return messages_ >= kMaxMessages || bytes_ >= kMaxBytes;
}

std::vector<Replayed> ReplayBatch::send() {
    std::vector<Replayed> results;
    if (entries_.empty()) return results;
    const auto outcomes = publish();
    std::size_t at = 0;
    for (const auto& entry : entries_) {
        auto result = judge(entry, &outcomes.at(at));
        at += entry.messages.size();
        // One that is gone by now was settled by somebody else: as good.
        if (result.settled) letters_.remove(entry.sequence);
        results.push_back(std::move(result));
    }
    entries_.clear();
    messages_ = 0;
    bytes_ = 0;
    return results;
}

nats::PublishOutcomes ReplayBatch::publish() {
    // Shared: the publisher's thread may still be inside set_value() when get() returns.
    const auto answered = std::make_shared<std::promise<nats::PublishOutcomes>>();
    auto outcomes = answered->get_future();
    auto batch = publisher_.start(
        [answered](nats::PublishOutcomes all) { answered->set_value(std::move(all)); });
    for (const auto& entry : entries_) {
        for (const auto& message : entry.messages) {
            publisher_.wait_for_room();
            batch.add(message.subject, message.headers, message.payload);
        }
    }
    batch.finish();
    return outcomes.get();
}

Replayed ReplayBatch::judge(const Entry& entry, const nats::PublishOutcome* outcomes) {
    Replayed result{.sequence = entry.sequence, .settled = true};
    for (std::size_t i = 0; i < entry.messages.size(); ++i) {
        const auto& outcome = outcomes[i];
        const bool is_event = i < entry.events;
        if (!outcome.durable()) {
            result.settled = false;
            result.unreachable |= outcome.status == nats::PublishStatus::unreachable;
            result.why = outcome.error;
        } else if (!is_event) {
            ++result.leftovers;
        } else {
            ++result.events;
            if (outcome.status == nats::PublishStatus::duplicate) ++result.known;
        }
    }
    return result;
}

}  // namespace events::dlq
