#include "reporter/reports.hpp"

#include "common/http/problem.hpp"
#include "reporter/answer.hpp"
#include "reporter/negotiation.hpp"
#include "reporter/sums.hpp"
#include "reporter/users.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kRetryAfter = 2s;

/// The work of one report, for a thread of the pool: its body, too.
struct Compute {
    Query query;
    bool csv;

    Expected<std::string, BadParameter> operator()(postgres::Connection& connection) const {
        return connection.read([this](auto& transaction) -> Expected<std::string, BadParameter> {
            auto report = compute_report(query, transaction);
            if (!report) return Unexpected<BadParameter>{std::move(report.error())};
            return csv ? to_csv(*report) : to_json(*report);
        });
    }
};

http::Response make_response(const Query& query, const http::Request& request, bool csv,
                             std::string body) {
    http::Response response;
    response.content_type = csv ? "text/csv; charset=utf-8" : "application/json";
    response.headers.emplace_back("Vary", "Accept");
    // In microseconds: the clock's own nanoseconds end in the year 2262.
    const auto now =
        std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    if (!query.to || *query.to >= now) {
        response.headers.emplace_back("Cache-Control", "no-store");
        response.body = std::move(body);
        return response;
    }
    // Late events may still change it, so it is kept only to be asked about.
    auto tag = entity_tag(body);
    response.headers.emplace_back("Cache-Control", "no-cache");
    if (matches_tag(request.header("If-None-Match").value_or(""), tag)) {
        response.status = 304;
    } else {
        response.body = std::move(body);
    }
    response.headers.emplace_back("ETag", std::move(tag));
    return response;
}

}  // namespace

Expected<Report, BadParameter> compute_report(const Query& query,
                                              pqxx::transaction_base& transaction) {
    if (query.category == Category::demographics) return compute_users(query, transaction);
    return compute_sums(query, transaction);
}

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

Reports::Reports(postgres::Pool& pool, metrics::Registry& metrics, logging::Logger log)
    : pool_{pool}, probe_{metrics, std::move(log)} {}

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
        co_return co_await compute(std::move(*query), request);
    } catch (const postgres::PoolBusy& error) {
        probe_.failed(category, request.ids(), error.what());
        detail = "Too many reports are asked for at once.";
    } catch (const postgres::Cancelled&) {
        probe_.cancelled(category, request.ids());
        co_return http::Response{};  // to nobody
    } catch (const postgres::PoolStopped& error) {
        probe_.failed(category, request.ids(), error.what());
        detail = "The reporter is shutting down.";
    } catch (const postgres::TookTooLong& error) {
        probe_.failed(category, request.ids(), error.what());
        detail = "The report took too long; a shorter range of time takes less.";
    } catch (const postgres::Refused& error) {
        probe_.failed(category, request.ids(), error.what());
        detail = "The database refuses to answer the report.";
    } catch (const postgres::Unavailable& error) {
        probe_.failed(category, request.ids(), error.what());
        detail = error.cause() == postgres::Cause::locked
                     ? "Somebody else's lock in the database is in the report's way."
                     : "The database does not answer in time.";
    }
    co_return http::retry_later(detail, id, kRetryAfter);
}

boost::asio::awaitable<http::Response> Reports::compute(Query query, http::Request& request) {
    const auto started = Clock::now();
    const bool csv = prefers_csv(request.header("Accept").value_or(""));
    Compute work{query, csv};
    auto body = co_await pool_.run(std::move(work));
    if (!body) co_return refuse(query.category, {body.error()}, request);
    probe_.answered(query.category, request.ids(), Clock::now() - started);
    co_return make_response(query, request, csv, std::move(*body));
}

http::Response Reports::refuse(Category category, const std::vector<BadParameter>& bad,
                               const http::RequestHead& head) {
    probe_.refused(category, head.ids(), bad.size());
    return http::problem(400, describe(bad), head.correlation_id, errors_member(bad));
}

}  // namespace events::reporter
