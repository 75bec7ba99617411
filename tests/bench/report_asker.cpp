#include "report_asker.hpp"

#include "common/http/client.hpp"
#include "report_questions.hpp"

#include <fmt/format.h>

#include <chrono>
#include <numeric>

namespace events::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kPause = 100ms;
constexpr auto kPatience = 2min;

Timestamp now() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
}

void add_times(Case& measured, const Samples& answer_ms) {
    measured.add("p50 ms", answer_ms.median());
    measured.add("p99 ms", answer_ms.quantile(0.99));
    measured.add("longest ms", answer_ms.greatest());
    measured.add("answers", static_cast<double>(answer_ms.size()));
}

}  // namespace

ReportAsker::ReportAsker(std::uint16_t reporter_port)
    : asker_{[this, reporter_port](const std::stop_token& stop) { ask(stop, reporter_port); }} {}

ReportFigures ReportAsker::stop() {
    asker_.request_stop();
    asker_.join();
    return std::move(figures_);
}

void ReportAsker::ask(const std::stop_token& stop, std::uint16_t port) {
    http::Client client{"127.0.0.1", port};
    while (!stop.stop_requested()) {
        for (const auto& question : questions(now())) {
            if (stop.stop_requested()) return;
            const auto begin = Clock::now();
            const auto answer = client.send({.target = "/reports/" + question.target}, kPatience);
            const std::chrono::duration<double, std::milli> took = Clock::now() - begin;
            if (answer && answer->status == 200) {
                figures_.answer_ms[question.name].add(took.count());
            } else {
                ++figures_
                      .refused[answer ? std::to_string(answer->status) : answer.error().message];
            }
            std::this_thread::sleep_for(kPause);
        }
    }
}

void add_reports(Results& results, const std::string& section, const ReportFigures& figures) {
    Case all{section + ", reports", "all of them"};
    Samples times;
    for (const auto& [name, answer_ms] : figures.answer_ms) times.add(answer_ms);
    add_times(all, times);
    std::uint64_t refused = 0;
    for (const auto& [what, number] : figures.refused) {
        refused += number;
        all.note(fmt::format("{}: {}", what, number));
    }
    all.add("refused", static_cast<double>(refused));
    results.add(std::move(all));
    for (const auto& [name, answer_ms] : figures.answer_ms) {
        Case one{section + ", reports", name};
        add_times(one, answer_ms);
        results.add(std::move(one));
    }
}

}  // namespace events::bench
