#pragma once

#include "common/destroy_with.hpp"
#include "common/nats/error.hpp"

#include <nats/nats.h>

#include <memory>
#include <string>

namespace events::nats {

using events::DestroyWith;

using OptionsHandle = std::unique_ptr<natsOptions, DestroyWith<&natsOptions_Destroy>>;
using SubscriptionHandle =
    std::unique_ptr<natsSubscription, DestroyWith<&natsSubscription_Destroy>>;
using MessageHandle = std::unique_ptr<natsMsg, DestroyWith<&natsMsg_Destroy>>;

/// Throws Error unless the call went well. cnats' status texts hold no addresses and no secrets.
inline void check(natsStatus status, const char* call) {
    if (status != NATS_OK) throw Error{call, natsStatus_GetText(status)};
}

/// A new subject that nobody else listens on: "_INBOX.<unique>".
[[nodiscard]] inline std::string make_inbox() {
    natsInbox* inbox = nullptr;
    check(natsInbox_Create(&inbox), "natsInbox_Create");
    const std::unique_ptr<natsInbox, DestroyWith<&natsInbox_Destroy>> owner{inbox};
    return inbox;
}

}  // namespace events::nats
