#include "canary.hpp"
#include "injections.hpp"
#include "support/await.hpp"

namespace events::test {

void make_spool_read_only(Suite& suite, const Fault& fault) {
    suite.nats().kill();
    require(await([&] { return suite.spooled_files() > 0; }), "nothing is spooled without NATS");
    const auto& disk = suite.disk(fault.target);
    disk.set_read_only("gateway", true);
    require(await([&] { return !suite.stack().is_ready("gateway"); }),
            "the gateway is ready while neither NATS nor the spool takes events");
    hold(fault);
    suite.nats().start();
    // The spool can't be emptied, and is not needed.
    Canary canary{suite};
    require(await([&] { return canary.post(); }), "a spool that can't be emptied blocks POSTs");
    require(await([&] { return suite.stack().is_ready("gateway"); }),
            "the gateway is unready while NATS takes events");
    disk.set_read_only("gateway", false);
}

}  // namespace events::test
