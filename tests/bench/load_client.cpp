#include "load_client.hpp"

#include "event_message.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace events::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kKnownUsers = 100'000;

/// One kept-alive connection with one POST in flight at a time.
class Connection {
  public:
    /// Called with the status, or with the error, when a POST has ended.
    using Done = std::function<void(Connection&, unsigned status, const error_code&)>;

    Connection(asio::io_context& io, tcp::endpoint server, const Load& load, Done done)
        : socket_{io},
          server_{std::move(server)},
          done_{std::move(done)},
          message_{load.events_per_post, head},
          users_an_event_{
              load.known_users ? kKnownUsers / (load.events_per_post * load.connections) + 1 : 0} {
        connect();
    }

    /// Posts new events; `due` is when that should have begun.
    void post(Clock::time_point due) {
        due_ = due;
        message_.renew(users_an_event_);
        asio::async_write(socket_, asio::buffer(message_.text()),
                          [this](const error_code& error, std::size_t) {
                              if (error) return finish(0, error);
                              read();
                          });
    }

    [[nodiscard]] Clock::time_point due() const noexcept { return due_; }

  private:
    using Parser = http::response_parser<http::string_body>;

    static std::string head(std::size_t body_bytes) {
        return fmt::format(
            "POST /events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            "Content-Length: {}\r\n\r\n",
            body_bytes);
    }

    void connect() {
        socket_ = tcp::socket{socket_.get_executor()};
        socket_.connect(server_);
        socket_.set_option(tcp::no_delay{true});
        buffer_.clear();
    }

    void read() {
        parser_.emplace();
        http::async_read(socket_, buffer_, *parser_, [this](const error_code& error, std::size_t) {
            finish(error ? 0 : parser_->get().result_int(), error);
        });
    }

    void finish(unsigned status, const error_code& error) {
        if (error || !parser_->keep_alive()) connect();
        done_(*this, status, error);
    }

    tcp::socket socket_;
    tcp::endpoint server_;
    Done done_;
    EventMessage message_;
    std::uint64_t users_an_event_;
    boost::beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
    Clock::time_point due_{};
};

/// One load from its first POST to its last answer.
class Run {
  public:
    explicit Run(const Load& load) : load_{load} {
        const tcp::endpoint server{asio::ip::address_v4::loopback(), load.port};
        for (std::size_t i = 0; i < load.connections; ++i) {
            connections_.push_back(std::make_unique<Connection>(
                io_, server, load,
                [this](Connection& connection, unsigned status, const error_code& error) {
                    done(connection, status, error);
                }));
            idle_.push_back(connections_.back().get());
        }
    }

    LoadFigures post() {
        const auto cpu = cpu_time_of_this_thread();
        begin_ = Clock::now();
        end_ = begin_ + std::chrono::duration_cast<Clock::duration>(load_.duration);
        last_answer_ = begin_;
        if (load_.posts_per_second) {
            await_turn();
        } else {
            while (!idle_.empty() && may_begin()) begin(begin_);
        }
        io_.run();
        figures_.unsent = due_.size();
        figures_.seconds = std::chrono::duration<double>{last_answer_ - begin_}.count();
        figures_.cpu = cpu_time_of_this_thread() - cpu;
        return std::move(figures_);
    }

  private:
    [[nodiscard]] bool may_begin() const {
        return (!load_.posts || begun_ < *load_.posts) && Clock::now() < end_;
    }

    void begin(Clock::time_point due) {
        auto* connection = idle_.back();
        idle_.pop_back();
        ++begun_;
        connection->post(due);
    }

    void done(Connection& connection, unsigned status, const error_code& error) {
        last_answer_ = Clock::now();
        if (status == 201) {
            ++figures_.posts;
            figures_.events += load_.events_per_post;
            figures_.answer_ms.add(
                std::chrono::duration<double, std::milli>{last_answer_ - connection.due()}.count());
        } else {
            ++figures_.failures[error ? error.message() : std::to_string(status)];
        }
        idle_.push_back(&connection);
        if (load_.posts_per_second) {
            begin_due();
        } else if (may_begin()) {
            begin(last_answer_);
        }
    }

    // The open loop: turns become due one by one, and wait for an idle connection.

    void await_turn() {
        const std::chrono::duration<double> offset{static_cast<double>(turns_) /
                                                   *load_.posts_per_second};
        const auto turn = begin_ + std::chrono::duration_cast<Clock::duration>(offset);
        if (turn >= end_ || (load_.posts && turns_ >= *load_.posts)) return;
        timer_.expires_at(turn);
        timer_.async_wait([this, turn](const error_code&) {
            ++turns_;
            due_.push_back(turn);
            begin_due();
            await_turn();
        });
    }

    void begin_due() {
        while (!due_.empty() && !idle_.empty() && Clock::now() < end_) {
            begin(due_.front());
            due_.pop_front();
        }
    }

    Load load_;
    asio::io_context io_{1};
    asio::steady_timer timer_{io_};
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<Connection*> idle_;
    std::deque<Clock::time_point> due_;
    std::uint64_t turns_ = 0;
    std::uint64_t begun_ = 0;
    Clock::time_point begin_;
    Clock::time_point end_;
    Clock::time_point last_answer_;
    LoadFigures figures_;
};

}  // namespace

std::string LoadFigures::describe_failures() const {
    std::vector<std::string> parts;
    for (const auto& [what, count] : failures) parts.push_back(fmt::format("{}: {}", what, count));
    if (unsent > 0) parts.push_back(fmt::format("not sent in time: {}", unsent));
    return fmt::format("{}", fmt::join(parts, ", "));
}

void add_load(Case& measured, const LoadFigures& figures) {
    measured.add("events/s", static_cast<double>(figures.events) / figures.seconds);
    measured.add("requests/s", static_cast<double>(figures.posts) / figures.seconds);
    measured.add("p50 ms", figures.answer_ms.quantile(0.5));
    measured.add("p99 ms", figures.answer_ms.quantile(0.99));
    measured.add("p99.9 ms", figures.answer_ms.quantile(0.999));
    measured.add_cpu({{"load client", figures.cpu}}, figures.events);
    if (const auto failures = figures.describe_failures(); !failures.empty()) {
        measured.note("not 201: " + failures);
    }
}

LoadFigures post_events(const Load& load) {
    return Run{load}.post();
}

}  // namespace events::bench
