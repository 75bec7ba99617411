// Files of the form before checksums: they are still read.
#include "gateway/spool_cbor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace events::gateway {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

std::string cbor(const json& item) {
    std::string text;
    json::to_cbor(item, text);
    return text;
}

std::vector<SpooledMessage> read(const std::string& text) {
    return decode(text);
}

std::string refusal_of_cbor(const std::string& text) {
    try {
        (void)read(text);
    } catch (const NotASpoolFile& error) {
        return error.what();
    }
    return "";
}

json message() {
    return {{"subject", "events.facebook"},
            {"headers", {{"Nats-Msg-Id", "id"}}},
            {"payload", json::binary({'{', '\0', '}'})}};
}

TEST(SpoolCbor, IsStillRead) {
    auto other = message();
    other["subject"] = "events.tiktok";
    other["headers"] = {{"a", "1"}, {"b", ""}};
    other["payload"] = json::binary({});
    const auto messages = read(cbor(message()) + cbor(other));
    ASSERT_EQ(messages.size(), 2U);
    EXPECT_EQ(messages[0].subject, "events.facebook");
    EXPECT_EQ(messages[0].headers, (std::map<std::string, std::string>{{"Nats-Msg-Id", "id"}}));
    EXPECT_EQ(messages[0].payload, (std::string{"{\0}", 3}));
    EXPECT_EQ(messages[0].place, 0U);
    EXPECT_EQ(messages[1].subject, "events.tiktok");
    EXPECT_EQ(messages[1].headers, (std::map<std::string, std::string>{{"a", "1"}, {"b", ""}}));
    EXPECT_TRUE(messages[1].payload.empty());
    EXPECT_EQ(messages[1].place, 1U);
}

TEST(SpoolCbor, MayHaveMembersOfALaterVersion) {
    auto item = message();
    item["version"] = 2;
    item["ratio"] = 0.5;
    item["kept"] = true;
    item["nothing"] = nullptr;
    item["below"] = -1;
    item["note"] = "text";
    item["sum"] = json::binary({1, 2});
    const auto messages = read(cbor(item));
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].payload, (std::string{"{\0}", 3}));
}

TEST(SpoolCbor, IsRefusedWhenAMemberIsMissingOrOfAnotherKind) {
    for (const auto* member : {"subject", "headers", "payload"}) {
        auto item = message();
        item.erase(member);
        EXPECT_NE(refusal_of_cbor(cbor(item)), "") << member;
        for (const json& value :
             {json(1), json(-1), json(1.5), json(true), json(nullptr), json::array({"a"})}) {
            item[member] = value;
            EXPECT_NE(refusal_of_cbor(cbor(item)), "") << item;
        }
    }
    auto item = message();
    item["subject"] = item["payload"];
    EXPECT_NE(refusal_of_cbor(cbor(item)), "");
    item = message();
    item["payload"] = "text";
    EXPECT_NE(refusal_of_cbor(cbor(item)), "");
    item = message();
    item["headers"]["a"] = 1;
    EXPECT_NE(refusal_of_cbor(cbor(item)), "");
    item["headers"]["a"] = json::object();
    EXPECT_NE(refusal_of_cbor(cbor(item)), "");
    for (const json& other : {json(1), json("text"), json::array(), json::object()}) {
        EXPECT_NE(refusal_of_cbor(cbor(other)), "") << other;
    }
}

TEST(SpoolCbor, IsRefusedWhereverItIsCut) {
    const auto whole = cbor(message()) + cbor(message());
    for (std::size_t size = 1; size < whole.size(); ++size) {
        EXPECT_EQ(refusal_of_cbor(whole.substr(0, size)) == "", size == whole.size() / 2) << size;
    }
    EXPECT_THAT(refusal_of_cbor(whole + '\xff'), HasSubstr("invalid byte"));
}

// A parser that calls itself for each level ends the gateway here, and again at each start.
TEST(SpoolCbor, IsRefusedHoweverDeepItIsNested) {
    constexpr std::size_t kLevels = 4'000'000;
    EXPECT_NE(refusal_of_cbor(std::string(kLevels, '\x81')), "");  // arrays of one
    std::string maps;
    for (std::size_t i = 0; i < kLevels; ++i) maps += "\xa1\x61h";  // maps of one
    EXPECT_NE(refusal_of_cbor(maps), "");
}

// Of a length that is not there nothing is taken in advance.
TEST(SpoolCbor, IsRefusedWhenItClaimsMoreThanItHas) {
    for (const char* kind : {"\x5b", "\x7b", "\x9b", "\xbb"}) {  // bytes, text, array, map
        EXPECT_NE(refusal_of_cbor(kind + std::string("\x7f\xff\xff\xff\xff\xff\xff\xff", 8)), "");
        EXPECT_NE(
            refusal_of_cbor("\xa1\x67payload" + (kind + std::string("\0\0\0\x7f\0\0\0\0", 8))), "");
    }
}

}  // namespace
}  // namespace events::gateway
