// A person is erased while events of the same person come in and wait.
#include "e2e/load.hpp"
#include "erase/start.hpp"
#include "injections.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/sample_events.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace events::test {
namespace {

using namespace std::chrono_literals;

constexpr int kEvents = 50;
constexpr std::string_view kSampleUser = "user-1";
constexpr auto kBetweenAttempts = 200ms;

/// Somebody nobody else is, among the events of the load.
struct Visitor {
    explicit Visitor(std::string of)
        : source{std::move(of)},
          name{fmt::format("erased-{}", number)},
          user{(source == "facebook" ? "fb-" : "ttk-") + name},
          time{fmt::format("{:%FT%TZ}",
                           fmt::gmtime(std::chrono::floor<std::chrono::seconds>(recently())))} {}

    [[nodiscard]] std::string event(const std::string& id, std::string_view timestamp) const {
        auto text =
            source == "facebook" ? facebook_bottom(id, timestamp) : tiktok_bottom(id, timestamp);
        return text.replace(text.find(kSampleUser), kSampleUser.size(), name);
    }

    static inline std::atomic<int> made{0};
    int number = ++made;
    std::string source;
    std::string name;
    std::string user;
    std::string time;
};

/// Posts events and one that is invalid until they are acknowledged. Returns the ids of those whose
/// way an erasure knows.
std::vector<std::string> post_events(Suite& suite, const Visitor& visitor) {
    static std::atomic<int> posts{0};
    std::vector<std::string> ids;
    // With new ids each time: an attempt without an answer may be accepted at any time.
    const auto is_taken = [&] {
        const auto prefix = fmt::format("{}-{}", visitor.name, ++posts);
        ids.clear();
        std::string body = "[";
        for (int i = 0; i < kEvents; ++i) {
            ids.push_back(fmt::format("{}-{}", prefix, i));
            suite.ledger().sending(ids.back(), Fate::stored);
            body += visitor.event(ids.back(), visitor.time) + ",";
        }
        ids.push_back(prefix + "-bad");
        suite.ledger().sending(ids.back(), Fate::rejected);
        const auto status = suite.post(body + visitor.event(ids.back(), "yesterday") + "]");
        // One that is invalid becomes a letter when it leaves the spool, whenever that is; a 201
        // says only that the others are not in it.
        if (status == 202 || suite.spooled_files() != 0) ids.pop_back();
        if (status == 201 || status == 202) return true;
        std::this_thread::sleep_for(kBetweenAttempts);
        return false;
    };
    require(await(is_taken, kLongestOutage), "events of a person are not taken");
    suite.ledger().acknowledged(ids);
    return ids;
}

/// As an operator does: again while it can't reach the database or the broker.
void run_tool(Suite& suite, const Visitor& visitor) {
    ExitStatus status;
    const auto is_done = [&] {
        status = run(
            {.command = {(bin_directory() / "events-erase").string(), "--reason", "a fault run",
                         visitor.user},
             .environment = {{"DATABASE_URL", suite.database()}, {"NATS_URL", suite.nats_url()}},
             .output = suite.tools_log(),
             .user = {}});
        return status.code != erase::kIncomplete && status.code != erase::kUnavailable;
    };
    require(await(is_done, kLongestOutage) && status.code == erase::kDone,
            fmt::format("events-erase {} ends with {}", visitor.user, status.code));
}

}  // namespace

void erase_person(Suite& suite, const Fault& fault) {
    const Visitor visitor{fault.target};
    auto ids = post_events(suite, visitor);
    const auto rows = [&] {
        return ask(suite, fmt::format("SELECT count(*) FROM {}_events WHERE occurred_at = '{}' AND "
                                      "event_id = ANY ('{{{}}}')",
                                      visitor.source, visitor.time, fmt::join(ids, ",")));
    };
    // Of every second person all events may wait, with a database or a broker away.
    if (visitor.number / 2 % 2 == 0) {
        require(await([&] { return rows() != "0"; }, kLongestOutage),
                "events of a person are not stored");
    }
    std::ranges::move(post_events(suite, visitor), std::back_inserter(ids));  // some of these wait
    run_tool(suite, visitor);
    suite.ledger().erased(ids);
    require(rows() == "0", "rows of an erased person are there");
    hold(fault);
    require(rows() == "0", "what waited of an erased person was stored");
    (void)post_events(suite, visitor);
}

}  // namespace events::test
