// The stimuli of the word by name, with every parameter that makes a difference, and what the page says of each. Knows
// the word alone.
#pragma once

#include <string>
#include <vector>

#include "impl/core/word.hpp"

namespace asyncselect::proofs {

// What a stimulus is to the page.
enum class Call : std::uint8_t {
    none,
    registration,
    receive,
    send,
    accept,
    connect,
    get_qos,
    get_group_qos,
    ask_route,
    ask_addresses
};

struct Named {
    std::string name;
    core::Stimulus stimulus;
    Call call = Call::none;
};

// All of them but registrations, which are made with any mask, and refusals. Those that the provider always makes of
// two are here as such.
[[nodiscard]] std::vector<Named> named_stimuli(const core::Profile& profile);

}  // namespace asyncselect::proofs
