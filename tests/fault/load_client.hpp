#pragma once

#include "common/http/client.hpp"
#include "ledger.hpp"
#include "publisher/event_generator.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace events::test {

struct LoadOptions {
    std::string name;  ///< part of the ids that this client alone sends
    std::uint64_t seed = 1;
    std::uint16_t gateway_port = 0;
    bool retries = false;  ///< repeats each POST until a 2xx, else sends it once, whatever comes
};

/// Posts events all the time, a few hundred a second to some thousand, and writes down what was
/// sent and acknowledged. Now and then a POST holds an invalid event or one that the database
/// refuses. A thread of its own; the ledger must outlive it.
class LoadClient {
  public:
    LoadClient(LoadOptions options, Ledger& ledger);
    /// Ends after the POST in hand, which a client that retries repeats until it is acknowledged.
    ~LoadClient() { finish(); }
    LoadClient(const LoadClient&) = delete;
    LoadClient& operator=(const LoadClient&) = delete;

    void finish();
    /// Sends nothing new until resume(). Returns when no POST is in hand.
    void pause();
    void resume() { paused_ = false; }
    [[nodiscard]] std::uint64_t posts() const noexcept { return posts_; }

  private:
    struct Post {
        std::string body;
        std::vector<std::string> ids;
        std::uint64_t saved = 0;
        std::uint64_t failed = 0;
    };

    void run(const std::stop_token& stop);
    [[nodiscard]] Post next_post();
    /// Whether it was acknowledged.
    bool send(const Post& post);
    void check_answer(const Post& post, const http::ClientResponse& response);

    const LoadOptions options_;
    Ledger& ledger_;
    publisher::EventGenerator generator_;
    http::Client client_;
    std::uint64_t made_ = 0;
    std::atomic<std::uint64_t> posts_{0};
    std::atomic<bool> paused_{false};
    std::atomic<bool> idle_{false};
    std::jthread thread_;
};

}  // namespace events::test
