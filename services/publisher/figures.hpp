#pragma once

#include "common/events/event.hpp"
#include "common/events/money.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace events::publisher {

/// How many events of each type there are, and the revenue in them: what the reports have to say.
/// A value type.
class Figures {
  public:
    /// `revenue` is the amount of a revenue event; nothing for every other event.
    void add(const EventType& type, std::optional<Cents> revenue) {
        ++by_type_[static_cast<std::size_t>(&type - event_types().data())];
        if (!revenue) return;
        auto& source = revenue_[type.source];
        source.cents += static_cast<std::int64_t>(*revenue);
        ++source.transactions;
    }

    Figures& operator+=(const Figures& other) {
        for (std::size_t i = 0; i < by_type_.size(); ++i) by_type_[i] += other.by_type_[i];
        for (const auto source : sources()) {
            revenue_[source].cents += other.revenue_[source].cents;
            revenue_[source].transactions += other.revenue_[source].transactions;
        }
        return *this;
    }

    /// The number of events that match; what is not given matches all.
    [[nodiscard]] std::uint64_t events(
        std::optional<Source> source = std::nullopt,
        std::optional<FunnelStage> stage = std::nullopt,
        std::optional<std::string_view> type_name = std::nullopt) const {
        std::uint64_t count = 0;
        for (std::size_t i = 0; i < by_type_.size(); ++i) {
            const auto& type = event_types()[i];
            if (source && type.source != *source) continue;
            if (stage && type.stage != *stage) continue;
            if (type_name && type.name != *type_name) continue;
            count += by_type_[i];
        }
        return count;
    }

    /// The sum of the revenue events' amounts.
    [[nodiscard]] Cents revenue(Source source) const noexcept {
        return Cents{revenue_[source].cents};
    }

    /// How many events of types with revenue have an amount.
    [[nodiscard]] std::uint64_t transactions(Source source) const noexcept {
        return revenue_[source].transactions;
    }

    friend bool operator==(const Figures&, const Figures&) = default;

  private:
    struct Revenue {
        std::int64_t cents = 0;
        std::uint64_t transactions = 0;
        friend bool operator==(const Revenue&, const Revenue&) = default;
    };

    std::vector<std::uint64_t> by_type_ = std::vector<std::uint64_t>(event_types().size());
    BySource<Revenue> revenue_;
};

}  // namespace events::publisher
