#include "reporter/reports.hpp"

#include "common/http/gzip.hpp"
#include "common/http/problem.hpp"
#include "reporter/answer.hpp"
#include "reporter/computation.hpp"
#include "reporter/negotiation.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kRetryAfter = 2s;

using ComputationPtr = std::shared_ptr<Computation>;

Body body_of(Computation& computation, Form form, std::size_t threads) {
    auto report = computation.count(threads);
    if (!report) return Unexpected<BadParameter>{report.error()};
    ReportText text{.text = form.csv ? to_csv(*report) : to_json(*report),
                    .kept_from = std::move(report->kept_from),
                    .series_from = std::move(report->series_from)};
    text.packed = form.gzip && http::pack(text.text);
    return text;
}

/// The first step, on a thread of the pool: all of a small report.
struct Begin {
    SharedQuestionPtr question;
    ComputationPtr computation;

    std::optional<Body> operator()(postgres::Connection& connection) const {
        question->begun = true;
        computation->read(connection);
        if (computation->is_big()) return std::nullopt;
        return body_of(*computation, question->form, 1);
    }
};

struct Count {
    ComputationPtr computation;
    Form form;
    std::size_t threads;

    Body operator()() const { return body_of(*computation, form, threads); }
};

http::Response make_response(const Query& query, const http::Request& request, bool csv,
                             ReportText report) {
    http::Response response;
    response.content_type = csv ? "text/csv; charset=utf-8" : "application/json";
    response.headers.emplace_back("Vary", "Accept, Accept-Encoding");
    if (!report.kept_from.empty()) {
        response.headers.emplace_back("Retained-From", std::move(report.kept_from));
    }
    if (!report.series_from.empty()) {
        response.headers.emplace_back("Series-From", std::move(report.series_from));
    }
    const auto show = [&] {
        response.body = std::move(report.text);
        if (report.packed) response.headers.emplace_back("Content-Encoding", "gzip");
    };
    // In microseconds: the clock's own nanoseconds end in the year 2262.
    const auto now =
        std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    if (!query.to || *query.to >= now) {
        response.headers.emplace_back("Cache-Control", "no-store");
        show();
        return response;
    }
    // Late events may still change it, so it is kept only to be asked about.
    auto tag = entity_tag(report.text);
    response.headers.emplace_back("Cache-Control", "no-cache");
    if (matches_tag(request.header("If-None-Match").value_or(""), tag)) {
        response.status = 304;
    } else {
        show();
    }
    response.headers.emplace_back("ETag", std::move(tag));
    return response;
}

}  // namespace

TimeZones read_time_zones(postgres::Connection& connection) {
    return connection.read([](auto& transaction) {
        TimeZones zones;
        // Without the system's own: its present zone, and a copy of all under another folder.
        const auto rows = transaction.exec(
            "SELECT name FROM pg_timezone_names "
            "WHERE name NOT LIKE 'posix/%' AND name NOT IN ('localtime', 'posixrules', 'Factory')");
        for (const auto& row : rows) zones.insert(row[0].template as<std::string>());
        return zones;
    });
}

Reports::Reports(postgres::Pool& pool, Snapshots& snapshots, ScanExecutor& scans,
                 std::size_t threads, metrics::Registry& metrics, logging::Logger log)
    : pool_{pool},
      snapshots_{snapshots},
      scans_{scans},
      threads_{threads},
      probe_{metrics, std::move(log)},
      answers_{[this](SharedQuestionPtr question) { return compute(std::move(question)); },
               metrics} {}

void Reports::open(TimeZones zones) {
    zones_ = std::move(zones);
    open_.store(true);
}

void Reports::add_routes(http::Router& router, const http::Admission& admission) {
    for (const auto& [name, category] : kCategories) {
        router.add({.method = http::Method::get,
                    .path = "/reports/" + std::string{name},
                    // Not a coroutine itself: it only starts one, which takes values.
                    .handler = [this, asked = category](
                                   http::Request& request) { return answer(asked, request); },
                    .body_limit = 0,
                    .admission = admission,
                    .cancel_when_client_leaves = true});
    }
}

boost::asio::awaitable<http::Response> Reports::answer(Category category, http::Request& request) {
    const auto& id = request.correlation_id;
    if (!open_.load()) {
        co_return http::retry_later("The reporter is starting.", id, kRetryAfter);
    }
    auto query = parse_query(category, request.query, zones_);
    if (!query) co_return refuse(category, query.error(), request);
    std::string detail;
    try {
        co_return co_await respond(*query, request);
    } catch (const postgres::PoolBusy& error) {
        probe_.failed(*query, request.ids(), error.what());
        detail = "Too many reports are asked for at once.";
    } catch (const postgres::Cancelled&) {
        probe_.cancelled(*query, request.ids());
        co_return http::Response{};  // to nobody
    } catch (const postgres::PoolStopped& error) {
        probe_.failed(*query, request.ids(), error.what());
        detail = "The reporter is shutting down.";
    } catch (const postgres::TookTooLong& error) {
        probe_.failed(*query, request.ids(), error.what());
        detail = "The report took too long; a shorter range of time takes less.";
    } catch (const postgres::Refused& error) {
        probe_.failed(*query, request.ids(), error.what());
        detail = "The database refuses to answer the report.";
    } catch (const postgres::Unavailable& error) {
        probe_.failed(*query, request.ids(), error.what());
        detail = error.cause() == postgres::Cause::locked
                     ? "Somebody else's lock in the database is in the report's way."
                     : "The database does not answer in time.";
    }
    co_return http::retry_later(detail, id, kRetryAfter);
}

boost::asio::awaitable<http::Response> Reports::respond(const Query& query,
                                                        http::Request& request) {
    const auto started = Clock::now();
    const Form form{.csv = prefers_csv(request.header("Accept").value_or("")),
                    .gzip = http::prefers_gzip(request)};
    auto body = co_await answers_.answer(query, form);
    if (!body) co_return refuse(query.category, {body.error()}, request);
    probe_.answered(query, request.ids(), Clock::now() - started);
    co_return make_response(query, request, form.csv, std::move(*body));
}

boost::asio::awaitable<Body> Reports::compute(SharedQuestionPtr question) {
    const auto computation =
        std::make_shared<Computation>(question->query, snapshots_, question->stop.get_token());
    Begin begin{question, computation};
    auto body = co_await pool_.run(std::move(begin));
    if (body) co_return std::move(*body);
    Count count{computation, question->form, threads_};
    co_return co_await scans_.run(std::move(count), question->stop);
}

http::Response Reports::refuse(Category category, const std::vector<BadParameter>& bad,
                               const http::RequestHead& head) {
    probe_.refused(category, head.ids(), bad.size());
    return http::problem(400, describe(bad), head.correlation_id, errors_member(bad));
}

}  // namespace events::reporter
