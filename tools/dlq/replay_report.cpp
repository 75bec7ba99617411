#include "dlq/replay_report.hpp"

#include "common/nats/dead_letter.hpp"
#include "common/nats/topology.hpp"
#include "dlq/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <vector>

namespace events::dlq {
namespace {

constexpr std::size_t kMostLines = 50;

std::string plural(std::uint64_t count, std::string_view word) {
    return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

}  // namespace

void ReplayReport::say(std::uint64_t sequence, std::string_view verdict, std::string_view detail,
                       std::string kind) {
    if (lines_ == kMostLines) {
        ++without_a_line_[std::move(kind)];
        return;
    }
    ++lines_;
    progress_.hide();
    console_.out << fmt::format("{:>9}  {:<14}  {}\n", sequence, verdict, printable(detail));
}

void ReplayReport::planned(const Letter& letter, const Plan& plan) {
    ++letters_;
    switch (plan.verdict) {
        case Verdict::replayable:
            ++replayable_;
            if (!apply_) planned_events(letter, plan);
            break;
        case Verdict::still_invalid:
            ++stayed_;
            ++invalid_[std::string{to_string(plan.why.code)}];
            say(letter.sequence, "still invalid",
                fmt::format("{} at {}: {}", to_string(plan.why.code),
                            plan.why.path.empty() ? "$" : plan.why.path, plan.why.message),
                fmt::format("still invalid ({})", to_string(plan.why.code)));
            break;
        case Verdict::cut:
            ++stayed_;
            ++cut_;
            say(letter.sequence, "cut",
                fmt::format("{} of {} bytes are here: only a correction can replay it",
                            letter.raw.size(), letter.original_bytes.value_or(0)),
                "cut");
            break;
    }
}

void ReplayReport::planned_events(const Letter& letter, const Plan& plan) {
    BySource<std::uint64_t> events;
    std::uint64_t twin_of = 0;
    for (const auto& event : plan.events) {
        ++events_;
        ++events[event.source];
        const auto [first, is_new] =
            first_.emplace(nats::message_id({event.json}), letter.sequence);
        if (is_new) continue;
        ++twins_;
        twin_of = first->second;
    }
    std::vector<std::string> parts;
    for (const auto source : sources()) {
        if (events[source] == 0) continue;
        parts.push_back(fmt::format("{} to {}", plural(events[source], "event"), source.subject()));
    }
    leftovers_ += plan.leftovers.size();
    if (!plan.leftovers.empty()) {
        parts.push_back(fmt::format("{} of their own for what is invalid",
                                    plural(plan.leftovers.size(), "letter")));
    }
    auto detail = fmt::format("{}", fmt::join(parts, ", "));
    if (twin_of != 0) detail += fmt::format("; as letter {}, and stored once", twin_of);
    const auto* verdict = twin_of != 0 ? "duplicate" : "replayable";
    say(letter.sequence, verdict, detail, verdict);
}

void ReplayReport::replayed(const Replayed& result) {
    published_ += result.events;
    known_ += result.known;
    leftovers_ += result.leftovers;
    if (result.settled) {
        ++settled_;
        return;
    }
    ++stayed_;
    say(result.sequence, "failed", result.why, fmt::format("failed ({})", printable(result.why)));
}

void ReplayReport::not_there(std::uint64_t sequence, std::string_view why) {
    if (why.empty()) {
        ++gone_;
        say(sequence, "gone", "there is no such letter: settled before, or dropped", "gone");
    } else {
        ++other_;
        say(sequence, "another one", why, "another one");
    }
}

void ReplayReport::sum_up(bool interrupted) {
    progress_.hide();
    for (const auto& [kind, count] : without_a_line_) {
        console_.out << fmt::format("{:>9}  more {}\n", count, kind);
    }
    std::vector<std::string> parts;
    const auto add = [&](std::uint64_t count, std::string_view what) {
        if (count > 0) parts.push_back(fmt::format("{} {}", count, what));
    };
    if (apply_) {
        parts.push_back(fmt::format("{} replayed ({})", settled_, plural(published_, "event")));
        add(known_, "of these events published before");
    } else {
        parts.push_back(fmt::format("{} replayable ({})", replayable_, plural(events_, "event")));
        add(twins_, "of these events twice");
    }
    add(leftovers_, apply_ ? "new letters for the invalid parts of bodies"
                           : "new letters to be made of the invalid parts of bodies");
    std::uint64_t invalid = 0;
    std::vector<std::string> codes;
    for (const auto& [code, count] : invalid_) {
        invalid += count;
        codes.push_back(fmt::format("{} {}", code, count));
    }
    if (invalid > 0) {
        parts.push_back(fmt::format("{} still invalid ({})", invalid, fmt::join(codes, ", ")));
    }
    add(cut_, "cut");
    add(apply_ ? replayable_ - settled_ : 0, "not replayed");
    add(gone_, "gone");
    add(other_, "not the letter that was corrected");
    console_.out << fmt::format("{}: {}{}{}\n", plural(letters_, "letter"), fmt::join(parts, ", "),
                                interrupted ? "; interrupted" : "",
                                apply_ ? "" : "; nothing was changed, --apply does it")
                 << std::flush;
}

}  // namespace events::dlq
