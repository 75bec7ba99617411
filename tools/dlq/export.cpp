#include "dlq/commands.hpp"
#include "dlq/letter_json.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>

namespace events::dlq {
namespace {

struct CloseFile {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

/// A file that gets its name when it is complete; without commit() it leaves nothing behind.
/// Unless it may `replace` one, none is there under that name, neither now nor then.
class NewFile {
  public:
    NewFile(std::string name, bool replace)
        : name_{std::move(name)},
          temporary_{fmt::format("{}.{}.part", name_, ::getpid())},
          replace_{replace} {
        if (!replace_ && std::filesystem::exists(name_)) refuse_to_replace();
        const int descriptor =
            ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (descriptor < 0) fail(temporary_);
        file_.reset(::fdopen(descriptor, "w"));
    }
    ~NewFile() {
        if (!committed_) ::unlink(temporary_.c_str());
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    void write(const std::string& line) {
        if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size()) fail(temporary_);
    }

    /// On the disk, too: a purge may be next.
    void commit() {
        if (std::fflush(file_.get()) != 0 || ::fsync(::fileno(file_.get())) != 0) fail(temporary_);
        if (!replace_ && std::filesystem::exists(name_)) refuse_to_replace();
        if (std::rename(temporary_.c_str(), name_.c_str()) != 0) fail(name_);
        committed_ = true;
    }

  private:
    [[noreturn]] void refuse_to_replace() const {
        throw std::runtime_error{fmt::format("{} is there already: --force replaces it", name_)};
    }
    [[noreturn]] static void fail(const std::string& name) {
        throw std::system_error{errno, std::generic_category(), name};
    }

    std::string name_;
    std::string temporary_;
    bool replace_;
    std::unique_ptr<std::FILE, CloseFile> file_;
    bool committed_ = false;
};

}  // namespace

ExitCode export_letters(Letters& letters, const CommandLine& line, Console& console) {
    const bool to_file = !line.output.empty();
    const auto charset = console.out_is_terminal && !to_file ? Charset::ascii : Charset::utf8;
    std::unique_ptr<NewFile> file;
    if (to_file) file = std::make_unique<NewFile>(line.output, line.force);

    auto reader = letters.read(line.filter, Parts::all);
    std::uint64_t count = 0;
    {
        Progress progress{console, "looked at", reader.total()};
        while (const auto letter = reader.next()) {
            const auto text = export_line(*letter, charset) + "\n";
            if (to_file) {
                file->write(text);
            } else {
                console.out << text;
            }
            ++count;
            if (letters.interrupted() || !console.out.good()) break;
            if (to_file || !console.out_is_terminal) progress.update(reader.looked_at());
        }
    }
    console.out << std::flush;
    if (letters.interrupted() || !console.out.good()) {
        console.error(
            fmt::format("not complete: {} letters{}", count, to_file ? ", and no file" : ""));
        return kIncomplete;
    }
    if (to_file) file->commit();
    console.err << fmt::format("{} letters exported\n", count);
    return kDone;
}

}  // namespace events::dlq
