// A trace in words that two runs of one script can be compared by. For tests; it must not know any provider.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <sstream>
#include <string>

#include "conformance/executor.hpp"
#include "model/trace.hpp"

namespace asyncselect::conformance {

// A trace without the numbers of handles, which no program may rely on: each is told by when it was seen first.
inline std::string shown(const Played& played) {
    std::map<std::uint64_t, std::size_t> numbers;
    std::ostringstream text;
    for (const model::Observation& observation : played.trace) {
        const std::string line = model::show(observation);
        for (std::size_t at = 0; at < line.size();) {
            std::size_t end = at;
            while (end < line.size() && line[end] >= '0' && line[end] <= '9') ++end;
            // Those are longer than what a script sends.
            if (end == at) {
                text << line[at++];
                continue;
            }
            text << '#' << numbers.try_emplace(std::stoull(line.substr(at, end - at)), numbers.size()).first->second;
            at = end;
        }
        text << '\n';
    }
    return text.str();
}

}  // namespace asyncselect::conformance
