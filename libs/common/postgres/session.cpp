#include "common/postgres/session.hpp"

#include <libpq-events.h>
#include <libpq-fe.h>

#include <memory>
#include <utility>

namespace events::postgres {
namespace {

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

/// A piece that libpq's buffer takes well.
constexpr std::size_t kPiece = std::size_t{1} << 20;

/// The end of the statement as the server tells it. libpq has one result and then a null.
void check_end(PGconn* handle, const std::string& statement) {
    const Result result{PQgetResult(handle), &PQclear};
    while (const Result rest{PQgetResult(handle), &PQclear}) {
    }
    if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) return;
    const char* sqlstate = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    if (sqlstate == nullptr) throw pqxx::broken_connection{PQerrorMessage(handle)};
    throw pqxx::sql_error{PQresultErrorMessage(result.get()), statement, sqlstate};
}

/// A libpq event procedure; `pass_through` is what was registered with it. Returns success.
int tell_results(PGEventId id, void* /*info*/, void* pass_through) {
    if (id == PGEVT_RESULTCREATE) (*static_cast<const std::function<void()>*>(pass_through))();
    return 1;
}

}  // namespace

#if PQXX_VERSION_MAJOR < 7

Session::Session(const std::string& options) : connection_base{connect_}, connect_{options} {
    init();
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    // 6.x reconnects by itself, without our settings.
    inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

Session::~Session() {
    close();
}

Session::Connect::handle Session::Connect::do_startconnect(handle before) {
    made = connect_direct::do_startconnect(before);
    return made;
}

#else

Session::Session(const std::string& options) : Session{PQconnectdb(options.c_str())} {}

Session::Session(pg_conn* handle)
    : connection{pqxx::connection::seize_raw_connection(handle)}, handle_{handle} {}

Session::~Session() = default;

#endif

void Session::on_result(std::function<void()> happened) {
    on_result_ = std::move(happened);
    if (PQregisterEventProc(handle(), &tell_results, "results", &on_result_) == 0) {
        throw pqxx::broken_connection{PQerrorMessage(handle())};
    }
}

void Session::copy(pqxx::work& transaction, const std::string& statement, std::string_view rows) {
    transaction.exec(statement);
    while (!rows.empty()) {
        const auto piece = rows.substr(0, kPiece);
        // A server that has refused the data says so at the end.
        if (PQputCopyData(handle(), piece.data(), static_cast<int>(piece.size())) != 1) break;
        rows.remove_prefix(piece.size());
    }
    PQputCopyEnd(handle(), nullptr);
    check_end(handle(), statement);
}

}  // namespace events::postgres
