#include "dlq/rows.hpp"

#include "dlq/console.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace events::dlq {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kHostile = "\x1b[2J\xc2\x9b\xff\n";

Letter hostile_letter() {
    return {.sequence = 7,
            .subject = kHostile,
            .failed_at = {},
            .code = kHostile,
            .reason = kHostile,
            .path = kHostile,
            .correlation_id = kHostile,
            .traceparent = kHostile,
            .message_id = kHostile,
            .original_bytes = 9,
            .received_at = {},
            .bytes = 3,
            .raw = kHostile};
}

TEST(Rows, OfALetterAreSafeWhateverItsTextsAre) {
    const Group group{
        .code = kHostile, .subject = kHostile, .letters = 1, .bytes = 2, .first = {}, .last = {}};
    for (const auto& text : {describe(hostile_letter()), list_row(hostile_letter()),
                             summary_row(group), summary_json(group, Charset::ascii)}) {
        EXPECT_THAT(text, Not(HasSubstr("\x1b")));
        EXPECT_THAT(text, Not(HasSubstr("\xc2\x9b")));
        EXPECT_THAT(text, Not(HasSubstr("\xff")));
        EXPECT_TRUE(text.ends_with('\n'));
    }
    EXPECT_EQ(std::ranges::count(list_row(hostile_letter()), '\n'), 1);
    EXPECT_EQ(std::ranges::count(summary_row(group), '\n'), 1);
}

TEST(Rows, OfATableStandUnderItsHeader) {
    auto one = hostile_letter();
    one.subject = "日本";
    EXPECT_EQ(list_row(one).find("\\x1b[2J"), list_header().find("CODE") + 4) << "two of 3 bytes";
    const Group group{
        .code = "c", .subject = "dead", .letters = 1, .bytes = 2, .first = {}, .last = {}};
    EXPECT_EQ(summary_header().find("SUBJECT"), summary_row(group).find("dead"));
}

// What a server says of an error goes to a terminal, too.
TEST(Console, WritesErrorsAsSafeText) {
    std::ostringstream err;
    Console console{.err = err};
    console.error("refused: \x1b[2J\n");
    EXPECT_EQ(err.str(), "events-dlq: refused: \\x1b[2J\\x0a\n");
}

}  // namespace
}  // namespace events::dlq
