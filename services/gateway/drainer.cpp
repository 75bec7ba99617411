#include "gateway/drainer.hpp"

#include "common/events/event.hpp"
#include "common/nats/error.hpp"
#include "common/nats/topology.hpp"
#include "common/retry/backoff.hpp"
#include "common/retry/pause.hpp"
#include "gateway/fitting.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <future>
#include <memory>
#include <utility>

namespace events::gateway {
namespace {

using namespace std::chrono_literals;

/// What is published at one time: enough for one round trip to serve many small requests.
constexpr std::size_t kFilesAtOnce = 256;
constexpr std::uint64_t kBytesAtOnce = std::uint64_t{8} << 20;
constexpr auto kTick = 1s;  ///< how often the oldest age is shown

/// How long a refusal stands for what JetStream does; nobody may come to find out.
constexpr auto kRefusalStands = 5s;
constexpr auto kTellAgain = 1min;

}  // namespace

/// A file's messages, and those of them that are published now.
struct Drainer::Loaded {
    SpoolFile file;
    std::vector<SpooledMessage> messages;
    std::vector<bool> sent{};
    bool settled = false;  ///< at least one is published: the file has to be replaced or removed
};

namespace {

/// Publishes every message but those to subjects that were refused.
template <typename Files>
nats::PublishOutcomes send(nats::Publisher& publisher, Files& files,
                           const std::set<std::string, std::less<>>& refused) {
    auto answer = std::make_shared<std::promise<nats::PublishOutcomes>>();
    auto outcomes = answer->get_future();
    auto batch =
        publisher.start([answer](nats::PublishOutcomes all) { answer->set_value(std::move(all)); });
    for (auto& file : files) {
        for (const auto& message : file.messages) {
            const bool sent = !refused.contains(message.subject);
            file.sent.push_back(sent);
            if (!sent) continue;
            std::vector<nats::HeaderField> headers;
            for (const auto& [name, value] : message.headers) {
                headers.push_back({name.c_str(), value});
            }
            publisher.wait_for_room();
            batch.add(message.subject.c_str(), headers, message.payload);
        }
    }
    batch.finish();
    return outcomes.get();
}

/// Whether it is an event that was too large when it came out of the spool, see fit().
bool is_given_up(const SpooledMessage& message) {
    return message.subject == nats::kDeadLetterOfGateway &&
           message.headers.contains(nats::headers::kEventCount);
}

}  // namespace

Drainer::Drainer(Spool& spool, nats::Connection& connection, nats::Publisher& publisher,
                 Probe& probe, std::function<void()> on_missing_stream, logging::Logger log)
    : spool_{spool},
      connection_{connection},
      jetstream_{connection},
      publisher_{publisher},
      probe_{probe},
      on_missing_stream_{std::move(on_missing_stream)},
      log_{std::move(log)},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void Drainer::taken() noexcept {
    if (refused_at_.load().count() != 0) refused_at_ = Clock::duration::zero();
}

std::string Drainer::problem() const {
    if (!connection_.connected()) return "no connection to NATS";
    if (held_) return "JetStream does not answer";
    const auto refused = refused_at_.load();
    const bool stands =
        refused.count() != 0 && Clock::now().time_since_epoch() - refused < kRefusalStands;
    return stands ? "JetStream refuses events" : "";
}

void Drainer::run(const std::stop_token& stop) {
    retry::Backoff backoff{50ms, 2'000ms};
    while (!stop.stop_requested()) {
        const bool waiting = spool_.wait_for_files(kTick, stop);
        spool_.show_age();
        if (!connection_.wait_connected(kTick)) continue;
        if (!waiting) {
            ask();
            continue;
        }
        auto progress = Progress::waits;
        try {
            progress = pass(stop);
        } catch (const std::exception& error) {
            disk_failed(error);
        }
        tell_of_the_disk();
        if (progress == Progress::done) {
            backoff.reset();
            if (spool_.empty()) log_.info("the spool is drained");
        } else {
            if (progress == Progress::waits) ask();
            retry::pause(backoff.next(), stop);
        }
    }
}

Drainer::Progress Drainer::pass(const std::stop_token& stop) {
    std::set<std::string, std::less<>> refused;
    auto result = Progress::done;
    for (std::uint64_t last = 0; !stop.stop_requested();) {
        auto files = spool_.files_after(last, kFilesAtOnce, kBytesAtOnce);
        if (files.empty()) break;
        last = files.back().number;
        std::erase_if(files, [&](const SpoolFile& file) {
            return !file.subjects.empty() && std::ranges::includes(refused, file.subjects);
        });
        auto loaded = load(files);
        const auto progress = publish(loaded, refused);
        remove_published(loaded);
        spool_.show_age();
        if (progress == Progress::unreachable) return progress;
        if (progress == Progress::waits) result = progress;
    }
    return disk_error_.empty() ? result : Progress::waits;
}

std::vector<Drainer::Loaded> Drainer::load(std::span<const SpoolFile> files) {
    std::vector<Loaded> loaded;
    for (const auto& file : files) {
        if (file.published) {
            loaded.push_back({.file = file, .messages = {}, .settled = true});
            continue;
        }
        try {
            if (auto messages = spool_.read(file)) {
                loaded.push_back({.file = file,
                                  .messages = fit(std::move(*messages), publisher_.max_payload())});
            }
        } catch (const std::exception& error) {
            disk_failed(error);  // the others do not wait for this one
        }
    }
    return loaded;
}

Drainer::Progress Drainer::publish(std::vector<Loaded>& files,
                                   std::set<std::string, std::less<>>& refused) {
    const auto outcomes = send(publisher_, files, refused);
    auto progress = Progress::done;
    bool taken_any = false;
    std::string why;
    std::size_t next = 0;
    for (auto& [file, messages, sent, settled] : files) {
        std::vector<SpooledMessage> rest;
        settled |= messages.empty();
        for (std::size_t i = 0; i < messages.size(); ++i) {
            if (sent[i]) {
                const auto& outcome = outcomes.at(next++);
                if (outcome.durable()) {
                    count(messages[i]);
                    taken_any = settled = true;
                    continue;
                }
                why = outcome.error;
                if (outcome.stream_missing()) on_missing_stream_();
                if (outcome.status == nats::PublishStatus::refused) {
                    refused.insert(messages[i].subject);
                    progress = std::max(progress, Progress::waits);
                } else {
                    progress = Progress::unreachable;
                }
            }
            rest.push_back(std::move(messages[i]));
        }
        messages = std::move(rest);
    }
    // Before the disk is touched, which may fail: requests need not wait for that.
    if (taken_any) taken();
    if (progress == Progress::unreachable) {
        hold();
    } else if (!outcomes.empty()) {
        release();
    }
    if (!why.empty()) log_.warn("JetStream does not take the spool's events yet", {{"err", why}});
    return progress;
}

void Drainer::remove_published(const std::vector<Loaded>& files) {
    for (const auto& [file, rest, sent, settled] : files) {
        if (!settled) continue;
        try {
            spool_.keep_only(file, rest);
        } catch (const std::exception& error) {
            disk_failed(error);
        }
    }
}

void Drainer::ask() {
    if (!held_) return;
    try {
        (void)jetstream_.stream_info(sources().front().stream());
        release();
    } catch (const nats::Error& error) {
        log_.debug("JetStream does not answer yet", {{"err", error.what()}});
    }
}

void Drainer::disk_failed(const std::exception& error) {
    if (disk_error_.empty()) disk_error_ = error.what();
}

void Drainer::tell_of_the_disk() {
    const auto error = std::exchange(disk_error_, {});
    const auto now = Clock::now();
    if (error.empty() || (error == told_error_ && now - told_at_ < kTellAgain)) return;
    told_error_ = error;
    told_at_ = now;
    log_.error(
        "the disk keeps the spool from being emptied; what is published and stays there is "
        "published again after a restart, which does no harm",
        {{"err", error}});
}

void Drainer::count(const SpooledMessage& message) {
    if (is_given_up(message)) return probe_.given_up();
    for (const auto source : sources()) {
        if (message.subject != source.subject()) continue;
        const auto found = message.headers.find(nats::headers::kEventCount);
        if (found == message.headers.end()) continue;
        std::uint64_t events = 0;
        const auto& text = found->second;
        std::from_chars(text.data(), text.data() + text.size(), events);
        probe_.processed(source, events);
    }
}

}  // namespace events::gateway
