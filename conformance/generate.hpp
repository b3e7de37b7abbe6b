// Scripts made from the model's tables: for every situation, transition and pair of consecutive transitions that a
// script can bring about, their variants, and random walks. It must not know any provider, nor what one makes of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/script.hpp"
#include "model/profile.hpp"

namespace asyncselect::conformance {

struct GenerateOptions {
    // Whose tables; both where there is nothing else to say.
    std::vector<model::Profile> profiles{model::spec_profile, model::windows_profile};
    // How many scripts. More than there are otherwise are random walks; of fewer each kind has its share.
    std::size_t count = 20000;
    std::uint64_t seed = 1;
    // Walks at least, and how many moves each has; 0: from 5 to 40.
    std::size_t walks = 4000;
    std::size_t length = 0;
    // Called now and then with how many scripts there are, if set.
    std::function<void(std::size_t)> on_progress;
};

// How a script came about: the part of its name between "gen-" and what it shows.
enum class Kind : std::uint8_t {
    goal,     // a state, a transition or a pair
    variant,  // of one of these
    situation,
    walk,
};

struct GeneratedScript {
    Script script;
    Kind kind = Kind::goal;
};

// The same for the same options, on every machine. No two have the same steps. Any thread.
std::vector<GeneratedScript> generate(const GenerateOptions& options);

// The script as a file that `parse` reads.
std::string text_of(const Script& script);

}  // namespace asyncselect::conformance
