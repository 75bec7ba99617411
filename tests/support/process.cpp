#include "support/process.hpp"

#include "support/await.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <initializer_list>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace events::test {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

std::vector<std::string> make_environment(const std::map<std::string, std::string>& added) {
    std::map<std::string, std::string> all = added;
    for (const char* name : {"PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "TSAN_OPTIONS",
                             "UBSAN_OPTIONS", "LSAN_OPTIONS"}) {
        if (const char* value = std::getenv(name))
            all.emplace(name, value);  // NOLINT(concurrency-mt-unsafe)
    }
    std::vector<std::string> entries;
    for (const auto& [name, value] : all) entries.push_back(name + "=" + value);
    return entries;
}

}  // namespace

Process::Process(ProcessOptions options) : output_{std::move(options.output)} {
    auto arguments = pointers(options.command);
    auto environment_texts = make_environment(options.environment);
    auto environment = pointers(environment_texts);

    const passwd* user = nullptr;
    if (options.user && ::geteuid() == 0) {
        user = ::getpwnam(options.user->c_str());  // NOLINT(concurrency-mt-unsafe)
        if (user == nullptr) throw std::runtime_error{"no user " + *options.user};
    }
    const auto path = output_.empty() ? std::filesystem::path{"/dev/null"} : output_;
    const int out = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (out < 0) throw std::system_error{errno, std::generic_category(), path.string()};

    pid_ = ::fork();
    if (pid_ == 0) {  // only async-signal-safe calls from here on
        ::setpgid(0, 0);
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        // What nohup, or a shell without job control, has the tests ignore is not for their
        // children.
        for (const int number : {SIGHUP, SIGINT, SIGQUIT}) ::signal(number, SIG_DFL);
        const int in = ::open("/dev/null", O_RDONLY);
        ::dup2(in, STDIN_FILENO);
        ::dup2(out, STDOUT_FILENO);
        ::dup2(out, STDERR_FILENO);
        if (user != nullptr && (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 ||
                                ::setuid(user->pw_uid) != 0)) {
            ::_exit(126);
        }
        // Asio's sockets are not close-on-exec, and one that a child holds never ends.
        ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
        // After setuid, which clears it: no server outlives a test that was killed.
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::execvpe(arguments.front(), arguments.data(), environment.data());
        ::_exit(127);
    }
    ::close(out);
    if (pid_ < 0) throw std::system_error{errno, std::generic_category(), "fork"};
}

Process::~Process() {
    kill_now();
}

Process::Process(Process&& other) noexcept
    : pid_{std::exchange(other.pid_, -1)},
      status_{other.status_},
      output_{std::move(other.output_)} {}

Process& Process::operator=(Process&& other) noexcept {
    if (this != &other) {
        kill_now();
        pid_ = std::exchange(other.pid_, -1);
        status_ = other.status_;
        output_ = std::move(other.output_);
    }
    return *this;
}

void Process::kill_now() noexcept {
    if (pid_ <= 0 || status_) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

bool Process::running() {
    if (status_ || pid_ <= 0) return false;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return true;
    status_ =
        WIFSIGNALED(status) ? ExitStatus{-1, WTERMSIG(status)} : ExitStatus{WEXITSTATUS(status), 0};
    return false;
}

void Process::signal(int number) const {
    if (pid_ > 0 && !status_) ::kill(pid_, number);
}

std::optional<ExitStatus> Process::wait(std::chrono::milliseconds patience) {
    if (!await([this] { return !running(); }, patience)) return std::nullopt;
    return status_;
}

std::optional<ExitStatus> Process::stop(int number, std::chrono::milliseconds patience) {
    signal(number);
    return wait(patience);
}

ExitStatus run(ProcessOptions options) {
    Process process{std::move(options)};
    const auto status = process.wait(std::chrono::minutes{2});
    if (!status) throw std::runtime_error{"a command did not end within two minutes"};
    return *status;
}

}  // namespace events::test
