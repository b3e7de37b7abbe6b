// Which transport this build of the layers above uses. A build for tests puts another header of this name before this
// one on the include path; nothing else may know that there are others.
#pragma once

#include "impl/net/linux.hpp"

namespace asyncselect::net {

using Network = Linux;

}  // namespace asyncselect::net
