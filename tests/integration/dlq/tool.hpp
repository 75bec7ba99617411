#pragma once

#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace events::test {

/// What the tool answered; standard output and error together.
struct ToolOutput {
    int code;
    std::string text;

    /// Of an answer with --json, and of an export.
    [[nodiscard]] std::vector<nlohmann::json> objects() const {
        std::vector<nlohmann::json> all;
        std::istringstream lines{text};
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with('{')) all.push_back(nlohmann::json::parse(line));
        }
        return all;
    }
    [[nodiscard]] std::string last_line() const {
        const auto end = text.rfind('\n');
        if (end == std::string::npos || end == 0) return text;
        const auto begin = text.rfind('\n', end - 1);
        return text.substr(begin == std::string::npos ? 0 : begin + 1, end - begin - 1);
    }
};

[[nodiscard]] inline Process start_tool(const std::string& nats_url,
                                        const std::vector<std::string>& arguments,
                                        const std::filesystem::path& output,
                                        std::map<std::string, std::string> environment = {}) {
    environment["NATS_URL"] = nats_url;
    std::vector<std::string> command{(bin_directory() / "events-dlq").string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return Process{{.command = std::move(command),
                    .environment = std::move(environment),
                    .output = output,
                    .user = {}}};
}

/// Runs events-dlq to its end.
[[nodiscard]] inline ToolOutput run_tool(
    const std::string& nats_url, const std::vector<std::string>& arguments,
    const std::map<std::string, std::string>& environment = {}) {
    const TemporaryDirectory folder;
    const auto output = folder.path() / "output";
    auto process = start_tool(nats_url, arguments, output, environment);
    const auto status = process.wait(std::chrono::minutes{2});
    return {status ? status->code : -1, read_file(output)};
}

}  // namespace events::test
