#pragma once

#include "common/http/problem.hpp"
#include "common/http/session.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <string>
#include <string_view>

namespace events::http {

/// How much is read at a time while a header is expected.
inline constexpr std::size_t kHeaderRead = 8 * 1024;
/// How much is read at a time of a body in chunks, or of one that nobody wants.
inline constexpr std::size_t kBodyRead = 64 * 1024;

/// A request on its way through the session.
struct Session::Exchange {
    boost::beast::http::request_parser<boost::beast::http::string_body> parser;
    Request request;  ///< the handler may move from it
    const Route* route = nullptr;
    std::string_view label = "other";
    Clock::time_point started = Clock::now();
    std::string correlation_id;
    TraceContext trace;
    Method method = Method::other;
    unsigned version = 11;
    bool keep_alive = false;
    bool unread = true;  ///< a part of the request may not have been read

    [[nodiscard]] logging::RequestIds ids() const noexcept {
        return {correlation_id, trace.trace_id(), trace.span_id()};
    }
    /// An error that the server makes by itself.
    [[nodiscard]] Response refusal(unsigned status, std::string_view detail) const {
        return problem(status, detail, correlation_id);
    }
};

}  // namespace events::http
