// Stands before the header of the same name on the include path of the library that tests inject faults into: the same
// sources over the same transport, which passes everything through until a test says otherwise.
#pragma once

#include "conformance/injecting/injecting.hpp"

namespace asyncselect::net {

using Network = Injecting;

}  // namespace asyncselect::net
