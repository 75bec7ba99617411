#pragma once

#include <chrono>
#include <cstdint>
#include <iostream>
#include <string_view>

namespace events::dlq {

/// Where a command reads and writes. Single-threaded.
struct Console {
    std::ostream& out = std::cout;  ///< the answer
    std::ostream& err = std::cerr;  ///< progress and trouble
    std::istream& in = std::cin;
    bool out_is_terminal = false;
    bool err_is_terminal = false;
    bool in_is_terminal = false;

    [[nodiscard]] static Console of_process();

    /// Writes a line to `err`; the text may hold what others wrote, e.g. a server.
    void error(std::string_view text);
    /// Asks for a "yes"; false without a terminal to ask on.
    [[nodiscard]] bool confirms(std::string_view question);
};

/// How far a long command is: a bar on a terminal, else a line every few seconds; nothing for a
/// command that is done before. Single-threaded.
class Progress {
  public:
    /// `verb`: what is done with the letters, e.g. "replayed"; `total`: of how many.
    Progress(Console& console, std::string_view verb, std::uint64_t total);
    ~Progress() { hide(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void update(std::uint64_t done);
    /// Makes room for a line of text; the next update shows it again.
    void hide();

  private:
    using Clock = std::chrono::steady_clock;

    Console& console_;
    std::string_view verb_;
    std::uint64_t total_;
    Clock::time_point shown_ = Clock::now();
    bool visible_ = false;
};

}  // namespace events::dlq
