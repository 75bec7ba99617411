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
#include <optional>
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
    bool published = false;  ///< all of it, and the disk did not let it be removed
};

/// Requests that JetStream could not take, on disk until it can: a file a request, which is
/// complete or not there at all. A file is written beside, synced, renamed, and its folder synced,
/// so what was committed outlives the process and the machine's power.
///
/// spool_file.hpp tells what stands in a file. Its name is `<number>.spool`; a `.part` was never
/// committed, and is removed at start. What does not add up is renamed to `.corrupt`, for a person
/// to look at.
///
/// What is published counts, whatever the disk says: a file that can't be removed is not published
/// again by this process, and by the next one once more.
///
/// One process at a time owns a folder. Where several share one, each has a place in it, and adopts
/// what those left behind that run no more. Thread-safe.
/// Failure: std::system_error, with ENOSPC also where `max_bytes` would be passed, and ESTALE where
/// the folder was moved or deleted under the process; the constructor throws when the folder can't
/// be written or other processes own it, or all places in it.
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

        void append(std::string_view subject, const std::map<std::string, std::string>& headers,
                    std::string_view payload);
        void flush();
        void name(std::uint64_t number);
        /// Takes a step; what that throws is why the spool takes nothing, until look() sees that it
        /// does again.
        template <typename Step>
        void attempt(const Step& step);

        Spool* spool_;
        std::uint64_t replaced_;  ///< the file whose place this one takes; 0: none
        SpoolFolder::Part part_;
        SpoolFileEncoder encoder_;
        std::set<std::string, std::less<>> subjects_;
        std::uint64_t bytes_ = 0;
        std::uint64_t reserved_ = 0;  ///< counted in the spool's total
    };

    [[nodiscard]] Writer begin() { return {*this, 0}; }

    /// Why nothing can be spooled, as far as is known; empty: it can.
    [[nodiscard]] std::string problem() const;
    /// Looks whether something can be spooled, and logs when that changes; with `by_writing` as
    /// long as that is the only way to know. Not for a reactor's thread.
    void look(bool by_writing);

    /// Nothing waits to be published.
    [[nodiscard]] bool empty() const;
    /// The files after number `after`, oldest first: as many as have `at_most_bytes`, but one at
    /// least where there is one, and `at_most` at most.
    [[nodiscard]] std::vector<SpoolFile> files_after(std::uint64_t after, std::size_t at_most,
                                                     std::uint64_t at_most_bytes) const;
    /// The messages of a file that are not published; nothing, and the file is set aside, when they
    /// do not add up.
    [[nodiscard]] std::optional<std::vector<SpooledMessage>> read(const SpoolFile& file);
    /// All messages of a file but these are published: it is replaced by the rest, or removed. What
    /// the disk refuses is remembered, so that read() gives out the rest only.
    void keep_only(const SpoolFile& file, std::span<const SpooledMessage> rest);
    void remove(const SpoolFile& file) { keep_only(file, {}); }

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
    void remember_rest(std::uint64_t number, std::span<const SpooledMessage> rest);
    void require_in_place();
    void set_problem(std::string problem, std::uint64_t bytes);
    std::size_t adopt_from(SpoolFolder& left, const std::string& name);
    // With the lock:
    void take_stock();
    void require_allowed(std::uint64_t bytes) const;
    void know(const SpoolFile& file);
    void stop_waiting(SpoolFile& file);
    void show();

    const SpoolOptions options_;
    const logging::Logger log_;
    SpoolFolder folder_;

    mutable std::mutex mutex_;
    std::condition_variable_any came_;
    std::map<std::uint64_t, SpoolFile> files_;
    /// Of each file: an adopted one is behind younger ones.
    std::multiset<std::chrono::system_clock::time_point> since_;
    /// Where the disk did not let a file be replaced: the places of its messages that still wait.
    std::map<std::uint64_t, std::set<std::size_t>> rests_;
    std::size_t published_files_ = 0;
    std::uint64_t last_number_ = 0;
    std::uint64_t bytes_ = 0;  ///< of files, and of what is being written
    std::string problem_;
    std::uint64_t refused_bytes_ = 0;  ///< there must be room for so many before it is over

    metrics::Gauge& bytes_gauge_;
    metrics::Gauge& files_gauge_;
    metrics::Gauge& age_gauge_;
    metrics::Gauge& corrupt_gauge_;
    metrics::Gauge& published_gauge_;
};

}  // namespace events::gateway
