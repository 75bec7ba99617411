#include "gateway/send_options.hpp"

#include <gtest/gtest.h>

#include <string>

namespace events::gateway {
namespace {

/// "dryRun", "strict", both, or every problem.
std::string read(std::string_view query) {
    const auto options = read_send_options(query);
    std::string text;
    if (options) {
        if (options->dry_run) text += "dryRun ";
        if (options->strict) text += "strict ";
        return text;
    }
    for (const auto& [parameter, message] : options.error()) {
        text += parameter + " " + message + ". ";
    }
    return text;
}

TEST(SendOptions, AreOffUnlessTheyAreTrue) {
    EXPECT_EQ(read(""), "");
    EXPECT_EQ(read("dryRun=false&strict=false"), "");
    EXPECT_EQ(read("dryRun=true"), "dryRun ");
    EXPECT_EQ(read("strict=true"), "strict ");
    EXPECT_EQ(read("strict=true&dryRun=%74rue"), "dryRun strict ");
}

TEST(SendOptions, IgnoreTheParametersOfOthers) {
    EXPECT_EQ(read("utm_source=x&fbclid&strictly=1&dry=true&=&%"), "");
}

TEST(SendOptions, AreRefusedWhereNobodyKnowsWhatIsMeant) {
    constexpr auto kValue = "dryRun must be true or false. ";
    for (const auto* query : {"dryRun", "dryRun=", "dryRun=1", "dryRun=True", "dryRun=%zz"}) {
        EXPECT_EQ(read(query), kValue) << query;
    }
    EXPECT_EQ(read("dryRun=true&dryRun=true"), "dryRun must be given once. ");
    EXPECT_EQ(read("strict=no&dryRun=yes"),
              "strict must be true or false. dryRun must be true or false. ");
}

TEST(SendOptions, AreRefusedInOtherLettersSoThatNothingIsStoredByMistake) {
    for (const std::string name : {"dryrun", "dry_run", "DRY-RUN", "DryRun"}) {
        EXPECT_EQ(read(name + "=true"), name + " must be written dryRun. ");
    }
    EXPECT_EQ(read("Strict=true"), "Strict must be written strict. ");
}

}  // namespace
}  // namespace events::gateway
