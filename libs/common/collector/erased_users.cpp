#include "common/collector/erased_users.hpp"

#include "common/postgres/sql_text.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace events::collector {
namespace {

std::string bytes_of(const pqxx::field& field) {
    const auto bytes = postgres::read_bytea({field.c_str(), field.size()});
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};  // NOLINT: bytes are bytes
}

}  // namespace

void ErasedUsers::load(postgres::Connection& connection) {
    connection.read([&](pqxx::transaction_base& transaction) {
        const auto list = transaction.exec1("SELECT version, salt FROM erasure_list");
        const auto users = transaction.exec_params(
            "SELECT user_hash, (extract(epoch FROM erased_at) * 1000000)::bigint "
            "FROM erased_users WHERE source = $1",
            std::string{source_.name()});
        erased_at_.clear();
        latest_ = Timestamp::min();
        for (const auto& row : users) {
            const auto hash = bytes_of(row[0]);
            crypto::Digest digest{};
            if (hash.size() != digest.size()) continue;  // nobody's
            std::ranges::copy(hash, digest.begin());
            const Timestamp time{std::chrono::microseconds{row[1].as<std::int64_t>()}};
            erased_at_[digest] = time;
            latest_ = std::max(latest_, time);
        }
        salt_ = bytes_of(list[1]);
        version_ = list[0].as<std::int64_t>();
    });
}

bool ErasedUsers::is_listed(const StorableEvent& event) const {
    const auto found = erased_at_.find(crypto::sha256(salt_ + std::string{event.event.user_id}));
    return found != erased_at_.end() && event.envelope->received_at <= found->second;
}

void ErasedUsers::confirm(pqxx::transaction_base& transaction) const {
    const auto now = transaction.exec1("SELECT version FROM erasure_list");
    if (now[0].as<std::int64_t>() != version()) throw ErasuresChanged{};
}

}  // namespace events::collector
