#pragma once

#include "common/config/secret.hpp"
#include "common/crypto/digest.hpp"
#include "common/http/message.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace events::http {

/// The keys that open a door; several, so that they can be changed one after the other. Only their
/// SHA-256 is kept. Immutable, so thread-safe.
class KeyRing {
  public:
    explicit KeyRing(std::span<const config::Secret> keys);

    [[nodiscard]] bool empty() const noexcept { return keys_.empty(); }

    /// Whether it is one of them. All are compared, evenly: the time tells neither which one it
    /// was nor how much of it was right, and its length says nothing of theirs.
    [[nodiscard]] bool holds(std::string_view key) const;

  private:
    std::vector<crypto::Digest> keys_;
};

/// What a request says about who sent it.
enum class Proof : std::uint8_t {
    none,   ///< it names no key
    right,  ///< each key that it names is on the ring
    wrong,
};

/// Judges `Authorization: Bearer <key>` and `header` (`X-API-Key: <key>`, where that is not empty).
/// An Authorization of another scheme, which a proxy may have added, names no key, and nor does an
/// empty value, which clients send for a variable that is not set.
[[nodiscard]] Proof judge_keys(const RequestHead& head, const KeyRing& ring,
                               std::string_view header = {});

/// The values of every header of that name, in any case.
[[nodiscard]] std::vector<std::string_view> header_values(const RequestHead& head,
                                                          std::string_view name);

/// A 401 problem with `WWW-Authenticate: Bearer`. `detail` must not quote what the client sent.
[[nodiscard]] Response unauthorized(std::string_view detail, std::string_view correlation_id);

}  // namespace events::http
