// Random programs over several sockets, windows and threads, for properties of a provider: values that can be left out
// one by one, and what of them can be played. It must not know any provider.
#pragma once

#include <rapidcheck.h>

#include <vector>

#include "conformance/script.hpp"

namespace asyncselect::conformance {

// Steps that follow the opening of `script_of`, in any order: some make no sense where they stand.
rc::Gen<std::vector<Step>> any_steps();

// The opening, those of the steps that can be played, and a moment of quiet at the end.
Script script_of(const std::vector<Step>& steps);

}  // namespace asyncselect::conformance
