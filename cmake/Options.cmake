# How everything here is compiled: the two interface targets that each of our targets links.
# It must not know what is compiled.
#
#   asyncselect_options    C++20, the include directories (the project root and what is generated), the sanitizers
#   asyncselect_warnings   the warnings, as errors unless ASYNCSELECT_WARNINGS_AS_ERRORS is off
#
# A library that is installed links them as $<BUILD_INTERFACE:asyncselect_options>, so that they stay behind.

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(PROJECT_IS_TOP_LEVEL)
    # Line numbers for back-traces; assertions stay on in all but release builds.
    set(level -O2)
    # What a sanitizer adds is not worth optimising, and takes the compiler half as long again. Fuzzing has to be fast.
    if(ASYNCSELECT_SANITIZE AND NOT ASYNCSELECT_SANITIZE MATCHES "fuzzer")
        set(level -O1)
    endif()
    set(debugging -g1)
    # What is compiled for another system is run here to be judged: what counts is how soon it is there.
    if(CMAKE_CROSSCOMPILING)
        set(level -O1)
        set(debugging -g0)
    endif()
    set(CMAKE_C_FLAGS_RELWITHDEBINFO "${level} ${debugging}")
    set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "${level} ${debugging}")
    set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
    # A test links the names of every message of the model, eighty megabytes of them: lld takes a fifth of ld's time. What is
    # installed is linked as the system links.
    find_program(LLD ld.lld)
    mark_as_advanced(LLD)
    if(LLD AND ASYNCSELECT_BUILD_TESTS AND NOT CMAKE_CROSSCOMPILING)
        string(APPEND CMAKE_EXE_LINKER_FLAGS " -fuse-ld=lld")
    endif()
    find_program(CCACHE ccache)
    mark_as_advanced(CCACHE)
    if(CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
        set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE}")
        set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
    endif()
endif()

add_library(asyncselect_warnings INTERFACE)
target_compile_options(asyncselect_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion)
# With -O3 g++ 12 sees memory that overlaps in std::string's own replacing, where there is none. The preset dev has the warning.
target_compile_options(asyncselect_warnings INTERFACE $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict>)
# Off for those who build with a compiler that we have never seen, and in a project of somebody else.
option(ASYNCSELECT_WARNINGS_AS_ERRORS "Warnings are errors" ${PROJECT_IS_TOP_LEVEL})
if(ASYNCSELECT_WARNINGS_AS_ERRORS)
    target_compile_options(asyncselect_warnings INTERFACE -Werror)
endif()
# g++ 12's own std::stable_sort uses what C++17 has deprecated; clang 19 tells of it where it is instantiated.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 17)
    target_compile_options(asyncselect_warnings INTERFACE -Wno-deprecated-declarations)
endif()

add_library(asyncselect_options INTERFACE)
target_compile_features(asyncselect_options INTERFACE cxx_std_20)
target_include_directories(asyncselect_options INTERFACE "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/generated")
if(ASYNCSELECT_SANITIZE)
    set(sanitize -fsanitize=${ASYNCSELECT_SANITIZE} -fno-omit-frame-pointer)
    if(ASYNCSELECT_SANITIZE MATCHES "undefined")
        list(APPEND sanitize -fno-sanitize-recover=all)
    endif()
    target_compile_options(asyncselect_options INTERFACE ${sanitize})
    # Half of what a compiler does for both goes into the behaviour that is undefined. The model, and what only plays and
    # tells, are held for their use of memory there; for the rest the targets of fuzz/ hold them.
    if(ASYNCSELECT_SANITIZE MATCHES "address,undefined")
        target_compile_options(asyncselect_options INTERFACE
            $<$<BOOL:$<TARGET_PROPERTY:ASYNCSELECT_ADDRESS_ALONE>>:-fno-sanitize=undefined>)
    endif()
    # With sanitizers g++ takes the standard library's own moves for uses of what was never written. The preset dev has
    # the warning.
    target_compile_options(asyncselect_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    # libFuzzer's own main belongs to the fuzz targets alone.
    target_link_options(asyncselect_options INTERFACE ${sanitize})
endif()
# libFuzzer learns constants from comparisons and tries them as bytes. Our inputs are lines of text and indices into an
# alphabet, where that never helps, and it takes a third of the time.
if("${ASYNCSELECT_SANITIZE} ${CMAKE_CXX_FLAGS}" MATCHES "fuzzer")
    target_compile_options(asyncselect_options INTERFACE -fno-sanitize-coverage=trace-cmp,indirect-calls)
endif()

# What reads options, writes pages or asks a solver is compiled longer than it runs: optimizing it takes the compiler half as long
# again. Not so for Windows: each function that is not inlined is a section there, and the linker's time grows with the square of
# their number.
function(asyncselect_leave_unoptimized)
    if(CMAKE_BUILD_TYPE STREQUAL "Release" OR ASYNCSELECT_SANITIZE MATCHES "fuzzer" OR WIN32)
        return()
    endif()
    foreach(target IN LISTS ARGN)
        target_compile_options(${target} PRIVATE -O0)
    endforeach()
endfunction()

# Where nobody edits and compiles anew, several files at once are compiled sooner: under sanitizers. Not those with names of their own
# that others have too.
function(asyncselect_compile_in_batches target) # files that are compiled alone...
    if(ASYNCSELECT_SANITIZE)
        set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
        set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
endfunction()
