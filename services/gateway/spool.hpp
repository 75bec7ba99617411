#pragma once

#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "common/nats/publisher.hpp"
#include "gateway/spool_file.hpp"
#include "gateway/spool_folder.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace events::gateway {

struct SpoolOptions {
    std::filesystem::path folder;
    std::uint64_t max_bytes = 0;  ///< of all files, those that are being written included
    /// With more than 0, so many gateways share the folder: each has a numbered subfolder.
    std::size_t instances = 0;
};

/// A file of messages: those of one request, in its order.
struct SpoolFile {
    std::uint64_t number = 0;  ///< its place in the order in which requests were spooled
    std::uint64_t bytes = 0;
    std::chrono::system_clock::time_point since;
    /// Of its messages; empty while nobody has read them in this process.
    std::set<std::string, std::less<>> subjects{};
};

/// Requests that JetStream could not take, on disk until it can: a file a request, which is
/// complete or not there at all. A file is written beside, synced, renamed, and its folder synced,
/// so what was committed outlives the process and the machine's power.
///
/// What stands in a file tells spool_file.hpp. Its name is `<number>.cbor`; a `.part` was never
/// committed, and is removed at start. What can't be read is renamed to `.corrupt`, for a person to
/// look at.
///
/// One process at a time owns a folder. Where several share one, each has a place in it, and adopts
/// what those left behind that run no more. Thread-safe.
/// Failure: std::system_error, with ENOSPC also where `max_bytes` would be passed; the constructor
/// throws when the folder can't be written or other processes own it, or all places in it.
class Spool {
  public:
    Spool(SpoolOptions options, logging::Logger log, metrics::Registry& metrics);

    /// A file on its way; one that is not committed leaves nothing behind.
    class Writer {
      public:
        ~Writer();
        Writer(Writer&& other) noexcept;
        Writer& operator=(Writer&&) = delete;

        void add(std::string_view subject, std::span<const nats::HeaderField> headers,
                 std::string_view payload);
        void add(const SpooledMessage& message);
        /// The file is in the spool, for good, when this returns.
        void commit();

      private:
        friend class Spool;
        Writer(Spool& spool, std::uint64_t replaced);

        void append(std::string_view subject, std::map<std::string, std::string> headers,
                    std::string_view payload);
        void flush();
        void name(std::uint64_t number);

        Spool* spool_;
        std::uint64_t replaced_;  ///< the file whose place this one takes; 0: none
        SpoolFolder::Part part_;
        std::vector<std::uint8_t> buffer_;
        std::set<std::string, std::less<>> subjects_;
        std::uint64_t bytes_ = 0;
        std::uint64_t reserved_ = 0;  ///< counted in the spool's total
    };

    [[nodiscard]] Writer begin() { return {*this, 0}; }

    [[nodiscard]] bool empty() const;
    /// The files after number `after`, oldest first: as many as have `at_most_bytes`, but one at
    /// least where there is one, and `at_most` at most.
    [[nodiscard]] std::vector<SpoolFile> files_after(std::uint64_t after, std::size_t at_most,
                                                     std::uint64_t at_most_bytes) const;
    /// What a file holds; nothing, and the file is set aside, when it can't be understood.
    [[nodiscard]] std::vector<SpooledMessage> read(const SpoolFile& file);
    /// All its messages are published.
    void remove(const SpoolFile& file);
    /// Only these of its messages are not published yet.
    void keep_only(const SpoolFile& file, std::span<const SpooledMessage> rest);

    /// Takes over the files of gateways on the same folder that have ended, and counts them. They
    /// come after the own ones, in their order, even when they pass `max_bytes` together. What
    /// could not be moved is logged, and waits for the next time. Nothing without `instances`.
    std::size_t adopt();

    /// Waits until there are files; false when `patience` has passed, or at `stop`.
    bool wait_for_files(std::chrono::milliseconds patience, const std::stop_token& stop);
    /// Sets the gauge of the oldest file's age, which changes by itself.
    void show_age();

  private:
    void reserve(std::uint64_t bytes);
    void release(std::uint64_t bytes);
    void forget(std::uint64_t number);
    std::size_t adopt_from(SpoolFolder& left, const std::string& name);
    void know(const SpoolFile& file);  // with the lock, like the next one
    void show();

    const SpoolOptions options_;
    const logging::Logger log_;
    SpoolFolder folder_;

    mutable std::mutex mutex_;
    std::condition_variable_any came_;
    std::map<std::uint64_t, SpoolFile> files_;
    /// Of each file: an adopted one is behind younger ones.
    std::multiset<std::chrono::system_clock::time_point> since_;
    std::uint64_t last_number_ = 0;
    std::uint64_t bytes_ = 0;  ///< of files, and of what is being written

    metrics::Gauge& bytes_gauge_;
    metrics::Gauge& files_gauge_;
    metrics::Gauge& age_gauge_;
    metrics::Gauge& corrupt_gauge_;
};

}  // namespace events::gateway
