#include "reporter/access.hpp"

#include <utility>

namespace events::reporter {

Access::Access(std::span<const config::Secret> tokens, metrics::Registry& metrics,
               logging::Logger log)
    : tokens_{tokens}, probe_{metrics, std::move(log)} {}

http::Admission Access::admission() {
    if (tokens_.empty()) return {};
    return [this](const http::RequestHead& head) { return admit(head); };
}

Expected<std::shared_ptr<http::Permit>, http::Response> Access::admit(
    const http::RequestHead& head) {
    const auto proof = http::judge_keys(head, tokens_);
    if (proof == http::Proof::right) return std::shared_ptr<http::Permit>{};
    const bool missing = proof == http::Proof::none;
    // A path that this admission is asked about is that of a route: it may be a label.
    probe_.refused(head.path, missing ? http::AuthFailure::missing : http::AuthFailure::wrong_key,
                   head.ids());
    return Unexpected<http::Response>{
        http::unauthorized(missing ? "A report is for those who have a token; send it as "
                                     "Authorization: Bearer."
                                   : "The token is not known.",
                           head.correlation_id)};
}

}  // namespace events::reporter
