// `--show FILE...` of every fuzz target: prints inputs in words and runs none, whatever engine the target was linked
// with. Knows no target.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/target.hpp"

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
    const std::span<char*> all(*arguments, static_cast<std::size_t>(*count));
    if (all.size() < 3 || std::string_view(all[1]) != "--show") return 0;
    for (const char* const name : all.subspan(2)) {
        std::ifstream file(name, std::ios::binary);
        if (!file) {
            std::fprintf(stderr, "%s: %s cannot be read\n", all[0], name);
            std::exit(2);
        }
        const std::vector<std::uint8_t> input{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
        std::printf("%s", asyncselect::fuzz::show_input(input).c_str());
    }
    std::exit(0);
}
