#include "common/postgres/session.hpp"

#include "common/postgres/copy_rows.hpp"

#include <fmt/format.h>

#include <libpq-events.h>
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <new>

namespace events::postgres {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;
using Handle = std::unique_ptr<PGconn, decltype(&PQfinish)>;

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

std::string field(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? std::string{} : std::string{text};
}

std::optional<ServerError> error_in(const PGresult* result) {
    auto sqlstate = field(result, PG_DIAG_SQLSTATE);
    if (sqlstate.empty()) return std::nullopt;
    ServerError error{.sqlstate = std::move(sqlstate),
                      .message = field(result, PG_DIAG_MESSAGE_PRIMARY),
                      .table = field(result, PG_DIAG_TABLE_NAME),
                      .column = field(result, PG_DIAG_COLUMN_NAME),
                      .constraint = field(result, PG_DIAG_CONSTRAINT_NAME)};
    // The languages' own files: pl_exec.c, plperl.c, plpy_elog.c, pltcl.c.
    error.raised = field(result, PG_DIAG_SOURCE_FILE).starts_with("pl");
    return error;
}

/// libpq calls this with each result that the session gets.
int on_event(PGEventId id, void* info, void* session) {
    if (id == PGEVT_RESULTCREATE) {
        const auto* result = static_cast<const PGEventResultCreate*>(info)->result;
        static_cast<Session*>(session)->note_result(error_in(result));
    }
    return 1;
}

/// connect_timeout of the handle's options.
std::chrono::seconds timeout_of(PGconn* handle) {
    constexpr std::chrono::seconds kDefault = 5s;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options{PQconninfo(handle),
                                                                               &PQconninfoFree};
    for (const auto* option = options.get(); option != nullptr && option->keyword != nullptr;
         ++option) {
        if (std::string_view{option->keyword} != "connect_timeout" || option->val == nullptr) {
            continue;
        }
        const std::string_view text{option->val};
        int seconds = 0;
        std::from_chars(text.data(), text.data() + text.size(), seconds);
        return seconds > 0 ? std::chrono::seconds{seconds} : kDefault;
    }
    return kDefault;
}

/// Waits until libpq can go on. False at the deadline.
bool await_socket(PGconn* handle, PostgresPollingStatusType wanted, Clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd socket{.fd = PQsocket(handle),
                  .events = static_cast<short>(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT),
                  .revents = 0};
    return left > 0ms && ::poll(&socket, 1, static_cast<int>(left.count())) != 0;
}

/// Why there is no connection, without the URL's user and password.
Unavailable failure_of(PGconn* handle) {
    const auto text_of = [](const char* text) { return std::string_view{text ? text : ""}; };
    auto error = read_login_error(PQerrorMessage(handle));
    const auto cause = cause_of_login_error(error);
    hide_value(error.message, text_of(PQpass(handle)));
    // Often the database's name, too, which tells what is wrong.
    const auto user = text_of(PQuser(handle));
    if (cause == Cause::login || user != text_of(PQdb(handle))) hide_value(error.message, user);
    return Unavailable{describe(error), cause};
}

void check_encoding(PGconn* handle) {
    const char* encoding = PQparameterStatus(handle, "server_encoding");
    if (encoding == nullptr || std::string_view{encoding} == "UTF8") return;
    throw WrongDatabase{
        fmt::format("the database is in {}: it must be made with ENCODING 'UTF8', or most names "
                    "can't be stored",
                    encoding)};
}

/// As PQconnectdb(), but with messages that hold an SQLSTATE.
Handle connect(const std::string& options) {
    Handle handle{PQconnectStart(options.c_str()), &PQfinish};
    if (!handle) throw std::bad_alloc{};
    PQsetErrorVerbosity(handle.get(), PQERRORS_VERBOSE);
    const auto deadline = Clock::now() + timeout_of(handle.get());
    auto status = PGRES_POLLING_WRITING;
    while (PQstatus(handle.get()) != CONNECTION_BAD && status != PGRES_POLLING_OK &&
           status != PGRES_POLLING_FAILED) {
        if (!await_socket(handle.get(), status, deadline)) {
            // An address that is silent: libpq goes on to the next one in a call that blocks only.
            PQreset(handle.get());
            break;
        }
        status = PQconnectPoll(handle.get());
    }
    if (PQstatus(handle.get()) != CONNECTION_OK) throw failure_of(handle.get());
    check_encoding(handle.get());
    return handle;
}

}  // namespace

#if PQXX_VERSION_MAJOR < 7

Session::Session(const std::string& options) : connection_base{connect_}, connect_{options} {
    init();
    prepare_handle();
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
    if (before == nullptr) made = connect(options()).release();
    return made;
}

#else

Session::Session(const std::string& options) : Session{connect(options).release()} {}

Session::Session(pg_conn* handle)
    : connection{pqxx::connection::seize_raw_connection(handle)}, handle_{handle} {
    prepare_handle();
}

Session::~Session() = default;

#endif

void Session::prepare_handle() {
    // No DETAIL, HINT or CONTEXT in any text: they quote rows.
    PQsetErrorVerbosity(handle(), PQERRORS_TERSE);
    if (PQregisterEventProc(handle(), &on_event, "events::postgres::Session", this) == 0) {
        throw pqxx::broken_connection{PQerrorMessage(handle())};
    }
}

void Session::note_result(std::optional<ServerError> error) {
    if (error) last_error_ = std::move(error);
    if (on_result_) on_result_();
}

void Session::copy(pqxx::work& transaction, const std::string& statement, std::string_view rows) {
    transaction.exec(statement);
    for (auto bytes : {CopyRows::kHeader, rows, CopyRows::kTrailer}) {
        while (!bytes.empty()) {
            const auto piece = bytes.substr(0, kPiece);
            // A server that has refused the data says so at the end.
            if (PQputCopyData(handle(), piece.data(), static_cast<int>(piece.size())) != 1) break;
            bytes.remove_prefix(piece.size());
        }
    }
    PQputCopyEnd(handle(), nullptr);
    check_end(handle(), statement);
}

}  // namespace events::postgres
