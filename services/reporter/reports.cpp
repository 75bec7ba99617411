#include "reporter/reports.hpp"

#include "common/http/problem.hpp"
#include "reporter/answer.hpp"
#include "reporter/parse_query.hpp"
#include "reporter/sql.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kRetryAfter = 2s;

/// The work of one report.
struct Select {
    Sql sql;

    Row operator()(postgres::Connection& connection) const {
        return connection.read([this](auto& transaction) {
            const auto result = transaction.exec_params(
                sql.text, pqxx::prepare::make_dynamic_params(sql.parameters));
            Row row;
            for (const auto& field : result.at(0)) row.emplace_back(field.c_str());
            return row;
        });
    }
};

}  // namespace

Reports::Reports(postgres::Pool& pool, metrics::Registry& metrics, logging::Logger log)
    : pool_{pool}, probe_{metrics, std::move(log)} {}

void Reports::add_routes(http::Router& router) {
    for (const auto& [name, category] : kCategories) {
        router.add({.method = http::Method::get,
                    .path = "/reports/" + std::string{name},
                    // Not a coroutine itself: it only starts one, which takes values.
                    .handler = [this, asked = category](
                                   http::Request& request) { return answer(asked, request); },
                    .body_limit = 0,
                    .admission = {},
                    .cancel_when_client_leaves = true});
    }
}

boost::asio::awaitable<http::Response> Reports::answer(Category category, http::Request& request) {
    const auto& id = request.correlation_id;
    if (!open_.load()) {
        co_return http::retry_later("The reporter is starting.", id, kRetryAfter);
    }
    const auto query = parse_query(category, request.query);
    if (!query) {
        const auto& bad = query.error();
        probe_.refused(category, id, bad.size());
        co_return http::problem(400, describe(bad), id, errors_member(bad));
    }
    std::string detail;
    try {
        const auto started = Clock::now();
        Select select{build_sql(*query)};
        const auto row = co_await pool_.run(std::move(select));
        http::Response response;
        response.body = to_json(category, row);
        response.headers.emplace_back("Cache-Control", "no-store");
        probe_.answered(category, id, Clock::now() - started);
        co_return response;
    } catch (const postgres::PoolBusy& error) {
        probe_.failed(category, id, error.what());
        detail = "Too many reports are asked for at once.";
    } catch (const postgres::Cancelled&) {
        probe_.cancelled(category, id);
        co_return http::Response{};  // to nobody
    } catch (const postgres::PoolStopped& error) {
        probe_.failed(category, id, error.what());
        detail = "The reporter is shutting down.";
    } catch (const postgres::TookTooLong& error) {
        probe_.failed(category, id, error.what());
        detail = "The report took too long; a shorter range of time takes less.";
    } catch (const postgres::Unavailable& error) {
        probe_.failed(category, id, error.what());
        detail = "The database does not answer in time.";
    }
    co_return http::retry_later(detail, id, kRetryAfter);
}

}  // namespace events::reporter
