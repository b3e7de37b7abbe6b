// One WSAIoctl request: its code, its two buffers and the place for the count, none of which is to be trusted. Each
// code is one function of the type below, entered in the table in control.cpp; it is called for every request that
// bears its code on an open socket, also a malformed one, since that re-enables all the same (AS-ENABLE-8). Knows
// calls; must know nothing of what any code means.
#pragma once

#include <cstdint>
#include <span>

#include "impl/core/error.hpp"
#include "impl/net/memory.hpp"
#include "impl/winsock/slot.hpp"

namespace asyncselect::winsock {

struct Ioctl {
    std::uint32_t code = 0;
    const void* in = nullptr;
    std::uint32_t in_size = 0;  // bytes
    void* out = nullptr;
    std::uint32_t out_size = 0;  // bytes
    std::uint32_t* returned = nullptr;
    bool overlapped = false;  // an overlapped operation was asked for: none is offered

    // What is wrong with a request that needs so many bytes of each buffer, or none. Sets the count to 0.
    [[nodiscard]] core::Error check(std::size_t in_needed, std::size_t out_needed) const noexcept {
        if (overlapped) return core::error::operation_not_supported;
        if (in_size < in_needed || out_size < out_needed) return core::error::fault;
        return count(0);
    }

    // Copies the argument out of the buffer, which `check` has found large enough.
    template <class Value>
    [[nodiscard]] core::Error read(Value& value) const noexcept {
        return net::read_memory(&value, in, sizeof value) ? core::error::none : core::error::fault;
    }

    // Puts the answer into the buffer, which `check` has found large enough, and its size into the count.
    [[nodiscard]] core::Error answer(std::span<const std::byte> value) const noexcept {
        if (!net::write_memory(out, value.data(), value.size())) return core::error::fault;
        return count(static_cast<std::uint32_t>(value.size()));
    }

  private:
    [[nodiscard]] core::Error count(std::uint32_t bytes) const noexcept {
        return net::write_memory(returned, &bytes, sizeof bytes) ? core::error::none : core::error::fault;
    }
};

// Carries out a request. The error, or none.
using IoctlFunction = core::Error (*)(Call& call, const Ioctl& request) noexcept;

}  // namespace asyncselect::winsock
