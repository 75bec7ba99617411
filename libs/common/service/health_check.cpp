#include "common/service/health_check.hpp"

#include "common/http/client.hpp"

#include <chrono>
#include <cstdlib>
#include <iostream>

namespace events::service {

int check_health(const http::ServerOptions& options) {
    using namespace std::chrono_literals;
    const auto host = options.host == "0.0.0.0" ? "127.0.0.1"
                      : options.host == "::"    ? "::1"
                                                : options.host;
    http::Client client{host, options.port};
    const auto response = client.send({.method = "GET", .target = "/readiness"}, 3s);
    if (!response) {
        std::cerr << "no answer: " << response.error().message << "\n";
        return EXIT_FAILURE;
    }
    if (response->status == 200) return EXIT_SUCCESS;
    std::cerr << response->body << "\n";
    return EXIT_FAILURE;
}

}  // namespace events::service
