// A file of the gateway's spool, which a disk or a person may have changed: read as it is, as
// records whose checksums are right, and as a file of ours in which a bit or the end differs.

#include "gateway/spool_file.hpp"

#include "target.hpp"

#include <boost/crc.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace events::fuzz {
namespace {

using gateway::SpooledMessage;

using Messages = std::vector<SpooledMessage>;

std::optional<Messages> read(std::string_view file) {
    try {
        return gateway::decode(file);
    } catch (const gateway::NotASpoolFile& error) {
        require(*error.what() != '\0', "a refusal says why");
        return std::nullopt;
    }
}

bool same(const Messages& one, const Messages& other) {
    return std::ranges::equal(one, other, [](const auto& a, const auto& b) {
        return a.subject == b.subject && a.headers == b.headers && a.payload == b.payload &&
               a.place == b.place;
    });
}

std::string written(const Messages& messages) {
    gateway::SpoolFileEncoder file;
    for (const auto& message : messages) {
        file.add(message.subject, message.headers, message.payload);
    }
    file.end();
    return file.bytes();
}

void check_as_it_is(std::string_view text) {
    const auto messages = read(text);
    if (!messages) return;
    for (std::size_t i = 0; i < messages->size(); ++i) {
        require((*messages)[i].place == i, "a message knows its place");
    }
    const auto again = read(written(*messages));
    require(again && same(*again, *messages), "what was read is written as the same");
}

void append_number(std::string& bytes, std::uint32_t number) {
    for (const unsigned shift : {0U, 8U, 16U, 24U}) {
        bytes += static_cast<char>(number >> shift & 0xFFU);
    }
}

std::uint32_t crc_of(std::string_view text) {
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
    crc.process_bytes(text.data(), text.size());
    return crc.checksum();
}

/// A record's body for each part of the text that ends with 0xFF: so that the parser is reached
/// behind the checksums.
void check_as_records(std::string_view text) {
    std::string file{"evspool1"};
    while (!text.empty()) {
        const auto body = text.substr(0, text.find('\xff'));
        text.remove_prefix(std::min(body.size() + 1, text.size()));
        std::string length;
        append_number(length, static_cast<std::uint32_t>(body.size()));
        file += length;
        append_number(file, crc_of(length + std::string{body}));
        file += body;
    }
    check_as_it_is(file);
}

/// Two messages of the text, then a bit or the length of their file changed.
void check_as_changed(std::string_view text) {
    if (text.size() < 4) return;
    const auto at =
        static_cast<unsigned char>(text[0]) * 256U + static_cast<unsigned char>(text[1]);
    const auto subject = std::string{text.substr(2, text.size() / 3)};
    const Messages messages{
        {.subject = subject, .headers = {{subject, "1"}, {"", subject}}, .payload = {}},
        {.subject = "s", .headers = {}, .payload = std::string{text}, .place = 1}};
    auto file = written(messages);
    const auto whole = read(file);
    require(whole && same(*whole, messages), "what was written is read as the same");
    require(!read(std::string_view{file}.substr(0, at % file.size())),
            "no file that was cut counts");
    require(!read(file + text[0]), "nor one that has grown");
    file[at / 8 % file.size()] ^= static_cast<char>(1U << at % 8);
    require(!read(file), "nor one in which a bit differs");
}

}  // namespace
}  // namespace events::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = events::fuzz::text_of(data, size);
    events::fuzz::check_as_it_is(text);
    events::fuzz::check_as_records(text);
    events::fuzz::check_as_changed(text);
    return 0;
}
