// Our validator and an independent one, npm's ajv by the JSON Schema that the gateway serves, say
// the same of random events. What JSON Schema can not say is listed in
// tests/browser/schema.test.mjs, which compares.
#include "common/events/event.hpp"
#include "common/events/json_schema.hpp"
#include "common/events/parser.hpp"
#include "common/events/time.hpp"
#include "publisher/corruption.hpp"
#include "publisher/event_writer.hpp"
#include "publisher/random.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace events::test {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kEvents = 20'000;
constexpr std::string_view kPlace = "\"a value's place\"";

Timestamp time_of(std::string_view text) {
    return parse_timestamp(text).value();
}

/// Date-times, as JSON: some that are taken and some next to these.
std::vector<std::string> times() {
    std::vector<std::string> all;
    for (const auto* date :
         {"2026-03-01", "2026-3-1", "2026-02-29", "2024-02-29", "2026-02-30", "2026-04-31",
          "2026-13-01", "2026-00-10", "0000-01-01", "2999-01-01", "26-03-01", "99999-01-01"}) {
        for (const auto* clock :
             {"T12:00:00Z", "t12:00:00z", " 12:00:00+02:00", "T12:00:00-0230", "T12:00:00+02",
              "T12:00:00", "T24:00:00Z", "T23:59:60Z", "T12:00:60Z", "T12:00:61Z", "T12:60:00Z",
              "T12:00:00.123456789Z", "T12:00:00.1234567890Z", "T12:00:00.Z", "T12:00Z",
              "T12:00:00+24:00", "T12:00:00+02:60", "T12:00:00Z\\n", ""}) {
            all.push_back(fmt::format(R"("{}{}")", date, clock));
        }
    }
    return all;
}

/// Values of all other kinds likewise.
std::vector<std::string> values() {
    std::vector<std::string> all{"null",
                                 "true",
                                 "[]",
                                 "{}",
                                 "[1]",
                                 R"({"userId":"u"})",
                                 "0",
                                 "-0",
                                 "-1",
                                 "25.0",
                                 "2.5e1",
                                 "25.5",
                                 "100",
                                 "101",
                                 "150",
                                 "151",
                                 "1e300",
                                 "9223372036854775807",
                                 "9223372036854775808",
                                 "25.00000000000000000001",
                                 R"("")",
                                 R"("a")",
                                 R"("a\u0000b")",
                                 R"("\ud800")",
                                 R"("\ud83d\ude00")",
                                 R"("12.50")",
                                 R"("12")",
                                 R"("12.5")",
                                 R"("0")",
                                 R"("12.")",
                                 R"("12.345")",
                                 R"(".5")",
                                 R"("-1")",
                                 R"("1e3")",
                                 R"("123456789012.99")",
                                 R"("1234567890123")",
                                 R"("12,50")",
                                 R"(" 12")",
                                 R"("12\n")",
                                 R"("Top")",
                                 R"("top")",
                                 R"("bottom")"};
    const auto repeated = [](std::string_view text, int times) {
        std::string long_one;
        for (int i = 0; i < times; ++i) long_one += text;
        return '"' + long_one + '"';
    };
    for (const int length : {128, 129, 1024, 1025}) {
        all.push_back(repeated("a", length));
        all.push_back(repeated("ü", length));
        all.push_back(repeated("\U0001F600", length));
    }
    all.push_back(repeated("ü", 512));
    for (const auto& type : event_types()) {
        all.push_back(fmt::format(R"("{}")", type.name));
        all.push_back(fmt::format(R"("{}")", type.source.name()));
        for (const auto& field : type.source.fields()) {
            for (const auto choice : field.choices) all.push_back(fmt::format(R"("{}")", choice));
        }
    }
    return all;
}

/// Makes events that are valid or not quite.
class RandomEvents {
  public:
    std::string next() {
        const auto& type = event_types()[random_.below(event_types().size())];
        std::string json;
        std::optional<publisher::Corruption> corruption;
        if (random_.chance(0.1)) corruption = random_.pick(publisher::kCorruptions);
        publisher::append_event(json, type, time_of("2026-03-01T12:00:00Z"), corruption, random_);
        // The parser here takes no half of a surrogate pair: nothing is changed behind one.
        while (json.find(R"("\ud800")") == std::string::npos && random_.chance(0.6)) {
            json = changed(json);
        }
        return random_.chance(0.02) ? broken(json) : json;
    }

  private:
    /// With another value, or none, somewhere.
    std::string changed(const std::string& json) {
        auto event = Json::parse(json);
        const auto pointers = event.flatten();
        auto chosen = pointers.begin();
        std::advance(chosen, random_.below(pointers.size()));
        Json::json_pointer place{chosen.key()};
        if (place.empty()) return json;
        if (random_.chance(0.15) && !place.parent_pointer().empty()) place = place.parent_pointer();
        if (random_.chance(0.1) && event.at(place.parent_pointer()).is_object()) {
            event.at(place.parent_pointer()).erase(place.back());
            return event.dump();
        }
        event[place] = Json::parse(kPlace);
        auto text = event.dump();
        text.replace(text.find(kPlace), kPlace.size(), a_value());
        return text;
    }

    const std::string& a_value() { return random_.pick(random_.chance(0.3) ? times_ : values_); }

    static std::string up_to_a_character(const std::string& text, std::size_t end) {
        while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
        return text.substr(0, end);
    }

    /// With something that is no matter of a field.
    std::string broken(std::string json) {
        const auto with_member = [&](const std::string& member) {
            return json.insert(json.rfind('}'), "," + member);
        };
        switch (random_.below(5)) {
            case 0:
                return up_to_a_character(json, random_.below(json.size()));
            case 1:
                return with_member("\"deep\":" + std::string(20, '[') + std::string(20, ']'));
            case 2:
                return with_member("\"large\":\"" + std::string(300'000, 'x') + '"');
            case 3:
                return with_member(R"("eventType":"ad.view")");
            default:
                return "[" + json + "]";
        }
    }

    publisher::Random random_{20260301};
    std::vector<std::string> times_ = times();
    std::vector<std::string> values_ = values();
};

TEST(EventSchema, SaysWhatOurValidatorSays) {
    const TemporaryDirectory folder;
    const auto schema = folder.path() / "event.json";
    std::ofstream{schema} << event_schema().dump();
    const auto lines = folder.path() / "events";
    {
        std::ofstream out{lines};
        TimeLimits limits{.latest = time_of("2027-01-01T00:00:00Z")};
        limits.earliest[sources().front()] = time_of("2025-01-01T00:00:00Z");
        RandomEvents events;
        Parser parser;
        for (std::size_t i = 0; i < kEvents; ++i) {
            auto json = events.next();
            json.reserve(json.size() + kPadding);
            TextArena arena;
            const auto event = parser.parse_event(json, arena, limits);
            Json line{{"json", json}, {"code", nullptr}, {"path", nullptr}};
            if (!event) line["code"] = to_string(event.error().code);
            if (!event) line["path"] = event.error().path;
            out << line.dump() << '\n';
        }
    }
    const auto output = folder.path() / "output";
    const auto script = source_directory() / "tests/browser/schema.test.mjs";
    const auto status = run({.command = {"node", script.string(), schema.string(), lines.string()},
                             .environment = {},
                             .output = output,
                             .user = {}});
    EXPECT_EQ(status.code, 0) << read_file(output);
}

}  // namespace
}  // namespace events::test
