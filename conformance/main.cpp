// The program `asyncselect`. See program.cpp.
#include "conformance/program.hpp"

int main(int argc, char** argv) { return asyncselect::conformance::program(argc, argv); }
