#pragma once

#include "common/events/event.hpp"
#include "common/events/money.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace events::publisher {

/// How many events of each type there are, and the revenue in them: what the reports have to say.
/// A value type.
class Figures {
  public:
    /// `revenue` is the amount of a revenue event; nothing for every other event.
    constexpr void add(const EventType& type, std::optional<Cents> revenue) noexcept {
        ++by_type_[static_cast<std::size_t>(&type - kEventTypes.data())];
        if (!revenue) return;
        auto& source = revenue_[static_cast<std::size_t>(type.source)];
        source.cents += static_cast<std::int64_t>(*revenue);
        ++source.transactions;
    }

    constexpr Figures& operator+=(const Figures& other) noexcept {
        for (std::size_t i = 0; i < by_type_.size(); ++i) by_type_[i] += other.by_type_[i];
        for (std::size_t i = 0; i < revenue_.size(); ++i) {
            revenue_[i].cents += other.revenue_[i].cents;
            revenue_[i].transactions += other.revenue_[i].transactions;
        }
        return *this;
    }

    /// The number of events that match; what is not given matches all.
    [[nodiscard]] constexpr std::uint64_t events(
        std::optional<Source> source = std::nullopt,
        std::optional<FunnelStage> stage = std::nullopt,
        std::optional<std::string_view> type_name = std::nullopt) const noexcept {
        std::uint64_t count = 0;
        for (std::size_t i = 0; i < by_type_.size(); ++i) {
            const auto& type = kEventTypes[i];
            if (source && type.source != *source) continue;
            if (stage && type.stage != *stage) continue;
            if (type_name && type.name != *type_name) continue;
            count += by_type_[i];
        }
        return count;
    }

    /// The sum of the revenue events' amounts.
    [[nodiscard]] constexpr Cents revenue(Source source) const noexcept {
        return Cents{revenue_[static_cast<std::size_t>(source)].cents};
    }

    /// How many revenue events there are: checkout.complete or purchase with an amount.
    [[nodiscard]] constexpr std::uint64_t transactions(Source source) const noexcept {
        return revenue_[static_cast<std::size_t>(source)].transactions;
    }

    friend constexpr bool operator==(const Figures&, const Figures&) = default;

  private:
    struct Revenue {
        std::int64_t cents = 0;
        std::uint64_t transactions = 0;
        friend constexpr bool operator==(const Revenue&, const Revenue&) = default;
    };

    std::array<std::uint64_t, kEventTypes.size()> by_type_{};
    std::array<Revenue, kSources.size()> revenue_{};
};

}  // namespace events::publisher
