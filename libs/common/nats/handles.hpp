#pragma once

#include <nats/nats.h>

#include <memory>

namespace events::nats {

template <auto DestroyFn>
struct DestroyWith {
    template <typename T>
    void operator()(T* handle) const noexcept {
        DestroyFn(handle);
    }
};

using OptionsHandle = std::unique_ptr<natsOptions, DestroyWith<&natsOptions_Destroy>>;
using ConnectionHandle = std::unique_ptr<natsConnection, DestroyWith<&natsConnection_Destroy>>;
using SubscriptionHandle =
    std::unique_ptr<natsSubscription, DestroyWith<&natsSubscription_Destroy>>;
using MessageHandle = std::unique_ptr<natsMsg, DestroyWith<&natsMsg_Destroy>>;

}  // namespace events::nats
