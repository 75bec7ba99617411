#include "bench.hpp"
#include "machine.hpp"
#include "suite.hpp"

#include <fmt/format.h>

#include <chrono>
#include <thread>

namespace events::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr double kMebibyte = 1024.0 * 1024.0;

/// The size that a docker engine of this machine says, where there is one that has the image.
void add_image_size(Case& measured, const std::string& daemon) {
    const auto size = output_of(
        {"docker", "image", "inspect", "--format", "{{.Size}}", "events-handler/" + daemon});
    if (size.empty() || size.find_first_not_of("0123456789") != std::string::npos) {
        measured.note("image size: not measured");
    } else {
        measured.add("image MiB", std::stod(size) / kMebibyte);
    }
}

}  // namespace

void measure_start(Bench& bench) {
    Suite suite{bench.cluster};
    suite.prepare();
    for (const auto* daemon :
         {"gateway", "fb-collector", "ttk-collector", "reporter", "publisher"}) {
        Case measured{"start", daemon};
        if (std::string_view{daemon} == "publisher") suite.start("gateway");  // it waits for it
        for (int run = 0; run < bench.settings.runs; ++run) {
            const auto begin = Clock::now();
            // The publisher would be busy with its first POST else.
            suite.start(daemon,
                        {{"INTERVAL_MS", "3600000"}, {"MIN_EVENTS", "1"}, {"MAX_EVENTS", "1"}});
            measured.add("ready ms",
                         std::chrono::duration<double, std::milli>{Clock::now() - begin}.count());
            std::this_thread::sleep_for(500ms);  // what a start leaves to do is done by then
            measured.add("idle MiB",
                         static_cast<double>(suite.resident_bytes().at(daemon)) / kMebibyte);
            measured.add(
                "start cpu ms",
                std::chrono::duration<double, std::milli>{suite.cpu_times().at(daemon)}.count());
            suite.stop(daemon);
        }
        measured.note("ready: to within 10 ms");
        add_image_size(measured, daemon);
        bench.results.add(std::move(measured));
    }
}

}  // namespace events::bench
