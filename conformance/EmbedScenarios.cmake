# Writes a C++ source that holds the text of every scenario, so that the one executable suffices.
# cmake -D SCENARIOS=<folder> -D OUTPUT=<source> -P EmbedScenarios.cmake. It must not know what a scenario says.
cmake_minimum_required(VERSION 3.25)
file(GLOB scripts "${SCENARIOS}/*.script")
list(SORT scripts)
list(LENGTH scripts count)
set(entries "")
foreach(script IN LISTS scripts)
    get_filename_component(name "${script}" NAME_WE)
    file(READ "${script}" text)
    # A piece of a raw string must stay below the limit of every compiler.
    string(LENGTH "${text}" length)
    if(length GREATER 16000)
        message(FATAL_ERROR "${script}: longer than 16000 bytes")
    endif()
    string(APPEND entries "    EmbeddedScript{R\"~~(${name})~~\", R\"~~(${text})~~\"},\n")
endforeach()
set(source "// Generated from conformance/scenarios by EmbedScenarios.cmake: do not edit.
#include <array>

#include \"conformance/suite.hpp\"

namespace asyncselect::conformance {

namespace {
constexpr std::array<EmbeddedScript, ${count}> scripts{{
${entries}}};
}  // namespace

std::span<const EmbeddedScript> embedded_scripts() { return scripts; }

}  // namespace asyncselect::conformance
")
file(WRITE "${OUTPUT}" "${source}")
