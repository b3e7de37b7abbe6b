// Before the header of this name in impl/net/ on the include path of the library for Windows.
#pragma once

#include "impl/net/windows/transport.hpp"

namespace asyncselect::net {

using Network = Windows;

}  // namespace asyncselect::net
