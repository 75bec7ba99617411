#pragma once

#include "common/collector/event_table.hpp"

namespace events::fb_collector {

/// The table facebook_events. One thread; failures as EventStore says.
class FacebookStore final : public collector::EventStore {
  public:
    explicit FacebookStore(postgres::Options options);

    std::size_t store(std::span<const collector::StorableEvent> events) override {
        return table_.store(events);
    }
    [[nodiscard]] std::size_t erased() const noexcept override { return table_.erased(); }
    void ping() override { table_.ping(); }

  private:
    collector::EventTable table_;
};

}  // namespace events::fb_collector
