// Work that needs processes of its own, because what it uses is the state of a process: several at once, each with its
// part of the work. It must not know what the work is.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace asyncselect::conformance {

struct Work {
    // How many pieces there are.
    std::size_t pieces = 0;
    // Called once in each process, before any piece.
    std::function<void()> prepare;
    // Does the piece of this number, from 0, in one of the processes, and returns what is to be told of it. `last`: set
    // if this process should do no more; another one takes its place.
    std::function<std::string(std::size_t piece, bool& last)> perform;
    // Called in this process with what was told, in any order.
    std::function<void(std::size_t piece, std::string_view told)> take;
    // Called in this process for a piece whose process has ended in its midst, with how it ended.
    std::function<void(std::size_t piece, std::string_view how)> lost;
};

// Does the work in as many processes. This process should have no other threads. Throws std::runtime_error if no
// process can be started.
void in_processes(unsigned processes, const Work& work);

// How many processors there are; 1 where that is not known.
unsigned processors();

}  // namespace asyncselect::conformance
