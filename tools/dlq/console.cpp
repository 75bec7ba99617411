#include "dlq/console.hpp"

#include "dlq/text.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <string>

namespace events::dlq {
namespace {

using namespace std::chrono_literals;

constexpr auto kBarInterval = 100ms;
constexpr auto kLineInterval = 5s;
constexpr std::uint64_t kBarWidth = 30;

}  // namespace

Console Console::of_process() {
    Console console;
    console.out_is_terminal = ::isatty(STDOUT_FILENO) == 1;
    console.err_is_terminal = ::isatty(STDERR_FILENO) == 1;
    console.in_is_terminal = ::isatty(STDIN_FILENO) == 1;
    return console;
}

void Console::error(std::string_view text) {
    err << fmt::format("events-dlq: {}\n", printable(text));
}

bool Console::confirms(std::string_view question) {
    if (!in_is_terminal || !err_is_terminal) return false;
    out << std::flush;
    err << question << " Type yes to do it: " << std::flush;
    std::string answer;
    return std::getline(in, answer) && answer == "yes";
}

Progress::Progress(Console& console, std::string_view verb, std::uint64_t total)
    : console_{console}, verb_{verb}, total_{total} {}

void Progress::update(std::uint64_t done) {
    const auto now = Clock::now();
    if (now - shown_ < (console_.err_is_terminal ? Clock::duration{kBarInterval} : kLineInterval)) {
        return;
    }
    shown_ = now;
    const auto total = std::max(total_, done);
    if (!console_.err_is_terminal) {
        console_.err << fmt::format("{} of {} letters {}\n", done, total, verb_) << std::flush;
        return;
    }
    const auto filled = total == 0 ? 0 : done * kBarWidth / total;
    console_.err << fmt::format("\r[{:#<{}}{:.<{}}] {} of {} letters {}", "", filled, "",
                                kBarWidth - filled, done, total, verb_)
                 << std::flush;
    visible_ = true;
}

void Progress::hide() {
    if (!visible_) return;
    console_.err << "\r\x1b[K" << std::flush;
    visible_ = false;
}

}  // namespace events::dlq
