#include "gateway/drainer.hpp"

#include "common/events/event.hpp"
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

/// A file's messages, and those of them that are published now.
struct Loaded {
    const SpoolFile* file;
    std::vector<SpooledMessage> messages;
    std::size_t first_outcome = 0;
    std::vector<bool> sent;
};

nats::PublishOutcomes send(nats::Publisher& publisher, std::vector<Loaded>& files,
                           const std::set<std::string, std::less<>>& refused) {
    auto answer = std::make_shared<std::promise<nats::PublishOutcomes>>();
    auto outcomes = answer->get_future();
    auto batch =
        publisher.start([answer](nats::PublishOutcomes all) { answer->set_value(std::move(all)); });
    std::size_t count = 0;
    for (auto& file : files) {
        file.first_outcome = count;
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
            ++count;
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
      publisher_{publisher},
      probe_{probe},
      on_missing_stream_{std::move(on_missing_stream)},
      log_{std::move(log)},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void Drainer::run(const std::stop_token& stop) {
    retry::Backoff backoff{50ms, 2'000ms};
    while (!stop.stop_requested()) {
        const bool waiting = spool_.wait_for_files(kTick, stop);
        spool_.show_age();
        if (!waiting || !connection_.wait_connected(kTick)) continue;
        auto progress = Progress::unreachable;
        try {
            progress = pass(stop);
        } catch (const std::exception& error) {  // the disk's, not JetStream's
            log_.error("the spool can't be drained", {{"err", error.what()}});
        }
        if (progress == Progress::done) {
            backoff.reset();
            if (spool_.empty()) log_.info("the spool is drained");
        } else {
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
        if (files.empty()) continue;
        const auto progress = publish(files, refused);
        spool_.show_age();
        if (progress == Progress::unreachable) {
            hold();
            return progress;
        }
        held_ = false;
        if (progress == Progress::refused) result = progress;
    }
    return result;
}

Drainer::Progress Drainer::publish(std::span<const SpoolFile> files,
                                   std::set<std::string, std::less<>>& refused) {
    std::vector<Loaded> loaded;
    for (const auto& file : files) {
        loaded.push_back({&file, fit(spool_.read(file), publisher_.max_payload()), 0, {}});
    }
    const auto outcomes = send(publisher_, loaded, refused);

    auto progress = Progress::done;
    std::string why;
    for (auto& [file, messages, next, sent] : loaded) {
        std::vector<SpooledMessage> rest;
        const auto before = messages.size();
        for (std::size_t i = 0; i < messages.size(); ++i) {
            if (sent[i]) {
                const auto& outcome = outcomes.at(next++);
                if (outcome.durable()) {
                    count(messages[i]);
                    continue;
                }
                why = outcome.error;
                if (outcome.stream_missing()) on_missing_stream_();
                if (outcome.status == nats::PublishStatus::refused) {
                    refused.insert(messages[i].subject);
                    progress = std::max(progress, Progress::refused);
                } else {
                    progress = Progress::unreachable;
                }
            }
            rest.push_back(std::move(messages[i]));
        }
        if (rest.empty() && before > 0) spool_.remove(*file);
        if (!rest.empty() && rest.size() < before) spool_.keep_only(*file, rest);
    }
    if (!why.empty()) log_.warn("JetStream does not take the spool's events yet", {{"err", why}});
    return progress;
}

void Drainer::count(const SpooledMessage& message) {
    if (is_given_up(message)) return probe_.given_up();
    for (const auto& [name, source] : kSources) {
        if (message.subject != nats::subject_of(source)) continue;
        const auto found = message.headers.find(nats::headers::kEventCount);
        if (found == message.headers.end()) continue;
        std::uint64_t events = 0;
        const auto& text = found->second;
        std::from_chars(text.data(), text.data() + text.size(), events);
        probe_.processed(source, events);
    }
}

}  // namespace events::gateway
