#include "gateway/fitting.hpp"

#include "common/events/message_encoding.hpp"
#include "common/nats/dead_letter.hpp"
#include "common/nats/publisher.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "support/sample_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace events::gateway {
namespace {

using events::test::facebook_top;
using ::testing::ElementsAre;
using ::testing::SizeIs;

std::size_t bytes_of(const SpooledMessage& message) {
    std::vector<nats::HeaderField> fields;
    for (const auto& [name, value] : message.headers) fields.push_back({name.c_str(), value});
    return nats::header_bytes(fields) + message.payload.size();
}

SpooledMessage events_message(const std::vector<std::string>& lines) {
    SpooledMessage message{.subject = "events.facebook",
                           .headers = {{"Nats-Msg-Id", std::string(32, 'a')},
                                       {"X-Correlation-Id", "c-1"},
                                       {"X-Event-Count", std::to_string(lines.size())},
                                       {"X-Received-At", "2026-03-01T10:00:00.000001Z"}},
                           .payload = {}};
    for (const auto& line : lines) message.payload += (message.payload.empty() ? "" : "\n") + line;
    return message;
}

std::vector<std::size_t> indices(const ParsedBody& body) {
    std::vector<std::size_t> all;
    for (const auto& event : body.rejected) all.push_back(event.index);
    return all;
}

/// Events whose JSON has so many bytes; negative: one that is rejected already.
struct Body {
    explicit Body(const std::vector<int>& sizes) {
        for (const int size : sizes)
            text += std::string(static_cast<std::size_t>(std::abs(size)), 'x');
        text += std::string(kPadding, ' ');
        std::size_t at = 0;
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            const auto size = static_cast<std::size_t>(std::abs(sizes[i]));
            const auto event = std::string_view{text}.substr(at, size);
            at += size;
            if (sizes[i] < 0) {
                parsed.rejected.push_back({i, event, {RejectionCode::wrong_type, "", "", {}}, {}});
            } else {
                parsed.accepted.push_back({kTikTok, event});
            }
        }
    }
    std::string text;
    ParsedBody parsed;
};

TEST(RejectTooLarge, PutsEachEventToItsPlaceInTheBody) {
    Parser parser;
    Body body{{50, -5, 500, -5, -5, 100, 101, -5}};
    reject_too_large(body.parsed, 100, 400, parser);
    EXPECT_THAT(indices(body.parsed), ElementsAre(1, 2, 3, 4, 6, 7));
    EXPECT_THAT(body.parsed.accepted, SizeIs(2));
    const auto& large = body.parsed.rejected.at(1);
    EXPECT_EQ(large.why.code, RejectionCode::too_large_for_the_broker);
    EXPECT_EQ(large.source, kTikTok);
    EXPECT_EQ(large.json.size(), 500U);
    EXPECT_EQ(large.why.message,
              "takes a message of 800 bytes, and the broker takes 400 (max_payload)");
}

TEST(RejectTooLarge, KeepsTheSeveralProblemsOfAnEventTogether) {
    Parser parser;
    Body body{{-5, 500}};
    body.parsed.rejected.push_back(body.parsed.rejected.front());
    reject_too_large(body.parsed, 100, 400, parser);
    EXPECT_THAT(indices(body.parsed), ElementsAre(0, 0, 1));
}

TEST(RejectTooLarge, NamesTheEvent) {
    Parser parser;
    const auto text = facebook_top("fb-7") + std::string(kPadding, ' ');
    ParsedBody body{
        .accepted = {{kFacebook, std::string_view{text}.substr(0, text.size() - kPadding)}},
        .rejected = {}};
    reject_too_large(body, 10, 300, parser);
    ASSERT_THAT(body.rejected, SizeIs(1));
    EXPECT_EQ(body.rejected.front().why.event_id, "fb-7");
}

TEST(RejectTooLarge, CountsNoLineBreaksWhichAreNotSent) {
    Parser parser;
    const auto text = "{" + std::string(100, '\n') + "}" + std::string(kPadding, ' ');
    ParsedBody body{.accepted = {{kFacebook, std::string_view{text}.substr(0, 102)}},
                    .rejected = {}};
    reject_too_large(body, 2, 300, parser);
    EXPECT_THAT(body.accepted, SizeIs(1));
}

TEST(Fit, LeavesWhatFits) {
    const auto message = events_message({"{1}", "{2}"});
    const auto fitted = fit({message}, bytes_of(message));
    ASSERT_THAT(fitted, SizeIs(1));
    EXPECT_EQ(fitted[0].headers, message.headers);
    EXPECT_EQ(fitted[0].payload, message.payload);
}

TEST(Fit, KeepsEveryEventOnceAndInOrderWhateverTheBroker) {
    std::mt19937 random{20261130};
    for (int round = 0; round < 200; ++round) {
        std::vector<std::string> lines;
        for (std::size_t i = 0; i < 1 + random() % 30; ++i) {
            lines.push_back("{" + std::string(random() % 2'000, 'x') + "}");
        }
        const std::size_t max_payload = 1'000 + random() % 20'000;
        const auto message = events_message(lines);
        const auto fitted = fit({message}, max_payload);
        std::vector<std::string> kept;
        std::vector<std::string> too_large;
        for (const auto& part : fitted) {
            EXPECT_LE(bytes_of(part), max_payload);
            EXPECT_EQ(part.headers.at("X-Correlation-Id"), "c-1");
            EXPECT_EQ(part.headers.at("X-Received-At"), message.headers.at("X-Received-At"));
            if (part.subject == "dead.gateway") {
                EXPECT_EQ(part.headers.at("X-Reason-Code"), "too_large_for_the_broker");
                EXPECT_EQ(part.headers.at("X-Event-Count"), "1");
                too_large.push_back(part.payload);
                continue;
            }
            std::size_t count = 0;
            std::string_view rest = part.payload;
            while (!rest.empty()) {
                const auto line = rest.substr(0, rest.find('\n'));
                kept.emplace_back(line);
                rest.remove_prefix(std::min(rest.size(), line.size() + 1));
                ++count;
            }
            EXPECT_EQ(part.headers.at("X-Event-Count"), std::to_string(count));
            if (fitted.size() > 1) {
                EXPECT_EQ(part.headers.at("Nats-Msg-Id"), nats::message_id({part.payload}));
            }
        }
        std::erase_if(lines, [&](const std::string& line) {
            const bool is_cut = std::ranges::any_of(too_large, [&](const std::string& start) {
                return line.starts_with(start) && !std::ranges::count(kept, line);
            });
            return is_cut;
        });
        EXPECT_EQ(kept, lines);
        ASSERT_EQ(fit({message}, max_payload).size(), fitted.size());
    }
}

TEST(Fit, SplitsWhatIsTooLargeThoughCompressed) {
    std::mt19937 random{20261130};
    std::vector<std::string> lines;
    for (int i = 0; i < 40; ++i) {
        auto& line = lines.emplace_back("{");
        for (int n = 0; n < 100; ++n) line += std::to_string(random());
        line += '}';
    }
    auto message = events_message(lines);
    const auto plain = message.payload;
    message.payload = Compressor{}.compress(plain);
    message.headers["Content-Encoding"] = "zstd";
    const std::size_t max_payload = 8'000;
    ASSERT_GT(bytes_of(message), max_payload);
    std::string joined;
    for (const auto& part : fit({message}, max_payload)) {
        EXPECT_LE(bytes_of(part), max_payload);
        EXPECT_FALSE(part.headers.contains("Content-Encoding"));
        EXPECT_EQ(part.headers.at("Nats-Msg-Id"), nats::message_id({part.payload}));
        if (!joined.empty()) joined += '\n';
        joined += part.payload;
    }
    EXPECT_EQ(joined, plain);
}

TEST(Fit, GivesUpWhatSaysThatItIsCompressedAndIsNot) {
    auto message = events_message({std::string(3'000, 'x')});
    message.headers["Content-Encoding"] = "zstd";
    const auto fitted = fit({message}, 2'000);
    ASSERT_THAT(fitted, SizeIs(1));
    EXPECT_EQ(fitted[0].subject, "dead.gateway");
    EXPECT_LE(bytes_of(fitted[0]), 2'000U);
    EXPECT_TRUE(message.payload.starts_with(fitted[0].payload));
}

TEST(Fit, CutsADeadLetterOnce) {
    const SpooledMessage letter{.subject = "dead.gateway",
                                .headers = {{"X-Reason-Code", "wrong_type"}},
                                .payload = std::string(5'000, 'x')};
    const auto once = fit({letter}, 2'000);
    ASSERT_THAT(once, SizeIs(1));
    EXPECT_EQ(bytes_of(once[0]), 2'000U);
    EXPECT_EQ(once[0].headers.at("X-Original-Bytes"), "5000");
    const auto twice = fit(once, 1'000);
    EXPECT_EQ(bytes_of(twice.at(0)), 1'000U);
    EXPECT_EQ(twice.at(0).headers.at("X-Original-Bytes"), "5000");
}

TEST(Fit, OfABrokerThatTakesNothingEndsToo) {
    EXPECT_THAT(fit({events_message({"{1}", "{2}"})}, 0), SizeIs(2));
}

}  // namespace
}  // namespace events::gateway
