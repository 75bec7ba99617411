#include "support/reader_role.hpp"

#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <stdexcept>

namespace events::test {
namespace {

void run_script(const std::string& script, const std::string& url,
                const std::map<std::string, std::string>& variables,
                const std::map<std::string, std::string>& environment) {
    const TemporaryDirectory folder;
    const auto output = folder.path() / "output";
    std::vector<std::string> command{"psql", "-X", "-q", "-d", url};
    for (const auto& [name, value] : variables) {
        command.insert(command.end(), {"-v", name + "=" + value});
    }
    command.insert(command.end(),
                   {"-f", (source_directory() / "deploy" / "postgres" / script).string()});
    const auto status = run(
        {.command = std::move(command), .environment = environment, .output = output, .user = {}});
    if (status.code != 0) throw std::runtime_error{script + ": " + read_file(output)};
}

}  // namespace

void make_reader(const std::string& url, const std::map<std::string, std::string>& variables,
                 const std::map<std::string, std::string>& environment) {
    run_script("reader.sql", url, variables, environment);
}

void make_roles(const std::string& url, const std::map<std::string, std::string>& variables,
                const std::map<std::string, std::string>& environment) {
    run_script("roles.sql", url, variables, environment);
}

std::string as_role(const std::string& url, const std::string& role) {
    constexpr std::string_view kOwner = "//postgres@";
    auto changed = url;
    return changed.replace(changed.find(kOwner), kOwner.size(), "//" + role + "@");
}

}  // namespace events::test
