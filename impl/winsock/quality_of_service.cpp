// A flow specification takes effect where Linux can make it: the token rate paces what is sent, the service type marks
// it with a code point. The rest of it is kept and told.
#include "impl/winsock/quality_of_service.hpp"

#include <cstring>

namespace asyncselect::winsock {

namespace error = core::error;
namespace stimulus = core::stimulus;
using core::Error;
using net::Network;

namespace {

// The lower half of ServiceType is the type, the upper half flags.
enum Type : std::uint32_t {
    no_traffic = 0,
    best_effort = 1,
    controlled_load = 2,
    guaranteed = 3,
    no_change = 6,
    network_control = 10,
    qualitative = 13,
};
constexpr std::uint32_t type_bits = 0xffff;
constexpr std::uint32_t no_traffic_control = 0x81000000U;
constexpr std::uint32_t no_signaling = 0x40000000U;

constexpr std::uint32_t infinite_rate = 0xfffffffeU;

constexpr bool specified(std::uint32_t value) noexcept { return value != 0 && value < infinite_rate; }

constexpr std::uint32_t type_of(const asyncselect_FLOWSPEC& flow) noexcept { return flow.ServiceType & type_bits; }

// What the provider itself would only tell (SERVICETYPE_NETWORK_UNAVAILABLE and the like) cannot be asked for.
bool possible(const asyncselect_FLOWSPEC& flow) noexcept {
    switch (type_of(flow)) {
        case no_traffic:
        case best_effort:
        case controlled_load:
        case guaranteed:
        case no_change:
        case network_control:
        case qualitative:
            break;
        default:
            return false;
    }
    if ((flow.ServiceType & ~(type_bits | no_traffic_control | no_signaling)) != 0) return false;
    const auto ordered = [](std::uint32_t least, std::uint32_t most) {
        return !specified(least) || !specified(most) || least <= most;
    };
    return ordered(flow.TokenRate, flow.PeakBandwidth) && ordered(flow.MinimumPolicedSize, flow.MaxSduSize);
}

constexpr net::Shape unshaped{};

// What a sending flow specification means to the network: the code points are those that Microsoft documents for the
// service types.
net::Shape shape_of(const asyncselect_FLOWSPEC& flow) noexcept {
    const bool controlled = (flow.ServiceType & no_traffic_control) != no_traffic_control;
    if (!controlled || type_of(flow) == no_traffic) return unshaped;
    net::Shape shape;
    if (specified(flow.TokenRate)) shape.bytes_a_second = flow.TokenRate;
    switch (type_of(flow)) {
        case controlled_load:
            shape.code_point = 0x18;
            break;
        case guaranteed:
            shape.code_point = 0x28;
            break;
        case network_control:
            shape.code_point = 0x30;
            break;
        default:
            break;
    }
    return shape;
}

bool same(const asyncselect_FLOWSPEC& one, const asyncselect_FLOWSPEC& other) noexcept {
    static_assert(sizeof one == 8 * sizeof(std::uint32_t), "no padding");
    return std::memcmp(&one, &other, sizeof one) == 0;
}

}  // namespace

Error read_quality(const void* from, asyncselect_QOS& out) noexcept {
    if (!net::read_memory(&out, from, sizeof out)) return error::fault;
    if (!possible(out.SendingFlowspec) || !possible(out.ReceivingFlowspec)) return error::invalid;
    return out.ProviderSpecific.len != 0 ? error::operation_not_supported : error::none;
}

Error Extras::read(asyncselect_QOS& out) const noexcept {
    asyncselect_WSABUF data{};
    if (caller_data != nullptr) {
        if (!net::read_memory(&data, caller_data, sizeof data)) return error::fault;
        if (data.len != 0) return error::protocol_not_supported;
    }
    if (group_quality != nullptr) return error::operation_not_supported;
    if (quality != nullptr)
        if (const auto bad = read_quality(quality, out); bad != error::none) return bad;
    if (callee_data == nullptr) return error::none;
    if (!net::read_memory(&data, callee_data, sizeof data)) return error::fault;
    data.len = 0;
    return net::write_memory(callee_data, &data, sizeof data) ? error::none : error::fault;
}

QualityChange set_quality(Slot& slot, const asyncselect_QOS& wanted) noexcept {
    auto* seldom = seldom_of(slot);
    if (seldom == nullptr) return {error::no_buffers, false};
    const std::lock_guard lock{seldom->mutex};
    auto& present = seldom->quality;
    auto next = present;
    if (type_of(wanted.SendingFlowspec) != no_change) next.sending = wanted.SendingFlowspec;
    if (type_of(wanted.ReceivingFlowspec) != no_change) next.receiving = wanted.ReceivingFlowspec;
    if (same(present.sending, next.sending) && same(present.receiving, next.receiving)) return {};
    if (const auto shape = shape_of(next.sending); shape != shape_of(present.sending))
        if (const auto shaped = Network::shape(slot.descriptor, shape); !shaped.ok()) return {shaped.error, false};
    present = next;
    seldom->quality_was_set = true;
    return {error::none, true};
}

Error inherit_quality(const Slot& listener, Slot& accepted) noexcept {
    auto* from = listener.seldom.load();
    if (from == nullptr) return error::none;
    FlowSpecifications inherited;
    {
        const std::lock_guard lock{from->mutex};
        if (!from->quality_was_set) return error::none;
        inherited = from->quality;
    }
    auto* seldom = seldom_of(accepted);
    if (seldom == nullptr) return error::no_buffers;
    const std::lock_guard lock{seldom->mutex};
    seldom->quality = inherited;
    seldom->quality_was_set = true;
    // The system has given it what the listener had when the request came.
    return Network::shape(accepted.descriptor, shape_of(inherited.sending)).error;
}

Error sio_set_qos(Call& call, const Ioctl& request) noexcept {
    asyncselect_QOS wanted{};
    if (const auto bad = request.check(sizeof wanted, 0); bad != error::none) return bad;
    if (const auto bad = read_quality(request.in, wanted); bad != error::none) return bad;
    const auto change = set_quality(call.slot(), wanted);
    if (change.changed) call.end(stimulus::qos_changed());
    return change.error;
}

Error sio_get_qos(Call& call, const Ioctl& request) noexcept {
    // Enabled before it is read: a change that comes between is told, though it was fetched as well.
    if (!call.hold()) return error::not_socket;
    call.step_holding(stimulus::qos_fetched());
    call.release();
    asyncselect_QOS present{};
    if (const auto bad = request.check(0, sizeof present); bad != error::none) return bad;
    FlowSpecifications quality;
    if (auto* seldom = call.slot().seldom.load()) {
        const std::lock_guard lock{seldom->mutex};
        quality = seldom->quality;
    }
    present.SendingFlowspec = quality.sending;
    present.ReceivingFlowspec = quality.receiving;
    return request.answer(std::as_bytes(std::span{&present, 1}));
}

Error sio_set_group_qos(Call&, const Ioctl&) noexcept { return error::operation_not_supported; }

Error sio_get_group_qos(Call& call, const Ioctl&) noexcept {
    call.end(stimulus::group_qos_fetched());
    return error::operation_not_supported;  // AS-GQOS-1
}

}  // namespace asyncselect::winsock
