#pragma once

#include "common/expected.hpp"
#include "common/http/trace_context.hpp"
#include "common/logging/request_ids.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace events::http {

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options, other };

/// The wire name, e.g. "GET".
[[nodiscard]] std::string_view to_string(Method method) noexcept;

/// What a request's first line and header say: enough to refuse it before its body is read.
struct RequestHead {
    Method method = Method::other;
    std::string target;  ///< as received, e.g. "/reports/events?from=1"
    std::string path;    ///< "/reports/events"
    std::string query;   ///< "from=1", still percent-encoded; empty without '?'
    std::vector<std::pair<std::string, std::string>> headers;  ///< as received, in order
    std::optional<std::uint64_t> content_length;
    std::string correlation_id;  ///< from X-Correlation-Id when well-formed, else a new UUIDv7
    TraceContext trace;          ///< this request's span, from `traceparent` when well-formed

    /// The first header of that name, in any case.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept;
    /// For log lines; valid as long as the head.
    [[nodiscard]] logging::RequestIds ids() const noexcept {
        return {correlation_id, trace.trace_id(), trace.span_id()};
    }
};

struct Response;

/// A route's leave to read a request's body and to work on it; it ends with the request.
class Permit {
  public:
    Permit() = default;
    virtual ~Permit() = default;
    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;

    /// So many bytes of the body have come. False ends the request with refusal().
    [[nodiscard]] virtual bool received(std::uint64_t /*bytes*/) { return true; }
    [[nodiscard]] virtual Response refusal(const RequestHead& head);
};

struct Request : RequestHead {
    /// What the route's admission gave; freed with the request, when it is answered.
    std::shared_ptr<Permit> permit;
    /// At least events::kPadding bytes behind its end are readable (its capacity allows them).
    std::string body;
};

struct Response {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body{};
    std::vector<std::pair<std::string, std::string>> headers{};
};

/// Answers a request. Runs on the server's thread: it must not block, but may co_await work that
/// runs elsewhere. An exception becomes a 500 that does not say why; the log does.
using Handler = std::function<boost::asio::awaitable<Response>(Request&)>;

/// Looks at a request before its body is read: gives a permit that the request keeps until it is
/// answered, or the answer that refuses it.
using Admission = std::function<Expected<std::shared_ptr<Permit>, Response>(const RequestHead&)>;

}  // namespace events::http
