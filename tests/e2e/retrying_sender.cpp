#include "retrying_sender.hpp"

#include "load.hpp"

namespace events::test {

RetryingSender::RetryingSender(Stack& stack, std::uint64_t seed)
    : stack_{stack},
      generator_{{.seed = seed,
                  .start_time = recently(),
                  .min_events = 200,
                  .max_events = 600,
                  .invalid_ratio = 0.0}},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

publisher::Figures RetryingSender::finish() {
    thread_.request_stop();
    thread_.join();
    return expected_;
}

void RetryingSender::run(const std::stop_token& stop) {
    using namespace std::chrono_literals;
    auto client = stack_.new_client("gateway");
    while (!stop.stop_requested()) {
        const auto batch = generator_.next_batch();
        bool stored = false;
        while (!stored) {
            const auto response = client.send({.method = "POST",
                                               .target = "/events",
                                               .content_type = "application/json",
                                               .body = batch->body,
                                               .headers = {}},
                                              30s);
            stored = response && (response->status == 201 || response->status == 202);
        }
        expected_ += batch->stored;
        ++posts_;
    }
}

}  // namespace events::test
