#include "gateway/spool.hpp"

#include "gateway/spool_places.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace events::gateway {
namespace {

SpoolFolder own_folder(const SpoolOptions& options) {
    if (options.instances == 0) return SpoolFolder{options.folder};
    return SpoolPlaces{options.folder}.choose(options.instances);
}

}  // namespace

Spool::Spool(SpoolOptions options, logging::Logger log, metrics::Registry& metrics)
    : options_{std::move(options)},
      log_{std::move(log)},
      folder_{own_folder(options_)},
      bytes_gauge_{metrics.gauge("spool_bytes", "Bytes of requests that wait in the spool.")},
      files_gauge_{metrics.gauge("spool_files", "Requests that wait in the spool.")},
      age_gauge_{metrics.gauge("spool_oldest_age_seconds",
                               "How long the spool's oldest request has waited.")},
      corrupt_gauge_{metrics.gauge("spool_corrupt_files",
                                   "Files of the spool that could not be read, set aside.")},
      published_gauge_{
          metrics.gauge("spool_published_files",
                        "Requests of the spool that are published and can't be removed.")} {
    metrics.gauge("spool_max_bytes", "Bytes that the spool may hold.")
        .Set(static_cast<double>(options_.max_bytes));
    take_stock();
    if (!files_.empty()) {
        log_.warn("the spool holds requests of an earlier run",
                  {{"files", files_.size()}, {"bytes", bytes_}});
    }
    show();
}

void Spool::take_stock() {
    double corrupt = 0;
    for (const auto& found : folder_.scan()) {
        // Of a file that was set aside, too: its name stays its own.
        last_number_ = std::max(last_number_, found.number);
        if (found.corrupt) {
            ++corrupt;
        } else if (!files_.contains(found.number)) {
            know({.number = found.number, .bytes = found.bytes, .since = found.changed});
        }
    }
    corrupt_gauge_.Set(corrupt);
}

bool Spool::empty() const {
    const std::lock_guard lock{mutex_};
    return files_.size() == published_files_;
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

std::optional<std::vector<SpooledMessage>> Spool::read(const SpoolFile& file) {
    try {
        auto messages = decode(folder_.read(file.number));
        const std::lock_guard lock{mutex_};
        if (const auto known = files_.find(file.number); known != files_.end()) {
            for (const auto& message : messages) known->second.subjects.insert(message.subject);
        }
        if (const auto rest = rests_.find(file.number); rest != rests_.end()) {
            std::erase_if(messages, [&](const SpooledMessage& message) {
                return !rest->second.contains(message.place);
            });
        }
        return messages;
    } catch (const NotASpoolFile& error) {
        folder_.set_aside(file.number);
        log_.error("a file of the spool can't be read, and is set aside",
                   {{"file", file.number}, {"err", error.what()}});
        corrupt_gauge_.Increment();
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::no_such_file_or_directory) throw;
        log_.error("a file of the spool was removed by somebody", {{"file", file.number}});
    }
    forget(file.number);
    return std::nullopt;
}

void Spool::keep_only(const SpoolFile& file, std::span<const SpooledMessage> rest) {
    remember_rest(file.number, rest);
    if (rest.empty()) {
        folder_.remove(file.number);
        return forget(file.number);
    }
    Writer writer{*this, file.number};
    for (const auto& message : rest) writer.add(message);
    writer.commit();
}

void Spool::remember_rest(std::uint64_t number, std::span<const SpooledMessage> rest) {
    const std::lock_guard lock{mutex_};
    auto& places = rests_[number];
    places.clear();
    for (const auto& message : rest) places.insert(message.place);
    if (const auto known = files_.find(number); known != files_.end() && rest.empty()) {
        stop_waiting(known->second);
    }
}

bool Spool::wait_for_files(std::chrono::milliseconds patience, const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    return came_.wait_for(lock, stop, patience, [this] { return !files_.empty(); });
}

void Spool::show_age() {
    const std::lock_guard lock{mutex_};
    const auto oldest = since_.empty() ? std::chrono::system_clock::now() : *since_.begin();
    const std::chrono::duration<double> age = std::chrono::system_clock::now() - oldest;
    age_gauge_.Set(std::max(0.0, age.count()));
}

void Spool::forget(std::uint64_t number) {
    const std::lock_guard lock{mutex_};
    rests_.erase(number);
    const auto found = files_.find(number);
    if (found == files_.end()) return;
    stop_waiting(found->second);
    --published_files_;
    bytes_ -= found->second.bytes;
    files_.erase(found);
    show();
}

void Spool::stop_waiting(SpoolFile& file) {
    if (file.published) return;
    file.published = true;
    ++published_files_;
    if (const auto since = since_.find(file.since); since != since_.end()) since_.erase(since);
    show();
}

void Spool::know(const SpoolFile& file) {
    files_.emplace(file.number, file);
    since_.insert(file.since);
    bytes_ += file.bytes;
}

void Spool::show() {
    bytes_gauge_.Set(static_cast<double>(bytes_));
    files_gauge_.Set(static_cast<double>(files_.size() - published_files_));
    published_gauge_.Set(static_cast<double>(published_files_));
}

// --- what others left

std::size_t Spool::adopt() {
    if (options_.instances == 0) return 0;
    require_in_place();
    const SpoolPlaces places{options_.folder};
    const auto turn = places.try_turn();
    if (!turn) return 0;  // another one adopts, or looks for a place
    std::size_t count = 0;
    for (const auto& path : places.all()) {
        try {
            auto left = SpoolFolder::if_free(path);
            if (left) count += adopt_from(*left, path.string());
        } catch (const std::system_error& error) {
            log_.error("what another gateway left in the spool can't be taken over",
                       {{"folder", path.string()}, {"err", error.what()}});
        }
    }
    return count;
}

std::size_t Spool::adopt_from(SpoolFolder& left, const std::string& name) {
    const auto files = left.scan();
    if (files.empty()) return 0;
    for (const auto& found : files) {
        const std::lock_guard lock{mutex_};  // so that nobody else gets the number
        folder_.take_over(left, found, ++last_number_);
        if (found.corrupt) {
            corrupt_gauge_.Increment();
        } else {
            know({.number = last_number_, .bytes = found.bytes, .since = found.changed});
        }
        show();
    }
    came_.notify_all();
    log_.warn("the spool took over what a gateway left that runs no more",
              {{"folder", name}, {"files", files.size()}});
    // First where they are now: in doubt a file is there twice, which is absorbed.
    folder_.sync();
    left.sync();
    return files.size();
}

}  // namespace events::gateway
