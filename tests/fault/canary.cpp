#include "canary.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <exception>

namespace events::test {

Canary::Canary(Suite& suite, std::string_view timestamp) : suite_{suite} {
    static std::uint64_t made = 0;
    const auto number = ++made;
    ids_ = {fmt::format("canary-fb-{}", number), fmt::format("canary-ttk-{}", number)};
    for (const auto& id : ids_) suite.ledger().sending(id, Fate::stored);
    body_ = "[" + facebook_top(ids_[0], timestamp) + "," + tiktok_top(ids_[1], timestamp) + "]";
}

bool Canary::post() {
    auto client = suite_.stack().new_client("gateway");
    const auto response = client.send({.method = "POST",
                                       .target = "/events",
                                       .content_type = "application/json",
                                       .body = body_,
                                       .headers = {}},
                                      std::chrono::seconds{20});
    if (!response || response->status != 201) return false;
    suite_.ledger().acknowledged(ids_);
    return true;
}

bool Canary::stored() const {
    try {
        return query(
                   suite_.stack().database(),
                   fmt::format("SELECT (SELECT count(*) FROM facebook_events WHERE event_id = "
                               "'{}') + (SELECT count(*) FROM tiktok_events WHERE event_id = '{}')",
                               facebook_id(), tiktok_id())) == "2";
    } catch (const std::exception&) {
        return false;
    }
}

}  // namespace events::test
