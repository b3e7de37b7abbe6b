// The program `asyncselect` for Windows. See program.cpp.
#include <fcntl.h>
#include <io.h>

#include <cstdio>
#include <initializer_list>

#include "conformance/program.hpp"

int main(int argc, char** argv) {
    // Reports and traces are the same, byte for byte, as elsewhere.
    for (std::FILE* const file : {stdin, stdout, stderr}) _setmode(_fileno(file), _O_BINARY);
    return asyncselect::conformance::program(argc, argv);
}
