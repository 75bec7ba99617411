#pragma once

namespace events::bench::scaling {

/// CPU time in microseconds of one core. What has "_message", "_request" or "_batch" in its name is
/// spent once for each of those, besides what their events cost.
struct CpuCosts {
    double gateway = 0;
    double gateway_message = 0;
    double gateway_request = 0;
    double publish = 0;  ///< of nats-server, to store an event
    double publish_message = 0;
    double deliver = 0;  ///< of nats-server, to deliver an event and to take its acknowledgement
    double deliver_message = 0;
    double collector = 0;  ///< of the source's own collector, encoding and merging included
    double collector_message = 0;
    double collector_batch = 0;
    double store = 0;  ///< of PostgreSQL: rows, segments, merging, autovacuum, WAL, checkpoints
    double store_batch = 0;
};

/// Bytes an event.
struct ByteCosts {
    double http = 0;         ///< its JSON in a request
    double message = 0;      ///< its share of a message in a stream's file
    double row = 0;          ///< in its table
    double row_indexes = 0;  ///< in the table's indexes
    double segment = 0;      ///< in the segments of a day that is over
    double wal = 0;          ///< merging included
};

/// What one of a kind can do, however much of everything else there is.
struct Ceilings {
    double leader_messages = 0;  ///< a second, stored and delivered by one stream's leader
    double leader_bytes = 0;     ///< a second, the same
    double commit_ms = 0;        ///< a transaction's wait for the disk; costs no CPU
};

/// What was measured.
struct Costs {
    CpuCosts cpu;
    ByteCosts bytes;
    Ceilings ceilings;
};

/// What an operator decides: machines to buy and settings.
struct Choices {
    double utilisation =
        0;  ///< of the scarcest resource of each part, 0 to 1: the rest is headroom
    double gateway_cores = 0;
    double broker_cores = 0;
    double database_cores = 0;
    double database_storage = 0;  ///< bytes, of a database server
    double network_bytes = 0;     ///< a second, of a machine, in each direction
    double disk_bytes = 0;        ///< a second that a machine's disk writes without end
    double events_per_message = 0;
    double batch_size = 0;
    double stream_replicas = 0;
    double database_copies = 0;  ///< the primary and its standbys
    double retention_days = 0;
};

}  // namespace events::bench::scaling
