#include "proofs/exhaustive/exploration.hpp"
#include <fmt/format.h>
#include <chrono>
using namespace asyncselect;
int main(int argc, char** argv) {
    for (auto profile : {model::spec_profile, model::windows_profile}) {
        std::vector<std::uint32_t> masks;
        if (argc > 1) masks.push_back(static_cast<std::uint32_t>(atoi(argv[1])));
        else for (auto e : model::events_in_posting_order) masks.push_back(model::bit_of(e));
        for (auto e : masks) {
            auto begin = std::chrono::steady_clock::now();
            auto r = proofs::explore({e, profile, nullptr});
            fmt::print("{}: {} states {} steps {:.2f}s {} fired\n", e, r.states, r.steps, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), r.fired.size());
            if (r.divergence) fmt::print("{}\n", show(*r.divergence));
        }
    }
}
