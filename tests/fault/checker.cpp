#include "checker.hpp"

#include <algorithm>

namespace events::test {
namespace {

void judge_sent(const SentEvents& sent, const Found& found, Verdict& verdict) {
    for (const auto& [id, event] : sent) {
        const auto row = found.rows.find(id);
        const bool has_row = row != found.rows.end();
        const bool has_letter = found.dead_letters.contains(id);
        if (event.acknowledged) ++verdict.acknowledged;
        if (has_row) ++verdict.stored;
        if (has_letter) ++verdict.dead_lettered;

        if (event.fate == Fate::erased) {
            ++verdict.erased;
            if (has_row || has_letter) verdict.unerased.push_back(id);
            continue;
        }
        if (event.acknowledged && !has_row && !has_letter) verdict.lost.push_back(id);
        if (has_row && (row->second > 1 || has_letter)) verdict.doubled.push_back(id);
        if (event.fate == Fate::stored ? has_letter : has_row) verdict.misplaced.push_back(id);
    }
    verdict.sent = sent.size();
}

void judge_found(const SentEvents& sent, const Found& found, Verdict& verdict) {
    for (const auto& [id, copies] : found.rows) {
        if (!sent.contains(id)) verdict.invented.push_back(id);
    }
    for (const auto& [id, reason] : found.dead_letters) {
        if (!sent.contains(id) && !found.rows.contains(id)) verdict.invented.push_back(id);
        if (reason.empty()) verdict.unreasoned.push_back(id);
    }
}

void judge_sums(const Found& found, Verdict& verdict) {
    for (const auto& [name, value] : found.recounted) {
        const auto reported = found.reported.find(name);
        if (reported == found.reported.end() || reported->second != value) {
            verdict.wrong_sums.push_back(name);
        }
    }
    for (const auto& [name, value] : found.reported) {
        if (!found.recounted.contains(name)) verdict.wrong_sums.push_back(name);
    }
}

}  // namespace

Verdict check(const SentEvents& sent, const Found& found) {
    Verdict verdict;
    judge_sent(sent, found, verdict);
    judge_found(sent, found, verdict);
    judge_sums(found, verdict);
    for (auto* ids : {&verdict.lost, &verdict.doubled, &verdict.unerased, &verdict.invented,
                      &verdict.misplaced, &verdict.unreasoned, &verdict.wrong_sums}) {
        std::ranges::sort(*ids);
    }
    return verdict;
}

}  // namespace events::test
