// See conformance/workers.hpp. Windows has no fork, so all is done in this process, one piece after the other.
#include <stdexcept>
#include <thread>

#include "conformance/workers.hpp"

namespace asyncselect::conformance {

void in_processes(unsigned /*processes*/, const Work& work) {
    work.prepare();
    bool last = false;
    for (std::size_t piece = 0; piece < work.pieces; ++piece) {
        if (last) {
            work.lost(piece, "a call before it hangs, and there is no other process");
            continue;
        }
        work.take(piece, work.perform(piece, last));
    }
}

unsigned processors() {
    const unsigned count = std::thread::hardware_concurrency();
    return count == 0 ? 1 : count;
}

}  // namespace asyncselect::conformance
