#include "workers.hpp"

#include <utility>

namespace events::bench::scaling {

void Workers::submit(double microseconds, Machine::Continuation then) {
    waiting_.push_back({microseconds, std::move(then)});
    begin();
}

void Workers::begin() {
    while (idle_ > 0 && !waiting_.empty()) {
        --idle_;
        auto work = std::move(waiting_.front());
        waiting_.pop_front();
        machine_.compute(process_, work.microseconds, [this, then = std::move(work.then)] {
            ++idle_;
            then();
            begin();
        });
    }
}

}  // namespace events::bench::scaling
