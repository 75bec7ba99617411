// Adopts what is left in a shared folder and says how much: spool_adopter FOLDER INSTANCES
#include "gateway/spool.hpp"

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <span>

int main(int argc, char** argv) {
    using namespace events;
    constexpr logging::Options kQuiet{.level = logging::Level::fatal};
    const std::span arguments{argv, static_cast<std::size_t>(argc)};
    if (arguments.size() != 3) return 64;
    metrics::Registry metrics;
    gateway::Spool spool{
        {arguments[1], std::uint64_t{1} << 30, std::strtoul(arguments[2], nullptr, 10)},
        logging::Logger{"spool_adopter", kQuiet},
        metrics};
    std::cout << spool.adopt() << std::endl;
    return EXIT_SUCCESS;
}
