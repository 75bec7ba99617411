#include "injections.hpp"
#include "support/await.hpp"
#include "support/jetstream_api.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <string_view>

namespace events::test {
namespace {

using nlohmann::json;

constexpr auto kForeign = "FOREIGN";

const std::map<std::string_view, json> kSubjects{
    {"EVENTS_FACEBOOK", {"events.facebook"}},
    {"EVENTS_TIKTOK", {"events.tiktok"}},
    {"EVENTS_DEAD", {"dead.gateway", "dead.facebook", "dead.tiktok"}}};

/// `target`: the stream, and what is wrong with the one in its place.
json config_of(const std::string& stream, std::string_view wrong) {
    json config{{"name", wrong == "name" ? kForeign : stream},
                {"subjects", kSubjects.at(stream)},
                {"retention", "limits"},
                {"storage", "file"},
                {"discard", "old"},
                {"max_bytes", 16 << 20}};
    if (wrong == "age") config["max_age"] = 1'000'000'000;  // nanoseconds
    if (wrong == "interest") config["retention"] = "interest";
    if (wrong == "memory") {
        config["retention"] = "workqueue";
        config["storage"] = "memory";
    }
    return config;
}

}  // namespace

void plant_foreign_stream(Suite& suite, const Fault& fault) {
    const auto dash = fault.target.rfind('-');
    const auto stream = fault.target.substr(0, dash);
    const auto config = config_of(stream, std::string_view{fault.target}.substr(dash + 1));
    const auto name = config.at("name").get<std::string>();
    const auto ask = [&](const std::string& call, const std::string& body = {}) {
        return jetstream_api(suite.nats_url(), "$JS.API.STREAM." + call, body);
    };
    settle(suite);
    // A daemon may be faster and make ours again.
    const auto planted = [&] {
        (void)ask("DELETE." + stream);
        return !ask("CREATE." + name, config.dump()).contains("error");
    };
    require(await(planted), name + " can not be planted");
    // A PubAck names the stream, so a gateway knows of another one as soon as it publishes. It
    // tells nothing of settings, which the gateway has to look at again: until then it can't know.
    const bool told_by_ack = name == kForeign;
    if (told_by_ack) suite.resume_clients();
    require(await([&] { return !suite.stack().is_ready("gateway"); }),
            "the gateway is ready while " + fault.target + " is wrong");
    if (!told_by_ack) suite.resume_clients();
    hold(fault);
    (void)ask("DELETE." + name);
}

}  // namespace events::test
