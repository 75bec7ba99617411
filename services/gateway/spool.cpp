#include "gateway/spool.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

namespace events::gateway {
namespace {

using nlohmann::json;
using std::chrono::system_clock;

/// How much is collected for one system call.
constexpr std::size_t kWriteStep = std::size_t{1} << 20;

SpooledMessage decode(const json& item) {
    SpooledMessage message{.subject = item.at("subject").get<std::string>(),
                           .headers = item.at("headers").get<std::map<std::string, std::string>>(),
                           .payload = {}};
    const auto& payload = item.at("payload").get_binary();
    message.payload.assign(payload.begin(), payload.end());
    return message;
}

/// The items of a CBOR sequence. Throws json::exception where they are none.
std::vector<SpooledMessage> decode(std::ifstream file) {
    std::vector<SpooledMessage> messages;
    while (file.peek() != std::ifstream::traits_type::eof()) {
        messages.push_back(decode(json::from_cbor(file, false)));
    }
    return messages;
}

}  // namespace

Spool::Spool(SpoolOptions options, logging::Logger log, metrics::Registry& metrics)
    : options_{std::move(options)},
      log_{std::move(log)},
      folder_{options_.folder},
      bytes_gauge_{metrics.gauge("spool_bytes", "Bytes of requests that wait in the spool.")},
      files_gauge_{metrics.gauge("spool_files", "Requests that wait in the spool.")},
      age_gauge_{metrics.gauge("spool_oldest_age_seconds",
                               "How long the spool's oldest request has waited.")},
      corrupt_gauge_{metrics.gauge("spool_corrupt_files",
                                   "Files of the spool that could not be read, set aside.")} {
    metrics.gauge("spool_max_bytes", "Bytes that the spool may hold.")
        .Set(static_cast<double>(options_.max_bytes));
    std::size_t corrupt = 0;
    for (const auto& [number, bytes, changed] : folder_.scan(corrupt)) {
        files_.emplace(number, SpoolFile{.number = number, .bytes = bytes, .since = changed});
        bytes_ += bytes;
    }
    corrupt_gauge_.Set(static_cast<double>(corrupt));
    if (!files_.empty()) {
        last_number_ = files_.rbegin()->first;
        log_.warn("the spool holds requests of an earlier run",
                  {{"files", files_.size()}, {"bytes", bytes_}});
    }
    show();
}

bool Spool::empty() const {
    const std::lock_guard lock{mutex_};
    return files_.empty();
}

std::vector<SpoolFile> Spool::files_after(std::uint64_t after, std::size_t at_most,
                                          std::uint64_t at_most_bytes) const {
    const std::lock_guard lock{mutex_};
    std::vector<SpoolFile> files;
    std::uint64_t bytes = 0;
    for (auto next = files_.upper_bound(after); next != files_.end(); ++next) {
        bytes += next->second.bytes;
        if (!files.empty() && (files.size() == at_most || bytes > at_most_bytes)) break;
        files.push_back(next->second);
    }
    return files;
}

std::vector<SpooledMessage> Spool::read(const SpoolFile& file) {
    try {
        auto messages = decode(folder_.open(file.number));
        const std::lock_guard lock{mutex_};
        if (const auto known = files_.find(file.number); known != files_.end()) {
            for (const auto& message : messages) known->second.subjects.insert(message.subject);
        }
        return messages;
    } catch (const json::exception& error) {
        log_.error("a file of the spool can't be read, and is set aside",
                   {{"file", file.number}, {"err", error.what()}});
        folder_.set_aside(file.number);
        corrupt_gauge_.Increment();
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::no_such_file_or_directory) throw;
        log_.error("a file of the spool was removed by somebody", {{"file", file.number}});
    }
    forget(file.number);
    return {};
}

void Spool::remove(const SpoolFile& file) {
    folder_.remove(file.number);
    forget(file.number);
}

void Spool::keep_only(const SpoolFile& file, std::span<const SpooledMessage> rest) {
    Writer writer{*this, file.number};
    for (const auto& message : rest) writer.add(message);
    writer.commit();
}

bool Spool::wait_for_files(std::chrono::milliseconds patience, const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    return came_.wait_for(lock, stop, patience, [this] { return !files_.empty(); });
}

void Spool::show_age() {
    const std::lock_guard lock{mutex_};
    const auto oldest = files_.empty() ? system_clock::now() : files_.begin()->second.since;
    const std::chrono::duration<double> age = system_clock::now() - oldest;
    age_gauge_.Set(std::max(0.0, age.count()));
}

void Spool::reserve(std::uint64_t bytes) {
    const std::lock_guard lock{mutex_};
    if (bytes > options_.max_bytes - std::min(bytes_, options_.max_bytes)) {
        throw std::system_error{ENOSPC, std::generic_category(), "SPOOL_MAX_BYTES"};
    }
    bytes_ += bytes;
}

void Spool::release(std::uint64_t bytes) {
    const std::lock_guard lock{mutex_};
    bytes_ -= bytes;
    show();
}

void Spool::forget(std::uint64_t number) {
    const std::lock_guard lock{mutex_};
    const auto found = files_.find(number);
    if (found == files_.end()) return;
    bytes_ -= found->second.bytes;
    files_.erase(found);
    show();
}

void Spool::show() {
    bytes_gauge_.Set(static_cast<double>(bytes_));
    files_gauge_.Set(static_cast<double>(files_.size()));
}

// --- the writer

Spool::Writer::Writer(Spool& spool, std::uint64_t replaced)
    : spool_{&spool}, replaced_{replaced}, part_{spool.folder_.create()} {}

Spool::Writer::Writer(Writer&& other) noexcept
    : spool_{std::exchange(other.spool_, nullptr)},
      replaced_{other.replaced_},
      part_{std::move(other.part_)},
      buffer_{std::move(other.buffer_)},
      subjects_{std::move(other.subjects_)},
      bytes_{other.bytes_},
      reserved_{std::exchange(other.reserved_, 0)} {}

Spool::Writer::~Writer() {
    if (spool_ == nullptr) return;
    spool_->folder_.discard(part_);
    spool_->release(reserved_);
}

void Spool::Writer::add(std::string_view subject, std::span<const nats::HeaderField> headers,
                        std::string_view payload) {
    std::map<std::string, std::string> fields;
    for (const auto& [name, value] : headers) fields.emplace(name, value);
    append(subject, std::move(fields), payload);
}

void Spool::Writer::add(const SpooledMessage& message) {
    append(message.subject, message.headers, message.payload);
}

void Spool::Writer::append(std::string_view subject, std::map<std::string, std::string> headers,
                           std::string_view payload) {
    const json item{{"subject", subject},
                    {"headers", std::move(headers)},
                    {"payload", json::binary({payload.begin(), payload.end()})}};
    json::to_cbor(item, buffer_);
    subjects_.emplace(subject);
    if (buffer_.size() >= kWriteStep) flush();
}

void Spool::Writer::flush() {
    if (replaced_ == 0) {  // what replaces a file is smaller than it: a full spool must get empty
        spool_->reserve(buffer_.size());
        reserved_ += buffer_.size();
    }
    bytes_ += buffer_.size();
    SpoolFolder::write(part_, buffer_);
    buffer_.clear();
}

void Spool::Writer::commit() {
    flush();
    auto& spool = *spool_;
    auto number = replaced_;
    if (number == 0) {
        const std::lock_guard lock{spool.mutex_};
        number = ++spool.last_number_;
    }
    name(number);

    const std::lock_guard lock{spool.mutex_};
    auto& file = spool.files_[number];
    if (replaced_ == 0) {
        file.number = number;
        file.since = system_clock::now();
    } else {
        spool.bytes_ += bytes_ - file.bytes;
    }
    file.bytes = bytes_;
    file.subjects = std::move(subjects_);
    spool.show();
    spool.came_.notify_all();
    spool_ = nullptr;  // nothing is left to discard
}

void Spool::Writer::name(std::uint64_t number) {
    auto& folder = spool_->folder_;
    try {
        folder.publish(part_, number);
    } catch (...) {
        // Who hears of a failure sends again; the old file is as good as the one to replace it.
        if (replaced_ == 0) folder.withdraw(number);
        throw;
    }
}

}  // namespace events::gateway
