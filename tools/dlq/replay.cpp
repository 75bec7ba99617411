#include "dlq/replay.hpp"

#include "common/events/time.hpp"
#include "dlq/edited.hpp"
#include "dlq/replay_batch.hpp"
#include "dlq/replay_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

namespace events::dlq {
namespace {

/// As at the gateway (contract, section 2).
constexpr std::chrono::hours kLatestAhead{24};

TimeLimits limits_now(const retention::RetentionDays& retained) {
    const auto now =
        std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    auto limits = retention::limits_at(now, retained);
    limits.latest = now + kLatestAhead;
    return limits;
}

/// Puts the corrected bytes in a letter's place. False when it is not the one that was exported: a
/// stream that was deleted and made anew counts from 1 again.
bool correct(Letter& letter, EditedLetter edited) {
    if (edited.failed_at && *edited.failed_at != format_timestamp(letter.failed_at)) return false;
    letter.raw = std::move(edited.raw);
    letter.original_bytes.reset();
    return true;
}

/// One run of the command.
class Run {
  public:
    Run(Letters& letters, nats::Publisher& publisher, bool apply, LetterReader reader,
        EditedLetters* edited, const retention::RetentionDays& retained, Console& console)
        : letters_{letters},
          apply_{apply},
          reader_{std::move(reader)},
          edited_{edited},
          retained_{retained},
          progress_{console, apply ? "looked at and replayed" : "looked at", reader_.total()},
          report_{console, progress_, apply},
          batch_{publisher, letters} {}

    ExitCode go() {
        try {
            while (!letters_.interrupted() && !broken_) {
                auto letter = reader_.next();
                if (!letter) break;
                take(*letter);
                progress_.update(reader_.looked_at());
            }
            send();
        } catch (...) {
            report_.sum_up(letters_.interrupted());
            throw;
        }
        const bool to_the_end = !letters_.interrupted() && !broken_;
        if (edited_ != nullptr && to_the_end) {
            for (const auto& [sequence, line] : *edited_) report_.not_there(sequence, {});
        }
        report_.sum_up(letters_.interrupted());
        if (unreachable_) return kUnavailable;
        if (!to_the_end) return kIncomplete;
        return !apply_ || report_.is_complete() ? kDone : kIncomplete;
    }

  private:
    void take(Letter& letter) {
        if (edited_ != nullptr) {
            auto line = edited_->extract(letter.sequence);
            if (!line) return;
            if (!correct(letter, std::move(line.mapped()))) {
                report_.not_there(letter.sequence,
                                  "a letter of another time has this sequence now");
                return;
            }
        }
        const auto plan = planner_.plan(letter, limits_now(retained_));
        report_.planned(letter, plan);
        if (!apply_ || plan.verdict != Verdict::replayable) return;
        batch_.add(letter, plan);
        if (batch_.is_full()) send();
    }

    void send() {
        const auto results = batch_.send();
        for (const auto& result : results) report_.replayed(result);
        unreachable_ |= std::ranges::any_of(results, &Replayed::unreachable);
        // A broker that refuses everything, e.g. a full stream, will not take the next ones either.
        broken_ =
            unreachable_ || (!results.empty() && std::ranges::none_of(results, &Replayed::settled));
    }

    Letters& letters_;
    bool apply_;
    LetterReader reader_;
    EditedLetters* edited_;  ///< that were not met yet; null: nothing is corrected
    const retention::RetentionDays& retained_;
    Progress progress_;
    ReplayReport report_;
    ReplayBatch batch_;
    Planner planner_;
    bool unreachable_ = false;
    bool broken_ = false;
};

}  // namespace

ExitCode replay(Letters& letters, nats::Publisher& publisher, const CommandLine& line,
                const retention::RetentionDays& retained, Console& console) {
    std::optional<EditedLetters> edited;
    Filter filter = line.filter;
    if (!line.edited.empty()) {
        auto read = read_edited(line.edited);
        if (!read) {
            for (const auto& problem : read.error()) {
                console.error(fmt::format("{}: {}", line.edited, problem));
            }
            console.error("nothing was done");
            return kIncomplete;
        }
        edited = std::move(*read);
        if (edited->empty()) {
            console.out << "0 letters to correct\n" << std::flush;
            return kDone;
        }
        filter.sequences = {{edited->begin()->first, edited->rbegin()->first}};
    }
    Run run{letters,
            publisher,
            line.apply,
            letters.read(filter, Parts::all),
            edited ? &*edited : nullptr,
            retained,
            console};
    return run.go();
}

}  // namespace events::dlq
