#include "erase/start.hpp"

#include <span>

namespace {

using namespace events;

erase::ExitCode run(const erase::CommandLine& line, const erase::Systems& systems,
                    const std::vector<erase::Person>& persons, dlq::Console& console) {
    const bool is_complete =
        erase::export_all(systems, persons, line.sources(),
                          [&](std::string_view object) { console.out << object << "\n"; });
    console.out << std::flush;
    return is_complete && console.out.good() ? erase::kDone : erase::kIncomplete;
}

}  // namespace

int main(int argc, char** argv) {
    const std::span<const char* const> arguments{argv, static_cast<std::size_t>(argc)};
    return erase::start(erase::Program::export_user, "events-export-user",
                        "all that is kept of a person", arguments.subspan(argc > 0 ? 1 : 0), &run);
}
