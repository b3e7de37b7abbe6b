// What several.hpp declares: AFD is asked for all of them in one request.
#include "impl/net/several.hpp"

#include <cstddef>
#include <new>
#include <vector>

#include "impl/net/windows/afd.hpp"
#include "impl/net/windows/transport.hpp"

namespace asyncselect::net {

namespace {

namespace condition = afd::condition;

// What would change something: what holds already does not.
std::uint32_t news_for(const Watched& one) noexcept {
    std::uint32_t wanted = condition::local_close;
    if (one.readable && !one.now.readable) wanted |= condition::receive | condition::accept;
    if (one.readable && !one.now.end) wanted |= condition::disconnect;
    if (one.writable && !one.now.writable) wanted |= condition::send | condition::connect;
    if (one.urgent && !one.now.urgent) wanted |= condition::receive_expedited;
    if (!one.now.broken) wanted |= condition::abort | condition::connect_fail;
    return wanted;
}

}  // namespace

core::Error look(std::span<Watched> watched) noexcept {
    for (auto& one : watched) one.now = Windows::conditions_now(one.descriptor);
    return core::error::none;
}

core::Error await_any(std::span<const Watched> watched, int milliseconds) noexcept {
    try {
        const auto size = sizeof(afd::Request) + watched.size() * sizeof(afd::Asked);
        std::vector<std::max_align_t> memory(size / sizeof(std::max_align_t) + 1);
        auto& request = *new (memory.data()) afd::Request{};
        request.sockets = static_cast<ULONG>(watched.size());
        auto* asked = request.asked;
        for (const auto& one : watched) {
            if (one.readable && !one.now.readable && !Windows::left_to_come(one.descriptor)) return core::error::none;
            const auto socket = static_cast<SOCKET>(one.descriptor);
            *asked++ = {reinterpret_cast<HANDLE>(socket), news_for(one), 0};
        }
        return afd::await(request, static_cast<ULONG>(size), milliseconds) < 0 ? core::error::no_buffers
                                                                               : core::error::none;
    } catch (const std::bad_alloc&) {
        return core::error::no_buffers;
    }
}

}  // namespace asyncselect::net
