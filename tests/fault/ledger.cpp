#include "ledger.hpp"

#include <utility>

namespace events::test {

void Ledger::sending(const std::string& id, Fate fate) {
    const std::lock_guard lock{mutex_};
    events_.try_emplace(id, Sent{.fate = fate});
}

void Ledger::acknowledged(std::span<const std::string> ids) {
    const std::lock_guard lock{mutex_};
    for (const auto& id : ids) events_.at(id).acknowledged = true;
}

void Ledger::erased(std::span<const std::string> ids) {
    const std::lock_guard lock{mutex_};
    for (const auto& id : ids) events_.at(id).fate = Fate::erased;
}

void Ledger::wrong(std::string what) {
    const std::lock_guard lock{mutex_};
    wrongs_.push_back(std::move(what));
}

SentEvents Ledger::events() const {
    const std::lock_guard lock{mutex_};
    return events_;
}

std::vector<std::string> Ledger::wrongs() const {
    const std::lock_guard lock{mutex_};
    return wrongs_;
}

}  // namespace events::test
