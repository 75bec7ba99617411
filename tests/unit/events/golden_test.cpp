// What is said of broken events, word for word: senders and dead letters' readers rely on it. The
// file golden/rejections.txt has it; where a change is meant, EVENTS_WRITE_GOLDEN=1 writes it anew.

#include "common/events/parser.hpp"
#include "edit.hpp"
#include "support/environment.hpp"
#include "support/sample_events.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace events {
namespace {

using Json = nlohmann::ordered_json;

const auto kFile = test::source_directory() / "tests/unit/events/golden/rejections.txt";

std::vector<std::pair<std::string, std::string>> samples() {
    return {{"facebook top", test::facebook_top("fb-1")},
            {"facebook bottom", test::facebook_bottom("fb-2")},
            {"tiktok top", test::tiktok_top("ttk-1")},
            {"tiktok bottom", test::tiktok_bottom("ttk-2")}};
}

/// What a field may hold instead, each with what the file calls it.
std::vector<std::pair<std::string, std::string>> values() {
    std::vector<std::pair<std::string, std::string>> values{
        {"1,024 bytes", '"' + test::repeated("x", 1024) + '"'},
        {"1,025 bytes", '"' + test::repeated("x", 1025) + '"'},
        {"128 characters", '"' + test::repeated("\u00e9", 128) + '"'},
        {"nothing", ""},
        {"129 characters", '"' + test::repeated("\u00e9", 129) + '"'},
    };
    for (const char* raw : {"null",
                            "true",
                            "false",
                            "0",
                            "-0",
                            "1",
                            "12",
                            "-1",
                            "100",
                            "101",
                            "150",
                            "151",
                            "65536",
                            "9223372036854775807",
                            "9223372036854775808",
                            "30.5",
                            "3e1",
                            "1e999",
                            "1772366400000",
                            "[]",
                            R"(["a"])",
                            "{}",
                            R"({"country":1})",
                            R"("")",
                            R"("x")",
                            R"("12")",
                            R"("12.5")",
                            R"("12.345")",
                            R"("-1")",
                            R"("1e3")",
                            R"("999999999999.99")",
                            R"("1234567890123")",
                            R"("2026-03-01T12:00:00Z")",
                            R"("2026-02-30T00:00:00Z")",
                            R"("2026-03-01T12:00:00")",
                            R"("9999-12-31T23:59:59Z")",
                            R"("0000-01-01T00:00:00Z")",
                            R"("facebook")",
                            R"("tiktok")",
                            R"("Facebook")",
                            R"("t\u0069ktok")",
                            R"("top")",
                            R"("bottom")",
                            R"("middle")",
                            R"("ad.view")",
                            R"("purchase")",
                            R"("comment")",
                            R"("male")",
                            R"("Male")",
                            R"("groups")",
                            R"("center")",
                            R"("mobile")",
                            R"("Desktop")",
                            R"("Chrome")",
                            R"("a\u0000")",
                            R"("\ud83d")",
                            R"("\ud83d\ude00")",
                            R"("\x")",
                            "nul",
                            R"("a)",
                            ""}) {
        values.emplace_back(raw, raw);
    }
    return values;
}

void add_paths(const Json& value, const std::string& path, std::vector<std::string>& paths) {
    if (!path.empty()) paths.push_back(path);
    if (!value.is_object()) return;
    for (const auto& [key, inner] : value.items()) {
        add_paths(inner, path.empty() ? key : fmt::format("{}.{}", path, key), paths);
    }
}

std::vector<std::string> paths_of(const std::string& json) {
    std::vector<std::string> paths;
    add_paths(Json::parse(json), "", paths);
    return paths;
}

/// All that is said of an event.
std::string verdict(const std::string& event) {
    std::string json = event;
    json.reserve(json.size() + kPadding);
    Parser parser;
    TextArena arena;
    const TimeLimits limits{.latest =
                                Timestamp{std::chrono::sys_days{std::chrono::year{2027} / 1 / 1}}};
    const auto read = parser.parse_event(json, arena, limits);
    const auto body = parser.parse_body(json, BodyFormat::ndjson, limits);
    if (read) return body && body->accepted.size() == 1 ? "valid" : "only an event is valid";
    std::string source = "no body";
    if (body && body->rejected.size() == 1) {
        const auto& rejected = body->rejected.front();
        if (rejected.why.message != read.error().message) return "a body says something else";
        source = rejected.source ? rejected.source->name() : "no source";
    }
    const auto& why = read.error();
    return fmt::format("{} | {} | {} | {} | {}", to_string(why.code), why.path, why.message,
                       why.event_id ? fmt::format("id of {} bytes", why.event_id->size()) : "no id",
                       source);
}

/// Groups by verdict what was put into a field, so that the file stays short.
void describe_field(const std::string& sample, const std::string& path, std::string& out) {
    std::vector<std::pair<std::string, std::string>> groups;
    const auto add = [&](const std::string& name, const std::string& event) {
        const auto said = verdict(event);
        const auto group = std::find_if(groups.begin(), groups.end(),
                                        [&](auto& each) { return each.first == said; });
        if (group == groups.end()) {
            groups.emplace_back(said, name);
        } else {
            group->second += "  " + name;
        }
    };
    add("absent", test::without(sample, path));
    for (const auto& [name, raw] : values()) add(name, test::with(sample, path, raw));
    for (const auto& [said, names] : groups) out += fmt::format("  {}\n      {}\n", said, names);
}

/// The order of the checks: of an event without any field, the first that is missed, then, when
/// that one is there, the next.
void describe_order(const std::string& sample, std::string& out) {
    const auto whole = Json::parse(sample);
    auto event = Json::object();
    for (;;) {
        TextArena arena;
        std::string json = event.dump();
        json.reserve(json.size() + kPadding);
        const auto read = Parser{}.parse_event(json, arena);
        if (read) return;
        out += fmt::format("  {}\n", read.error().message);
        const Json::json_pointer missed{"/" + test::replaced(read.error().path, ".", "/")};
        const auto& value = whole.at(missed);
        event[missed] = value.is_object() ? Json::object() : value;
    }
}

/// Every problem of an event, as its sender is told.
std::string all_problems(const std::string& event) {
    std::string json = event;
    json.reserve(json.size() + kPadding);
    TextArena arena;
    const auto read = Parser{}.parse_event(json, arena);
    if (read) return "  valid\n";
    const auto line = [](const Rejection& problem) {
        return fmt::format("  {} | {}{}{}\n", to_string(problem.code), problem.message,
                           problem.found.empty() ? "" : "; ", problem.found);
    };
    auto out = line(read.error());
    for (const auto& problem : read.error().more) out += line(problem);
    return out;
}

/// An event of which each field that is no object has this value.
std::string filled(const std::string& sample, const std::string& raw) {
    auto event = sample;
    const auto whole = Json::parse(sample);
    for (const auto& path : paths_of(sample)) {
        const Json::json_pointer place{"/" + test::replaced(path, ".", "/")};
        const bool decides = path == "source" || path == "funnelStage" || path == "eventType";
        if (!whole.at(place).is_object() && !decides) event = test::with(event, path, raw);
    }
    return event;
}

std::string describe_all() {
    std::string out = "every problem of an empty event\n" + all_problems("{}");
    for (const auto& [name, sample] : samples()) {
        for (const char* raw : {"true", R"("x")", "-1"}) {
            out += fmt::format("\n{}: every problem where each value is {}\n", name, raw);
            out += all_problems(filled(sample, raw));
        }
        out += fmt::format("\n{}: every problem with an empty user and engagement\n", name);
        out += all_problems(
            test::with(test::with(sample, "data.user", "{}"), "data.engagement", "{}"));
        out += '\n';
    }
    for (const auto& [name, sample] : samples()) {
        out += fmt::format("{}: fields in the order of their checks\n", name);
        describe_order(sample, out);
        for (const auto& path : paths_of(sample)) {
            out += fmt::format("\n{}: {}\n", name, path);
            describe_field(sample, path, out);
        }
        out += '\n';
    }
    return out;
}

TEST(Rejections, AreWordForWordWhatTheyWere) {
    const auto now = describe_all();
    if (std::getenv("EVENTS_WRITE_GOLDEN") != nullptr) std::ofstream{kFile} << now;
    const auto before = test::read_file(kFile);
    ASSERT_FALSE(before.empty());
    EXPECT_EQ(now, before);
}

}  // namespace
}  // namespace events
