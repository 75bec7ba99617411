// Spools requests without end, and says of each that it is committed: spool_writer FOLDER FIRST
#include "gateway/spool.hpp"

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <span>
#include <string>

int main(int argc, char** argv) {
    using namespace events;
    constexpr logging::Options kQuiet{.level = logging::Level::fatal};
    const std::span arguments{argv, static_cast<std::size_t>(argc)};
    if (arguments.size() != 3) return 64;
    metrics::Registry metrics;
    gateway::Spool spool{
        {arguments[1], std::uint64_t{1} << 30}, logging::Logger{"spool_writer", kQuiet}, metrics};
    for (auto n = std::strtoull(arguments[2], nullptr, 10);; ++n) {
        // The same messages that the test expects: three, of a length that depends on n.
        auto writer = spool.begin();
        for (int part = 0; part < 3; ++part) {
            const std::string payload(1 + n * 7'919 % 300'000, static_cast<char>('a' + part));
            const nats::HeaderField number{"Number", std::to_string(n)};
            writer.add("events.facebook", std::span{&number, 1}, payload);
        }
        writer.commit();
        const auto line = std::to_string(n) + "\n";
        if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) return EXIT_FAILURE;
    }
}
