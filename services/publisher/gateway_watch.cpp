#include "publisher/gateway_watch.hpp"

#include "common/retry/pause.hpp"

#include <fmt/format.h>

#include <utility>

namespace events::publisher {

GatewayWatch::GatewayWatch(const http::Endpoint& endpoint, health::Indicator& indicator,
                           logging::Logger log, const WatchTiming& timing)
    : indicator_{indicator}, log_{std::move(log)}, timing_{timing} {
    thread_ = std::jthread{[this, endpoint](const std::stop_token& stop) {
        http::Client client{endpoint.host, endpoint.port};
        do {
            if (is_due()) look(client);
        } while (retry::pause(timing_.while_down, stop));
    }};
}

GatewayWatch::~GatewayWatch() = default;

void GatewayWatch::look(http::Client& client) {
    http::ClientRequest request;
    request.target = "/liveness";
    const auto response = client.send(request, timing_.deadline);
    const std::lock_guard lock{mutex_};
    // A POST that began meanwhile knows better.
    if (in_flight_ > 0 && indicator_.is_up()) return;
    if (!response) {
        set_down(response.error().message);
    } else if (response->status >= 500) {
        set_down(fmt::format("answers /liveness with {}", response->status));
    } else if (!refusing_) {
        set_up();
    }
}

bool GatewayWatch::is_due() const {
    const std::lock_guard lock{mutex_};
    if (!indicator_.is_up()) return true;
    return in_flight_ == 0 && Clock::now() - last_answer_ >= timing_.after_silence;
}

void GatewayWatch::posting() {
    const std::lock_guard lock{mutex_};
    ++in_flight_;
}

void GatewayWatch::answered(unsigned status) {
    const std::lock_guard lock{mutex_};
    --in_flight_;
    refusing_ = status >= 500;
    if (refusing_) {
        set_down(fmt::format("answers events with {}", status));
    } else {
        set_up();
    }
}

void GatewayWatch::unanswered(std::string_view reason) {
    const std::lock_guard lock{mutex_};
    --in_flight_;
    refusing_ = false;
    set_down(reason);
}

bool GatewayWatch::wait_for_first_answer(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    return first_answer_.wait(lock, stop, [this] { return answered_once_; });
}

void GatewayWatch::set_up() {
    last_answer_ = Clock::now();
    if (!indicator_.is_up()) log_.info("the gateway answers");
    reported_down_ = false;
    indicator_.up();
    answered_once_ = true;
    first_answer_.notify_all();
}

void GatewayWatch::set_down(std::string_view reason) {
    indicator_.down(reason);
    if (!std::exchange(reported_down_, true)) {
        log_.warn("the gateway does not take events", {{"err", reason}});
    }
}

}  // namespace events::publisher
