#pragma once

#include "machine.hpp"

#include <deque>

namespace events::bench::scaling {

/// Threads of a process that do one piece of work after another, first come first served.
class Workers {
  public:
    Workers(Machine& machine, Process process, int threads)
        : machine_{machine}, process_{process}, idle_{threads} {}

    void submit(double microseconds, Machine::Continuation then);

  private:
    struct Work {
        double microseconds;
        Machine::Continuation then;
    };
    void begin();

    Machine& machine_;
    Process process_;
    int idle_;
    std::deque<Work> waiting_;
};

}  // namespace events::bench::scaling
