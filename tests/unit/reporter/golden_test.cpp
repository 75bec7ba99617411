// golden/parameters.txt is what is said of reports' parameters, word for word and in its order: a
// change of it is seen by clients.

#include "reporter/parse_query.hpp"
#include "support/environment.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace events::reporter {
namespace {

const TimeZones kGoldenZones{"UTC", "Europe/Berlin"};  // NOLINT(cert-err58-cpp)

constexpr std::array<std::string_view, 20> kNames{
    "from",    "to",    "source",   "funnelStage",  "eventType",    "campaignId", "country",
    "city",    "age",   "ageMin",   "ageMax",       "gender",       "device",     "followers",
    "groupBy", "limit", "interval", "followersMin", "followersMax", "tz"};

constexpr std::array<std::string_view, 7> kTexts{"", "x", "%00", "%ff", "a%20b", "%2", "%C3%A9%0A"};
constexpr std::array<std::string_view, 14> kNumbers{"0",
                                                    "1",
                                                    "-0",
                                                    "-1",
                                                    "150",
                                                    "151",
                                                    "1000",
                                                    "1001",
                                                    "1.5",
                                                    "1e3",
                                                    "0x10",
                                                    "+1",
                                                    "9223372036854775807",
                                                    "9223372036854775808"};
constexpr std::array<std::string_view, 29> kWords{"facebook",
                                                  "tiktok",
                                                  "Facebook",
                                                  "facebook,tiktok",
                                                  "top",
                                                  "bottom",
                                                  "TOP",
                                                  "ad.view",
                                                  "purchase",
                                                  "video.view",
                                                  "like",
                                                  "AD.VIEW",
                                                  "male",
                                                  "female",
                                                  "non-binary",
                                                  "Male",
                                                  "mobile",
                                                  "desktop",
                                                  "Desktop",
                                                  "Android",
                                                  "iOS",
                                                  "minute",
                                                  "hour",
                                                  "week",
                                                  "UTC",
                                                  "Berlin",
                                                  "source,age",
                                                  "source",
                                                  "device,source,device"};

/// "right", or each error in its order.
std::string outcome_of(std::string_view query) {
    const auto parsed = parse_query(Category::events, query, kGoldenZones);
    if (parsed) return "right";
    std::string text;
    for (const auto& [name, message] : parsed.error()) {
        text += fmt::format("{}{} {}", text.empty() ? "" : " | ", name, message);
    }
    return text;
}

void append(std::string& text, std::string_view query) {
    text += fmt::format("{}\n    {}\n", query, outcome_of(query));
}

/// Queries by what is said of them, in the order in which they came.
class Outcomes {
  public:
    void add(std::string_view name, const std::string& query) {
        const auto outcome = outcome_of(query);
        auto found = std::ranges::find(all_, outcome, &Outcome::text);
        if (found == all_.end()) found = all_.insert(found, {.text = outcome, .names = {}});
        found->names += fmt::format("  {}", name);
    }
    void append_to(std::string& text) const {
        for (const auto& [said, names] : all_) text += fmt::format("  {}\n     {}\n", said, names);
        text += '\n';
    }

  private:
    struct Outcome {
        std::string text;
        std::string names;
    };
    std::vector<Outcome> all_;
};

void append_single_values(std::string& text) {
    for (const auto name : kNames) {
        const std::string_view needs = name == "limit" ? "&groupBy=source"
                                       : name == "tz"  ? "&interval=day"
                                                       : "";
        text += fmt::format("{}\n", name);
        Outcomes outcomes;
        outcomes.add("alone", std::string{name});
        outcomes.add("twice", fmt::format("{0}=1&{0}=2", name));
        const auto add = [&](std::string_view shown, std::string_view value) {
            outcomes.add(shown, fmt::format("{}={}{}", name, value, needs));
        };
        for (const auto value : kTexts) add(fmt::format("'{}'", value), value);
        for (const auto value : kNumbers) add(value, value);
        for (const auto value : kWords) add(value, value);
        add("1,024 bytes", std::string(1'024, 'n'));
        add("1,025 bytes", std::string(1'025, 'n'));
        outcomes.append_to(text);
    }
}

void append_event_types(std::string& text) {
    for (const auto* type :
         {"ad.view", "page.like", "comment", "video.view", "ad.click", "form.submission",
          "checkout.complete", "like", "share", "profile.visit", "purchase", "follow", "none"}) {
        text += fmt::format("{}\n", type);
        Outcomes outcomes;
        for (const auto* source : {"any", "facebook", "tiktok", "neither"}) {
            for (const auto* stage : {"any", "top", "bottom"}) {
                auto query = fmt::format("eventType={}", type);
                if (source != std::string_view{"any"}) query += fmt::format("&source={}", source);
                if (stage != std::string_view{"any"})
                    query += fmt::format("&funnelStage={}", stage);
                outcomes.add(fmt::format("{}/{}", source, stage), query);
            }
        }
        outcomes.append_to(text);
    }
}

void append_several_errors(std::string& text) {
    std::string all;
    std::string reversed;
    for (const auto name : kNames) {
        all += fmt::format("{}=%ff&", name);
        reversed = fmt::format("{}=%ff&{}", name, reversed);
    }
    append(text, all);
    append(text, reversed + "other=1&other=2&Source=3");
    for (const auto* query :
         {"ageMin=30&ageMax=29", "ageMax=0&ageMin=1", "age=30&ageMin=40",
          "followersMin=5&followersMax=4", "ageMin=3&ageMax=2&followersMin=5&followersMax=4",
          "from=2&to=1", "from=1&to=1", "from=2&to=1&ageMin=9&ageMax=8&limit=5&tz=UTC", "limit=5",
          "tz=UTC", "limit=0", "tz=Berlin", "interval=minute&from=0&to=99999999999999",
          "groupBy=", "groupBy=,", "groupBy=source,",
          "groupBy=source,funnelStage,eventType,campaignId,gender,ageGroup,country,city,device,"
          "followersGroup"}) {
        append(text, query);
    }
}

TEST(Parameters, AreAnsweredWordForWordAsInTheGoldenFile) {
    std::string text;
    append_single_values(text);
    append_event_types(text);
    append_several_errors(text);
    const auto golden = test::read_file(test::source_directory() / "tests" / "unit" / "reporter" /
                                        "golden" / "parameters.txt");
    EXPECT_TRUE(golden == text) << "if that is right:\n" << text;
}

}  // namespace
}  // namespace events::reporter
