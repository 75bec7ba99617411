#include "gateway/spool.hpp"

#include <chrono>
#include <mutex>
#include <system_error>
#include <utility>

namespace events::gateway {
namespace {

using std::chrono::system_clock;

/// How much is collected for one system call.
constexpr std::size_t kWriteStep = std::size_t{1} << 20;

}  // namespace

template <typename Step>
void Spool::Writer::attempt(const Step& step) {
    try {
        step();
    } catch (const std::system_error& error) {
        spool_->set_problem(error.what(), bytes_ + encoder_.bytes().size());
        throw;
    }
}

Spool::Writer::Writer(Spool& spool, std::uint64_t replaced) : spool_{&spool}, replaced_{replaced} {
    attempt([&] {
        if (replaced == 0) spool.require_in_place();
        part_ = spool.folder_.create();
    });
}

Spool::Writer::Writer(Writer&& other) noexcept
    : spool_{std::exchange(other.spool_, nullptr)},
      replaced_{other.replaced_},
      part_{std::move(other.part_)},
      encoder_{std::move(other.encoder_)},
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
    append(subject, fields, payload);
}

void Spool::Writer::add(const SpooledMessage& message) {
    append(message.subject, message.headers, message.payload);
}

void Spool::Writer::append(std::string_view subject,
                           const std::map<std::string, std::string>& headers,
                           std::string_view payload) {
    encoder_.add(subject, headers, payload);
    subjects_.emplace(subject);
    if (encoder_.bytes().size() >= kWriteStep) attempt([this] { flush(); });
}

void Spool::Writer::flush() {
    const auto& made = encoder_.bytes();
    if (replaced_ == 0) {  // what replaces a file is smaller than it: a full spool must get empty
        spool_->reserve(made.size());
        reserved_ += made.size();
    }
    SpoolFolder::write(part_, made);
    bytes_ += made.size();
    encoder_.clear();
}

void Spool::Writer::commit() {
    encoder_.end();
    attempt([this] { flush(); });
    auto& spool = *spool_;
    auto number = replaced_;
    if (number == 0) {
        const std::lock_guard lock{spool.mutex_};
        number = ++spool.last_number_;
    }
    attempt([&] { name(number); });

    const std::lock_guard lock{spool.mutex_};
    if (replaced_ == 0) spool.bytes_ -= bytes_;  // they were reserved
    if (!spool.files_.contains(number)) {
        spool.know({.number = number, .bytes = bytes_, .since = system_clock::now()});
    }
    auto& file = spool.files_[number];
    spool.bytes_ += bytes_ - file.bytes;
    file.bytes = bytes_;
    file.subjects = std::move(subjects_);
    spool.rests_.erase(number);
    spool.show();
    spool.came_.notify_all();
    spool_ = nullptr;  // nothing is left to discard
}

void Spool::Writer::name(std::uint64_t number) {
    auto& folder = spool_->folder_;
    try {
        folder.publish(part_, number);
        if (replaced_ == 0) spool_->require_in_place();
    } catch (...) {
        const bool has_its_name = part_.name.empty();
        if (replaced_ == 0) {
            folder.withdraw(number);  // who hears of a failure sends again
        } else if (has_its_name) {
            return;  // should the old file come back after a power cut: it is as good
        }
        throw;
    }
}

}  // namespace events::gateway
