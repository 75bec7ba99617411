#pragma once

#include "common/collector/event_store.hpp"
#include "common/crypto/digest.hpp"
#include "common/events/event.hpp"
#include "common/postgres/connection.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

namespace events::collector {

/// Somebody was erased after the list was loaded that a transaction's events were held against: it
/// is to be rolled back.
class ErasuresChanged : public std::runtime_error {
  public:
    ErasuresChanged() : std::runtime_error{"a person was erased while a batch was stored"} {}
};

/// The persons of a source who were erased (`erased_users`), by a hash of their ids: their events
/// are not stored that were accepted before, wherever they waited meanwhile.
///
/// Whoever erases commits a new version of the list, waits for all transactions that have begun to
/// write, and deletes rows then. So a writer is right that compares the version with its own behind
/// its last write, in the same transaction: either it sees the new version and does not commit, or
/// what it has written is there when rows are deleted.
///
/// It costs a hash only where an event was accepted before the latest erasure. Memory: some 100
/// bytes a person. One thread.
class ErasedUsers {
  public:
    explicit ErasedUsers(Source source) : source_{source} {}

    /// Reads the list. Failure: as Connection says.
    void load(postgres::Connection& connection);
    [[nodiscard]] bool is_loaded() const noexcept { return version_.has_value(); }
    [[nodiscard]] std::int64_t version() const noexcept { return version_.value_or(-1); }

    /// Whether the event's person was erased, and that after it was accepted.
    [[nodiscard]] bool has(const StorableEvent& event) const {
        return event.envelope->received_at <= latest_ && is_listed(event);
    }

    /// Throws ErasuresChanged where the transaction sees another version than was loaded.
    void confirm(pqxx::transaction_base& transaction) const;

  private:
    struct Hash {
        std::size_t operator()(const crypto::Digest& digest) const noexcept {
            std::size_t hash = 0;
            std::memcpy(&hash, digest.data(), sizeof hash);
            return hash;
        }
    };

    [[nodiscard]] bool is_listed(const StorableEvent& event) const;

    Source source_;
    std::optional<std::int64_t> version_;
    std::string salt_;
    Timestamp latest_ = Timestamp::min();  ///< erasure
    std::unordered_map<crypto::Digest, Timestamp, Hash> erased_at_;
};

}  // namespace events::collector
