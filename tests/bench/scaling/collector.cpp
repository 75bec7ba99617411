#include "collector.hpp"

namespace events::bench::scaling {

void Collector::arrive(Message message) {
    stream_.push_back(message);
    gather();
}

void Collector::gather() {
    if (reader_ != Reader::waiting && reader_ != Reader::gathering) return;
    while (!stream_.empty() && batch_events_ < setup_.batch_size) {
        const auto next = stream_.front();
        // What would make the batch too large is the first of the next one.
        if (!batch_.empty() && batch_events_ + next.events > setup_.batch_size) return decode();
        if (batch_.empty()) {
            reader_ = Reader::gathering;
            machine_.at(machine_.now() + setup_.batch_wait, [this, batch = ++batches_] {
                if (reader_ == Reader::gathering && batch == batches_) decode();
            });
        }
        stream_.pop_front();
        batch_.push_back(next);
        batch_events_ += next.events;
    }
    if (batch_events_ >= setup_.batch_size) decode();
}

void Collector::decode() {
    reader_ = Reader::decoding;
    const auto& cpu = setup_.cpu;
    const auto messages = static_cast<double>(batch_.size());
    const auto delivering = cpu.deliver * batch_events_ + cpu.deliver_message * messages;
    const auto decoding =
        cpu.collector_batch + cpu.collector_message * messages + cpu.collector * batch_events_;
    machine_.compute(Process::broker, delivering, [this, decoding] {
        machine_.compute(Process::collector, decoding, [this] {
            reader_ = Reader::holding;
            write();
        });
    });
}

void Collector::write() {
    if (writing_ || reader_ != Reader::holding) return;
    writing_ = true;
    auto batch = std::exchange(batch_, {});
    const auto events = std::exchange(batch_events_, 0);
    reader_ = Reader::waiting;
    const auto inserting = setup_.cpu.insert_batch + setup_.cpu.insert * events;
    machine_.compute(Process::database, inserting, [this, batch = std::move(batch)]() mutable {
        machine_.at(machine_.now() + setup_.commit_ms / 1'000, [this, batch = std::move(batch)] {
            stored_(batch);
            writing_ = false;
            write();
        });
    });
    gather();
}

}  // namespace events::bench::scaling
