// The dashboards against the types that Grafana publishes. tests/grafana has the check, which needs
// Node and the npm packages that scripts/test installs.
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace events::test {
namespace {

TEST(Dashboards, AreWhatGrafanasOwnTypesDescribe) {
    std::vector<std::string> command{"node",
                                     source_directory() / "tests" / "grafana" / "check.mjs"};
    for (const auto& file : std::filesystem::directory_iterator{source_directory() / "deploy" /
                                                                "grafana" / "dashboards"}) {
        command.push_back(file.path());
    }
    const TemporaryDirectory folder;
    const auto output = folder.path() / "output";
    const auto status =
        run({.command = std::move(command), .environment = {}, .output = output, .user = {}});
    EXPECT_EQ(status.code, 0) << read_file(output);
}

}  // namespace
}  // namespace events::test
