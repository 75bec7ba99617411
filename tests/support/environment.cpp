#include "support/environment.hpp"

#include <fstream>
#include <iterator>

namespace events::test {

std::filesystem::path bin_directory() {
    return EVENTS_BIN_DIR;
}

std::filesystem::path source_directory() {
    return EVENTS_SOURCE_DIR;
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace events::test
