#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace events::bench {

/// A body of events as the reference publisher makes them, with what is sent before it. Single-
/// threaded; two messages never have an event or a user in common.
class EventMessage {
  public:
    /// Events of about half a minute ago. `head_of` gets the body's size and gives what stands
    /// before the body.
    template <typename HeadOf>
    EventMessage(std::size_t events, HeadOf&& head_of)
        : EventMessage{make_body(events), std::forward<HeadOf>(head_of)} {}

    explicit EventMessage(std::size_t events)
        : EventMessage{events, [](std::size_t) { return std::string{}; }} {}

    /// Overwrites the end of every event id and user id with numbers that this process never used.
    /// With `users_an_event` nine user ids of ten are one of so many instead, again and again.
    void renew(std::uint64_t users_an_event = 0);

    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] std::size_t events() const noexcept { return places_.size() / 2; }

  private:
    struct Body {
        std::string text;
        std::vector<std::size_t> places;  ///< where a number begins
    };

    [[nodiscard]] static Body make_body(std::size_t events);

    template <typename HeadOf>
    EventMessage(Body body, HeadOf&& head_of)
        : text_{head_of(body.text.size())}, places_{std::move(body.places)} {
        for (auto& place : places_) place += text_.size();
        text_ += body.text;
    }

    std::string text_;
    std::vector<std::size_t> places_;
};

}  // namespace events::bench
