#include "gateway/spool.hpp"

#include <chrono>
#include <mutex>
#include <utility>

namespace events::gateway {
namespace {

using std::chrono::system_clock;

/// How much is collected for one system call.
constexpr std::size_t kWriteStep = std::size_t{1} << 20;

}  // namespace

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
    for (const auto& [name, value] : headers) {
        if (!value.empty()) fields.emplace(name, value);  // as it would have been published
    }
    append(subject, std::move(fields), payload);
}

void Spool::Writer::add(const SpooledMessage& message) {
    append(message.subject, message.headers, message.payload);
}

void Spool::Writer::append(std::string_view subject, std::map<std::string, std::string> headers,
                           std::string_view payload) {
    encode(subject, std::move(headers), payload, buffer_);
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
    if (replaced_ == 0) {
        spool.bytes_ -= bytes_;  // they were reserved
        spool.know({.number = number, .bytes = bytes_, .since = system_clock::now()});
    }
    auto& file = spool.files_[number];
    spool.bytes_ += bytes_ - file.bytes;
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
