#include "reporter/catalogue.hpp"

#include <utility>

namespace events::reporter {

std::vector<SegmentPtr> Catalogue::find(std::span<const postgres::ListedSegment> listed,
                                        pqxx::transaction_base& transaction) {
    std::vector<SegmentPtr> found;
    std::vector<std::int64_t> unknown;
    found.reserve(listed.size());
    {
        const std::lock_guard lock{mutex_};
        for (const auto& [id, partition] : listed) {
            const auto known = known_.find(id);
            found.push_back(known == known_.end() ? nullptr : known->second);
            if (!found.back()) unknown.push_back(id);
        }
    }
    if (unknown.empty()) return found;
    std::unordered_map<std::int64_t, SegmentPtr> read;
    for (auto& segment : postgres::read_segments(transaction, unknown)) {
        const auto id = segment.id;
        read.emplace(id, std::make_shared<const postgres::StoredSegment>(std::move(segment)));
    }
    const std::lock_guard lock{mutex_};
    for (std::size_t i = 0; i < listed.size(); ++i) {
        if (!found[i]) found[i] = read.at(listed[i].id);  // of the same snapshot as the list
    }
    known_.merge(read);
    return found;
}

void Catalogue::forget_all_but(std::span<const postgres::ListedSegment> listed) {
    std::unordered_map<std::int64_t, SegmentPtr> left;
    const std::lock_guard lock{mutex_};
    for (const auto& [id, partition] : listed) {
        if (auto known = known_.extract(id)) left.insert(std::move(known));
    }
    known_ = std::move(left);
}

}  // namespace events::reporter
