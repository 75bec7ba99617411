#pragma once

#include "inputs.hpp"

#include <string>
#include <vector>

namespace events::bench::scaling {

/// What comes in, of both sources together, half of it of each.
struct Load {
    double events_per_second = 0;
    double events_per_request = 0;
};

/// How many of one kind are needed.
struct Part {
    int count = 0;
    std::string bottleneck;  ///< the resource that asks for so many
    double utilisation = 0;  ///< of that resource, with so many
};

/// Bytes a second.
struct Traffic {
    double requests = 0;   ///< into the gateways
    double published = 0;  ///< from the gateways to the streams' leaders
    double replicated = 0;
    double delivered = 0;  ///< to the collectors; what they send to the databases is less
    double wal = 0;        ///< of all primaries; a standby receives as much
};

/// Bytes a day, one copy.
struct Growth {
    double rows = 0;
    double segments = 0;
    double wal = 0;
};

struct Plan {
    Part gateways;
    Part brokers;                    ///< servers
    Part partitions;                 ///< of the stream of each source
    Part collectors;                 ///< of both sources together
    Part databases;                  ///< shards; each has Choices::database_copies servers
    double busy_database_cores = 0;  ///< of all shards' primaries together
    double events_per_message = 0;
    Traffic traffic;
    Growth growth;
    double retained_bytes = 0;  ///< rows and segments of the retention, all copies
    double cached_bytes = 0;    ///< segments of the retention, all shards: a reporter's cache
};

/// Something that one of a kind has so much of, and what all of them together are asked for.
struct Resource {
    std::string name;
    double demand = 0;
    double ceiling = 0;  ///< of one; positive
};

/// The fewest, at least `least`, that keep each resource at `utilisation` of its ceiling.
///
/// Errors  throws std::invalid_argument for a ceiling or a utilisation that is not positive.
[[nodiscard]] Part size(const std::vector<Resource>& resources, double utilisation, int least = 1);

/// CPU of the whole suite for one event, without its sender, microseconds.
[[nodiscard]] double cost_of_event(const Costs& costs, const Choices& choices, const Load& load);

/// What a load needs. Pure.
///
/// Both streams and databases are split by one hash, so that a partition belongs to one database:
/// there are at least as many partitions of a source as databases. Requests are packed into
/// messages per partition, which therefore get smaller with the number of partitions.
///
/// Errors  throws std::invalid_argument for a load or a choice that makes no sense.
[[nodiscard]] Plan plan(const Costs& costs, const Choices& choices, const Load& load);

}  // namespace events::bench::scaling
