// The main of a target that is compiled without libFuzzer: gives it every file that is named, and
// every file of a folder that is named.

#include "target.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

namespace {

std::vector<std::filesystem::path> files_of(std::span<const char* const> arguments) {
    std::vector<std::filesystem::path> files;
    for (const char* argument : arguments) {
        if (!std::filesystem::is_directory(argument)) {
            files.emplace_back(argument);
            continue;
        }
        for (const auto& entry : std::filesystem::directory_iterator{argument}) {
            files.push_back(entry.path());
        }
    }
    std::ranges::sort(files);
    return files;
}

}  // namespace

int main(int argc, char** argv) {
    const auto files =
        files_of(std::span<const char* const>{argv, static_cast<std::size_t>(argc)}.subspan(1));
    for (const auto& file : files) {
        std::ifstream input{file, std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{input}, {}};
        if (!input.is_open() || input.bad()) {
            std::fprintf(stderr, "can not read %s\n", file.c_str());
            return EXIT_FAILURE;
        }
        std::fprintf(stderr, "%s\n", file.c_str());  // the last one is the one that crashed
        (void)LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()),
                                     text.size());
    }
    std::printf("%zu inputs\n", files.size());
    return files.empty() ? EXIT_FAILURE : EXIT_SUCCESS;
}
