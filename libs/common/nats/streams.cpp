#include "common/nats/streams.hpp"

#include "common/nats/error.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <thread>
#include <utility>

namespace events::nats {
namespace {

/// How long a message waits after a reconnect for the streams to be looked at.
constexpr std::chrono::seconds kLookTimeout{1};

/// nats-server (2.9.10) removes the files of a deleted stream behind its answer: those of one that
/// is made at once would go with them, and what was acknowledged for it. Until then events go into
/// the spool.
constexpr std::chrono::seconds kDeletionTime{2};

}  // namespace

Streams::Streams(Connection& connection, JetStream& jetstream, std::vector<StreamConfig> wanted,
                 health::Indicator& broker, logging::Logger log, metrics::Registry& metrics)
    : connection_{connection}, jetstream_{jetstream}, broker_{broker}, log_{std::move(log)} {
    for (auto& config : wanted) {
        auto& fit = metrics.gauge("stream_fit",
                                  "1 while the stream keeps what it acknowledges; 0: nothing is "
                                  "published into it.",
                                  {{"stream", config.name}});
        fit.Set(1);  // until something else was seen
        streams_.push_back({.config = std::move(config), .fit = fit});
    }
}

void Streams::ensure() {
    const std::lock_guard one_at_a_time{ensuring_};
    if (std::ranges::any_of(streams_, [&](const Stream& stream) { return is_deleted(stream); })) {
        std::this_thread::sleep_for(kDeletionTime);
    }
    std::exception_ptr unfit;
    std::exception_ptr unanswered;
    for (auto& stream : streams_) {
        try {
            look(stream);
        } catch (const UnfitStream&) {
            if (!unfit) unfit = std::current_exception();
        } catch (const Error&) {
            if (!unanswered) unanswered = std::current_exception();
        }
    }
    show();
    if (unfit) std::rethrow_exception(unfit);
    if (unanswered) std::rethrow_exception(unanswered);
}

/// Whether a stream is gone that was there over this connection. Where nobody answers that is not
/// known, and look() tells.
bool Streams::is_deleted(const Stream& stream) {
    {
        const std::lock_guard lock{mutex_};
        if (stream.seen_over != connection_.generation()) return false;
    }
    try {
        return !jetstream_.stream_info(stream.config.name);
    } catch (const Error&) {
        return false;
    }
}

void Streams::look(Stream& stream) {
    const auto generation = connection_.generation();  // before: it may change meanwhile
    auto bounds = Bounds::leave;
    {
        const std::lock_guard lock{mutex_};
        if (stream.seen_over != generation) bounds = Bounds::apply;
        // What is there now may count anew.
        if (std::exchange(stream.doubted, false)) stream.sequence = 0;
    }
    try {
        if (ensure(stream.config, bounds)) {
            const std::lock_guard lock{mutex_};
            stream.sequence = 0;
        }
        seen(stream, generation, "");
    } catch (const UnfitStream& error) {
        seen(stream, generation, error.what());
        throw;
    }
}

/// Whether it had to be created.
bool Streams::ensure(const StreamConfig& config, Bounds bounds) {
    try {
        return jetstream_.ensure_stream(config, bounds);
    } catch (const UnfitStream& refused) {
        if (bounds == Bounds::leave) throw;
        // No room for more bytes, or too few nodes: what is there keeps events all the same.
        const bool created = jetstream_.ensure_stream(config, Bounds::leave);
        log_.warn("the bounds of a stream could not be changed",
                  {{"stream", config.name}, {"err", refused.what()}});
        return created;
    }
}

void Streams::seen(Stream& stream, std::uint64_t generation, std::string problem) {
    std::string before;
    {
        const std::lock_guard lock{mutex_};
        before = std::exchange(stream.problem, problem);
        if (!stream.doubted) stream.seen_over = generation;
    }
    looked_.notify_all();
    stream.fit.Set(problem.empty() ? 1 : 0);
    if (problem == before) return;
    const auto& name = stream.config.name;
    if (problem.empty()) {
        log_.info("the stream is fit again", {{"stream", name}});
    } else {
        log_.error("the stream is not fit: nothing is published into it",
                   {{"stream", name}, {"err", problem}});
    }
}

void Streams::show() {
    std::string all;
    for (const auto& stream : streams_) {
        if (stream.problem.empty()) continue;
        if (!all.empty()) all += "; ";
        all += stream.problem;
    }
    broker_.fault(all);
}

Streams::Stream* Streams::find(std::string_view stream) {
    const auto found = std::ranges::find_if(
        streams_, [stream](const Stream& known) { return known.config.name == stream; });
    return found == streams_.end() ? nullptr : &*found;
}

bool Streams::counts(std::string_view stream, std::uint64_t sequence) {
    const std::lock_guard lock{mutex_};
    auto* const found = find(stream);
    if (found == nullptr) return true;
    if (found->seen_over == 0 || !found->problem.empty()) return false;
    if (sequence <= found->sequence) {
        found->doubted = true;
        found->seen_over = 0;
        return false;
    }
    found->sequence = sequence;
    return true;
}

std::string Streams::refusal(std::string_view stream, std::uint64_t generation) {
    std::unique_lock lock{mutex_};
    auto* const found = find(stream);
    if (found == nullptr) return {};
    const auto is_seen = [&] { return found->seen_over == generation; };
    if (!is_seen() && waited_over_ != generation) {
        if (!looked_.wait_for(lock, kLookTimeout, is_seen)) waited_over_ = generation;
    }
    if (!found->problem.empty()) return found->problem;
    return is_seen() ? "" : found->config.name + ": nobody has looked at it yet";
}

}  // namespace events::nats
