#include "gateway/spool_cbor.hpp"

#include <nlohmann/json.hpp>

#include <sstream>
#include <utility>

namespace events::gateway {
namespace {

using nlohmann::json;

/// Takes one item, and ends the parsing at the first thing that does not belong there: a parser
/// that built whatever comes would call itself for each level of a nested file.
class MessageReader final : public json::json_sax_t {
  public:
    /// Throws NotASpoolFile when the item that was parsed is no message.
    SpooledMessage take(bool parsed) {
        if (!parsed || !subject_ || !headers_ || !payload_) {
            throw NotASpoolFile{wrong_.empty() ? "it is not of messages" : wrong_};
        }
        return std::move(message_);
    }

    bool null() override { return passes_over(); }
    bool boolean(bool) override { return passes_over(); }
    bool number_integer(number_integer_t) override { return passes_over(); }
    bool number_unsigned(number_unsigned_t) override { return passes_over(); }
    bool number_float(number_float_t, const string_t&) override { return passes_over(); }

    bool string(string_t& value) override {
        if (depth_ == 2) {
            message_.headers.insert_or_assign(header_, std::move(value));
            return true;
        }
        if (depth_ != 1 || member_ != "subject") return passes_over();
        message_.subject = std::move(value);
        return subject_ = true;
    }

    bool binary(binary_t& value) override {
        if (depth_ != 1 || member_ != "payload") return passes_over();
        message_.payload.assign(value.begin(), value.end());
        return payload_ = true;
    }

    bool start_object(std::size_t) override {
        ++depth_;
        if (depth_ == 1) return true;
        headers_ = depth_ == 2 && member_ == "headers";
        return headers_;
    }

    bool key(string_t& name) override {
        (depth_ == 1 ? member_ : header_) = std::move(name);
        return true;
    }

    bool end_object() override {
        --depth_;
        return true;
    }

    bool start_array(std::size_t) override { return false; }
    bool end_array() override { return false; }

    bool parse_error(std::size_t, const std::string&, const json::exception& error) override {
        wrong_ = error.what();
        return false;
    }

  private:
    /// Whether a single value is of no known member, and so may stand there.
    [[nodiscard]] bool passes_over() const {
        return depth_ == 1 && member_ != "subject" && member_ != "headers" && member_ != "payload";
    }

    SpooledMessage message_;
    std::string member_;
    std::string header_;
    std::string wrong_;
    int depth_ = 0;
    bool subject_ = false;
    bool headers_ = false;
    bool payload_ = false;
};

}  // namespace

std::vector<SpooledMessage> decode_cbor(std::string_view file) {
    std::istringstream items{std::string{file}};
    std::vector<SpooledMessage> messages;
    while (items.peek() != std::istream::traits_type::eof()) {
        MessageReader reader;
        const bool parsed = json::sax_parse(items, &reader, json::input_format_t::cbor, false);
        messages.push_back(reader.take(parsed));
        messages.back().place = messages.size() - 1;
    }
    return messages;
}

}  // namespace events::gateway
