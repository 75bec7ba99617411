#include "load_client.hpp"

#include "e2e/load.hpp"
#include "support/await.hpp"
#include "support/sample_events.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace events::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kDeadline = 30s;
constexpr auto kBetweenPosts = 60ms;
constexpr auto kBetweenAttempts = 100ms;
constexpr std::uint64_t kInvalidEvery = 5;  // POSTs

bool is_acknowledgement(unsigned status) {
    return status == 201 || status == 202;
}

}  // namespace

LoadClient::LoadClient(LoadOptions options, Ledger& ledger)
    : options_{std::move(options)},
      ledger_{ledger},
      generator_{{.seed = options_.seed,
                  .start_time = recently(),
                  .interval = 700ms,
                  .min_events = 10,
                  .max_events = 110,
                  .invalid_ratio = 0.0}},
      client_{"127.0.0.1", options_.gateway_port},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void LoadClient::finish() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void LoadClient::pause() {
    paused_ = true;
    if (!await([this] { return idle_.load(); })) {
        throw std::runtime_error{"a client waits for its acknowledgement for too long"};
    }
}

void LoadClient::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        idle_ = paused_.load();
        if (!idle_) {
            const auto post = next_post();
            // A client that retries never leaves a POST behind, as a webhook platform.
            while (!send(post) && options_.retries) std::this_thread::sleep_for(kBetweenAttempts);
            ++posts_;
        }
        std::this_thread::sleep_for(kBetweenPosts);
    }
}

LoadClient::Post LoadClient::next_post() {
    const auto batch = generator_.next_batch();
    Post post{.body = batch->body, .ids = {}, .saved = batch->events(), .failed = 0};
    for (std::size_t i = 0; i < batch->events(); ++i) {
        post.ids.emplace_back(batch->event_id(i));
        ledger_.sending(post.ids.back(), Fate::stored);
    }
    const auto add = [&](const std::string& id, Fate fate, const std::string& event) {
        post.body.back() = ',';  // for the array's end
        post.body += event + "]";
        post.ids.push_back(id);
        ledger_.sending(id, fate);
        ++(fate == Fate::rejected ? post.failed : post.saved);
    };
    ++made_;
    if (made_ % kInvalidEvery == 0) {
        const auto id = fmt::format("bad-{}-{}", options_.name, made_);
        add(id, Fate::rejected, tiktok_top(id, "yesterday"));
    }
    return post;
}

bool LoadClient::send(const Post& post) {
    const auto response = client_.send({.method = "POST",
                                        .target = "/events",
                                        .content_type = "application/json",
                                        .body = post.body,
                                        .headers = {}},
                                       kDeadline);
    if (!response) return false;
    if (is_acknowledgement(response->status)) {
        ledger_.acknowledged(post.ids);
        check_answer(post, *response);
        return true;
    }
    if (response->status != 503) {
        ledger_.wrong(fmt::format("POST answered {}: {}", response->status, response->body));
    }
    return false;
}

void LoadClient::check_answer(const Post& post, const http::ClientResponse& response) {
    const auto answer = nlohmann::json::parse(response.body, nullptr, false);
    if (!answer.is_object() || answer.value("saved", std::uint64_t{0}) != post.saved ||
        answer.value("failed", std::uint64_t{0}) != post.failed) {
        ledger_.wrong(fmt::format("{} saved and {} failed were expected: {}", post.saved,
                                  post.failed, response.body));
    }
}

}  // namespace events::test
