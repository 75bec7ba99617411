#include "gateway/spool_file.hpp"

#include "gateway/spool_cbor.hpp"

#include <boost/crc.hpp>
#include <fmt/format.h>

#include <concepts>
#include <limits>
#include <utility>

namespace events::gateway {
namespace {

constexpr std::string_view kMagic = "evspool1";
constexpr char kMessage = 'M';
constexpr char kEnd = 'E';
constexpr std::size_t kHead = 8;  ///< a record's length and checksum
constexpr unsigned kBitsOfAByte = 8;

/// CRC-32C (Castagnoli), as in iSCSI and ext4.
using Checksum = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;

std::uint32_t checksum_of(std::string_view first, std::string_view second = {}) {
    Checksum checksum;
    checksum.process_bytes(first.data(), first.size());
    checksum.process_bytes(second.data(), second.size());
    return checksum.checksum();
}

template <std::unsigned_integral Number>
std::string little_endian(Number number) {
    std::string bytes;
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
        bytes += static_cast<char>(number >> (i * kBitsOfAByte) & 0xFFU);
    }
    return bytes;
}

std::string length_of(std::string_view text) {
    if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw std::length_error{"a text of the spool has more than 4 GiB"};
    }
    return little_endian(static_cast<std::uint32_t>(text.size()));
}

/// Takes numbers and texts from the front of bytes that may be anything.
class Cursor {
  public:
    Cursor(std::string_view bytes, std::string where) : rest_{bytes}, where_{std::move(where)} {}

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
    [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

    std::string_view bytes(std::size_t count) {
        if (count > rest_.size()) fail("it is cut short");
        const auto taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }

    template <std::unsigned_integral Number>
    Number number() {
        Number value = 0;
        unsigned shift = 0;
        for (const char byte : bytes(sizeof(Number))) {
            value |= static_cast<Number>(static_cast<unsigned char>(byte)) << shift;
            shift += kBitsOfAByte;
        }
        return value;
    }

    std::string text() { return std::string{bytes(number<std::uint32_t>())}; }

    [[noreturn]] void fail(std::string_view what) const {
        throw NotASpoolFile{fmt::format("{}: {}", where_, what)};
    }

  private:
    std::string_view rest_;
    std::string where_;
};

SpooledMessage message_of(Cursor body, std::size_t place) {
    SpooledMessage message{.subject = body.text(), .headers = {}, .payload = {}, .place = place};
    for (auto count = body.number<std::uint32_t>(); count > 0; --count) {
        auto name = body.text();
        message.headers.insert_or_assign(std::move(name), body.text());
    }
    message.payload = body.rest();
    return message;
}

void check_end(Cursor body, std::uint64_t count, std::string_view checksums) {
    if (body.number<std::uint64_t>() != count) body.fail("it counts other records than there are");
    if (body.number<std::uint32_t>() != checksum_of(checksums)) {
        body.fail("it is of other records than there are");
    }
    if (!body.at_end()) body.fail("it is too long");
}

}  // namespace

SpoolFileEncoder::SpoolFileEncoder() : bytes_{kMagic} {}

void SpoolFileEncoder::begin_record(char kind) {
    record_ = bytes_.size();
    bytes_.append(kHead, '\0');
    bytes_ += kind;
}

void SpoolFileEncoder::end_record() {
    const auto body = std::string_view{bytes_}.substr(record_ + kHead);
    const auto length = length_of(body);
    const auto checksum = little_endian(checksum_of(length, body));
    checksums_ += checksum;
    ++count_;
    bytes_.replace(record_, kHead, length + checksum);
}

void SpoolFileEncoder::add(std::string_view subject,
                           const std::map<std::string, std::string>& headers,
                           std::string_view payload) {
    const auto add_text = [this](std::string_view text) {
        bytes_ += length_of(text);
        bytes_ += text;
    };
    begin_record(kMessage);
    add_text(subject);
    bytes_ += little_endian(static_cast<std::uint32_t>(headers.size()));
    for (const auto& [name, value] : headers) {
        add_text(name);
        add_text(value);
    }
    bytes_ += payload;
    end_record();
}

void SpoolFileEncoder::end() {
    const auto checksum = checksum_of(checksums_);
    begin_record(kEnd);
    bytes_ += little_endian(count_);
    bytes_ += little_endian(checksum);
    end_record();
}

std::vector<SpooledMessage> decode(std::string_view file) {
    if (file.empty()) throw NotASpoolFile{"it is empty"};
    if (!file.starts_with(kMagic)) return decode_cbor(file);
    Cursor records{file.substr(kMagic.size()), "its records"};
    std::vector<SpooledMessage> messages;
    std::string checksums;
    while (!records.at_end()) {
        const auto where = fmt::format("record {}, at byte {}", messages.size() + 1,
                                       file.size() - records.rest().size());
        Cursor record{records.rest(), where};
        const auto length = record.bytes(sizeof(std::uint32_t));
        const auto checksum = record.bytes(sizeof(std::uint32_t));
        const auto body = record.bytes(Cursor{length, where}.number<std::uint32_t>());
        if (checksum != little_endian(checksum_of(length, body))) {
            record.fail("its checksum is wrong");
        }
        records.bytes(kHead + body.size());
        Cursor content{body, where};
        const auto kind = content.bytes(1).front();
        if (kind == kEnd) {
            check_end(content, messages.size(), checksums);
            if (!records.at_end()) throw NotASpoolFile{"there are bytes behind its end"};
            return messages;
        }
        if (kind != kMessage) content.fail("it is of an unknown kind");
        messages.push_back(message_of(content, messages.size()));
        checksums += checksum;
    }
    throw NotASpoolFile{fmt::format("it ends after record {}, without its end", messages.size())};
}

}  // namespace events::gateway
