// A trace in words that two runs of one script can be compared by. For tests; it must not know any provider.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <variant>

#include "conformance/executor.hpp"
#include "model/trace.hpp"

namespace asyncselect::conformance {

// A trace without the numbers of handles, which no program may rely on: each is told by when it was seen first. No
// other number is touched, as a handle may be as small as a count of bytes.
inline std::string shown(const Played& played) {
    std::map<model::Handle, model::Handle> numbers;
    const auto tell_apart = [&numbers](model::Handle& handle) {
        if (handle == 0 || handle == model::invalid_handle) return;
        handle = numbers.try_emplace(handle, numbers.size() + 1).first->second;
    };
    const auto renumber = [&tell_apart]<class T>(T& what) {
        if constexpr (requires { what.window; }) tell_apart(what.window);
        if constexpr (requires { what.socket; }) tell_apart(what.socket);
        if constexpr (requires { what.created; }) {
            const bool returned = what.result == static_cast<std::int64_t>(what.created) ||
                                  (what.function == model::Function::join_leaf && !what.failed());
            auto result = static_cast<model::Handle>(what.result);
            if (returned) tell_apart(result);
            what.result = static_cast<std::int64_t>(result);
            tell_apart(what.created);
        }
    };
    std::string text;
    for (model::Observation observation : played.trace) {
        std::visit(
            [&renumber]<class T>(T& what) {
                if constexpr (std::is_same_v<T, model::observation::Ended>) {
                    std::visit(renumber, what.what);
                } else {
                    renumber(what);
                }
            },
            observation);
        text += model::show(observation) + '\n';
    }
    return text;
}

}  // namespace asyncselect::conformance
