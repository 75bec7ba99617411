// A person is erased while events of the same person come in and wait.
#include "injections.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/sample_events.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace events::test {
namespace {

constexpr int kEvents = 50;
constexpr std::string_view kSampleUser = "user-1";

/// Events that nobody acknowledged, as the checker sees it: they may be there or not.
std::string events_of(Suite& suite, const std::string& source, const std::string& user) {
    static int made = 0;
    std::string body;
    for (int i = 0; i < kEvents; ++i) {
        const auto id = fmt::format("erased-{}", ++made);
        suite.ledger().sending(id, Fate::stored);
        auto event = source == "facebook" ? facebook_bottom(id) : tiktok_bottom(id);
        const auto at = event.find(kSampleUser);
        body += (body.empty() ? "[" : ",") + event.replace(at, kSampleUser.size(), user);
    }
    return body + "]";
}

void run_tool(Suite& suite, const std::string& user) {
    const TemporaryDirectory folder;
    const auto output = folder.path() / "output";
    const auto status = run(
        {.command = {(bin_directory() / "events-erase").string(), "--reason", "a fault run", user},
         .environment = {{"DATABASE_URL", suite.stack().database()},
                         {"NATS_URL", suite.nats_url()}},
         .output = output,
         .user = {}});
    require(status.code == 0, "events-erase: " + read_file(output));
}

}  // namespace

void erase_person(Suite& suite, const Fault& fault) {
    static int persons = 0;
    const auto name = fmt::format("erased-person-{}", ++persons);
    const auto prefix = fault.target == "facebook" ? "fb-" : "ttk-";
    const auto rows = [&] {
        return query(suite.stack().database(),
                     fmt::format("SELECT count(*) FROM {}_events WHERE user_id = '{}{}'",
                                 fault.target, prefix, name));
    };
    const auto post = [&] {
        const auto body = events_of(suite, fault.target, name);
        require(await([&] { return suite.stack().post(body).status == 201; }),
                "events of a person are not taken");
    };
    post();
    require(await([&] { return rows() != "0"; }), "events of a person are not stored");
    post();  // some of these wait
    run_tool(suite, prefix + name);
    require(rows() == "0", "rows of an erased person are there");
    hold(fault);
    require(rows() == "0", "what waited of an erased person was stored");
    post();
    require(await([&] { return rows() == std::to_string(kEvents); }),
            "what a person sent after the erasure is not stored");
}

}  // namespace events::test
