#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace events::test {

/// The folder of this build's daemons.
[[nodiscard]] std::filesystem::path bin_directory();

/// The project's own folder.
[[nodiscard]] std::filesystem::path source_directory();

/// The whole content of a file; empty when it can't be read.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

}  // namespace events::test
