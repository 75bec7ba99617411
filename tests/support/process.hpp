#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace events::test {

struct ProcessOptions {
    std::vector<std::string> command;  ///< program (looked up in PATH) and arguments
    std::map<std::string, std::string>
        environment;                  ///< added to PATH, HOME, TMPDIR of this process
    std::filesystem::path output;     ///< where standard output and error go, appended
    std::optional<std::string> user;  ///< run as this user, when this process is root
};

/// How a process ended: its exit code, or the signal that ended it.
struct ExitStatus {
    int code = -1;
    int signal = 0;
};

/// A child process in a process group of its own. Ended with SIGKILL at the end, if it still runs,
/// by its pid.
class Process {
  public:
    explicit Process(ProcessOptions options);
    ~Process();
    Process(Process&& other) noexcept;
    Process& operator=(Process&& other) noexcept;

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    [[nodiscard]] bool running();
    void signal(int number) const;

    /// Waits for its end; nothing when `patience` ran out.
    [[nodiscard]] std::optional<ExitStatus> wait(std::chrono::milliseconds patience);

    /// Sends `number` and waits for the end.
    [[nodiscard]] std::optional<ExitStatus> stop(int number, std::chrono::milliseconds patience);

    [[nodiscard]] const std::filesystem::path& output() const noexcept { return output_; }

  private:
    void kill_now() noexcept;

    pid_t pid_ = -1;
    std::optional<ExitStatus> status_;
    std::filesystem::path output_;
};

/// Runs a command to its end; its output is in `options.output`.
[[nodiscard]] ExitStatus run(ProcessOptions options);

}  // namespace events::test
