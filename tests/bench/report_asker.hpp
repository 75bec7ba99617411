#pragma once

#include "results.hpp"
#include "samples.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <thread>

namespace events::bench {

/// What a client that asked for reports saw.
struct ReportFigures {
    std::map<std::string, Samples> answer_ms;      ///< by question; of those answered with 200
    std::map<std::string, std::uint64_t> refused;  ///< by status or error
};

/// One client that asks for every report in turn (report_questions.hpp), over all that is stored
/// until the moment, with a tenth of a second between an answer and the next question, for as long
/// as it lives. A thread of its own.
class ReportAsker {
  public:
    explicit ReportAsker(std::uint16_t reporter_port);

    /// Ends it.
    [[nodiscard]] ReportFigures stop();

  private:
    void ask(const std::stop_token& stop, std::uint16_t port);

    ReportFigures figures_;  ///< the thread's until it is joined
    std::jthread asker_;
};

/// One case for all of them, and one for each question.
void add_reports(Results& results, const std::string& section, const ReportFigures& figures);

}  // namespace events::bench
