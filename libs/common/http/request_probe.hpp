#pragma once

#include "common/http/message.hpp"
#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace events::http {

/// What a server tells about a request: one log line and two metrics, which can't disagree.
/// Single-threaded: the children of the metrics are looked up once each and kept.
class RequestProbe {
  public:
    RequestProbe(metrics::Registry& metrics, logging::Logger log);

    /// `route` is the path of a route or "other", never what a client sent: labels stay few.
    void answered(std::string_view route, Method method, unsigned status,
                  std::chrono::steady_clock::duration duration, const logging::RequestIds& ids);

    /// The client left before its answer: counted with nginx's status 499, which is never sent.
    void abandoned(std::string_view route, Method method,
                   std::chrono::steady_clock::duration duration, const logging::RequestIds& ids);

    void failed(std::string_view route, std::string_view reason,
                const logging::RequestIds& ids) const;

  private:
    struct Children {
        metrics::Counter& requests;
        metrics::Histogram& duration;
    };
    void count(std::string_view route, Method method, unsigned status,
               std::chrono::steady_clock::duration duration);
    Children& children(std::string_view route, Method method, unsigned status);

    metrics::Registry& metrics_;
    logging::Logger log_;
    std::map<std::string, std::map<std::pair<Method, unsigned>, Children>, std::less<>> children_;
};

}  // namespace events::http
