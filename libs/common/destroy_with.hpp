#pragma once

namespace events {

/// A std::unique_ptr's deleter that calls a C library's function.
template <auto DestroyFn>
struct DestroyWith {
    template <typename T>
    void operator()(T* handle) const noexcept {
        DestroyFn(handle);
    }
};

}  // namespace events
