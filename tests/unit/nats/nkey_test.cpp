#include "common/nats/nkey.hpp"

#include <gtest/gtest.h>

#include <string>

namespace events::nats {
namespace {

// Made with Python's base64 and binascii and with the openssl command, from the bytes 0 to 31.
const std::string kSeed = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";
const std::string kPublicKey = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";

TEST(Nkey, GivesThePublicKeyOfASeed) {
    EXPECT_EQ(public_key_of_user(kSeed), kPublicKey);
    EXPECT_EQ(public_key_of_user("\n " + kSeed + "\r\n"), kPublicKey);
    EXPECT_EQ(public_key_of_user("-----BEGIN USER NKEY SEED-----\n" + kSeed +
                                 "\n------END USER NKEY SEED------\n"),
              kPublicKey);
}

TEST(Nkey, RefusesWhatIsNoSeedOfAUser) {
    auto misread = kSeed;
    misread[20] = misread[20] == 'A' ? 'B' : 'A';
    auto not_base32 = kSeed;
    not_base32[20] = '1';
    const auto account = "SA" + kSeed.substr(2);
    for (const auto& text : {std::string{}, misread, not_base32, account, kPublicKey,
                             kSeed.substr(0, 57), kSeed + "A"}) {
        EXPECT_EQ(public_key_of_user(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace events::nats
