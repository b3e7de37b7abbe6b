// The library's own thread over the simulated network works only when it is told to. Its namespace stands beside that
// of both builds of the library, which see it.
#pragma once

namespace simulated {

// Lets the library's own thread, if it has one, do all that there is for it to do. Whether there was anything.
bool let_background_work();

}  // namespace simulated
