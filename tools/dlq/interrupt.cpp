#include "dlq/interrupt.hpp"

#include <signal.h>

namespace events::dlq {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // a signal's handler may set it

void note(int /*number*/) {
    interrupted.store(true);
}

}  // namespace

const std::atomic<bool>& watch_interrupts() {
    struct sigaction action {};
    action.sa_handler = &note;
    // Once: the next one does what it does by default.
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
        struct sigaction before {};
        ::sigaction(number, &action, &before);
        // Under nohup the end of a terminal is to change nothing.
        if (number == SIGHUP && before.sa_handler == SIG_IGN) ::signal(SIGHUP, SIG_IGN);
    }
    for (const int number : {SIGUSR1, SIGUSR2}) ::signal(number, SIG_IGN);
    return interrupted;
}

}  // namespace events::dlq
