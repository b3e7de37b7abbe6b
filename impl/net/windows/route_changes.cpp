// What route_changes.hpp declares, which is not there for Windows yet: SIO_ROUTING_INTERFACE_CHANGE and
// SIO_ADDRESS_LIST_CHANGE fail with WSAENOBUFS, as where a system gives no answer.
#include "impl/net/route_numbers.hpp"

namespace asyncselect::net {

void RouteQuery::Close::operator()(mnl_socket*) const noexcept {}
RouteQuery::RouteQuery() noexcept = default;
RouteQuery::RouteQuery(RouteQuery&&) noexcept = default;
RouteQuery& RouteQuery::operator=(RouteQuery&&) noexcept = default;
RouteQuery::~RouteQuery() = default;

core::Error RouteQuery::route_to(const Address&, Route&) noexcept { return core::error::no_buffers; }
core::Error RouteQuery::local_addresses(std::uint16_t, std::vector<Address>&) noexcept {
    return core::error::no_buffers;
}

RouteWatch::RouteWatch() noexcept : any_socket_{no_descriptor} {}
RouteWatch::~RouteWatch() = default;
void RouteWatch::add_to(Poller&, std::uint64_t) const noexcept {}
Changes RouteWatch::take() noexcept { return {}; }
Changes RouteWatch::take_and_compare() noexcept { return {}; }
void RouteWatch::keep_at_most(int) noexcept {}

}  // namespace asyncselect::net
