// A file of the gateway's spool, which a disk or a person may have changed.

#include "gateway/spool_file.hpp"

#include "target.hpp"

#include <sstream>

namespace events::fuzz {
namespace {

using namespace gateway;

std::vector<SpooledMessage> read(std::string text) {
    std::istringstream file{std::move(text)};
    return decode(file);
}

void check(std::string_view text) {
    std::vector<SpooledMessage> messages;
    try {
        messages = read(std::string{text});
    } catch (const NotASpoolFile& error) {
        require(*error.what() != '\0', "a refusal says why");
        return;
    }
    std::vector<std::uint8_t> written;
    try {
        for (const auto& message : messages) {
            encode(message.subject, message.headers, message.payload, written);
        }
    } catch (const std::exception&) {
        require(false, "what was read can be written");
    }
    const auto again = read({written.begin(), written.end()});
    require(again.size() == messages.size(), "and holds as many messages");
    for (std::size_t i = 0; i < again.size(); ++i) {
        require(again[i].subject == messages[i].subject &&
                    again[i].headers == messages[i].headers &&
                    again[i].payload == messages[i].payload,
                "and the same ones");
    }
}

}  // namespace
}  // namespace events::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    events::fuzz::check(events::fuzz::text_of(data, size));
    return 0;
}
