# asyncselect_add_test(NAME <target> SOURCES <file>... [LABELS fast|slow|threads ...] [LIBRARIES <target>...]
#                      [DEFINITIONS <name>=<value>...] [TIMEOUT <seconds>] [WHOLE])
#
# asyncselect_run_test_again(NAME <target> PREFIX <prefix> ENVIRONMENT <name>=<value>... [FILTER <of GoogleTest>]
#                            [LABELS ...] [TIMEOUT <seconds>])
#
# The first makes a GoogleTest executable in bin/ and registers each of its tests with ctest as <target>.<suite>.<test>.
# Labels (default: fast): `fast` runs in `./dev test --quick`; `slow` does not; `threads` runs under ThreadSanitizer
# too; `once` is neither built nor run under a sanitizer, which would see nothing there that other tests and the inputs of the
# fuzz targets do not show: the model, the oracle, what reads and writes. For each label the target tests-<label> builds its
# executables. With WHOLE all tests of the executable run in one process, as one test <target>, for what they have in common
# and is found out once. The second registers the tests of such an executable once more, as <prefix><target>.<suite>.<test>, in another environment. Without ASYNCSELECT_BUILD_TESTS they do
# nothing. They must not know any test.
include(GoogleTest)

# What a test is compiled with, besides what it names: `target` is one, or the headers that all of them include.
function(asyncselect_compile_as_test target)
    target_link_libraries(${target} PRIVATE GTest::gtest_main asyncselect_options asyncselect_warnings)
    # Half of what compiling them takes is optimizing what runs once. What they test is optimized.
    if(NOT ASYNCSELECT_SANITIZE MATCHES "thread")
        target_compile_options(${target} PRIVATE -O0)
    endif()
    set_target_properties(${target} PROPERTIES ASYNCSELECT_ADDRESS_ALONE ON)
endfunction()

# Read once for all tests: a third of what compiling one takes. Each includes what it uses all the same, as ./dev lint
# finds, which leaves this out.
if(ASYNCSELECT_BUILD_TESTS AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/test_headers.cpp" CONTENT "int main() {}\n")
    add_executable(asyncselect_test_headers "${PROJECT_BINARY_DIR}/test_headers.cpp")
    asyncselect_compile_as_test(asyncselect_test_headers)
    target_precompile_headers(asyncselect_test_headers PRIVATE <gtest/gtest.h> <algorithm> <array> <filesystem> <fstream>
        <functional> <map> <optional> <span> <sstream> <string> <thread> <vector>)
endif()

function(asyncselect_add_test)
    if(NOT ASYNCSELECT_BUILD_TESTS)
        return()
    endif()
    cmake_parse_arguments(PARSE_ARGV 0 test "WHOLE" "NAME;TIMEOUT" "LABELS;SOURCES;LIBRARIES;DEFINITIONS")
    if(test_UNPARSED_ARGUMENTS OR NOT test_NAME OR NOT test_SOURCES)
        message(FATAL_ERROR "asyncselect_add_test: NAME and SOURCES are needed; not understood: "
            "\"${test_UNPARSED_ARGUMENTS}\"")
    endif()
    if(NOT test_LABELS)
        set(test_LABELS fast)
    endif()
    if(ASYNCSELECT_SANITIZE AND "once" IN_LIST test_LABELS)
        return()
    endif()
    if(NOT test_TIMEOUT)
        set(test_TIMEOUT 300)
    endif()

    add_executable(${test_NAME} ${test_SOURCES})
    target_link_libraries(${test_NAME} PRIVATE ${test_LIBRARIES})
    target_compile_definitions(${test_NAME} PRIVATE ${test_DEFINITIONS})
    asyncselect_compile_as_test(${test_NAME})
    if(TARGET asyncselect_test_headers AND NOT test_SOURCES MATCHES "\\.c(;|$)")
        target_precompile_headers(${test_NAME} REUSE_FROM asyncselect_test_headers)
    endif()
    set_target_properties(${test_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
    foreach(label IN LISTS test_LABELS)
        if(NOT label MATCHES "^(fast|slow|threads|once)$")
            message(FATAL_ERROR "asyncselect_add_test(${test_NAME}): a label is fast, slow, threads or once, not ${label}")
        endif()
        if(NOT TARGET tests-${label})
            add_custom_target(tests-${label})
        endif()
        add_dependencies(tests-${label} ${test_NAME})
    endforeach()
    if(test_WHOLE)
        add_test(NAME ${test_NAME} COMMAND ${test_NAME} WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
        set_tests_properties(${test_NAME} PROPERTIES TIMEOUT ${test_TIMEOUT} LABELS "${test_LABELS}")
        return()
    endif()
    # PRE_TEST: the executable is asked for its tests by ctest, not by the build. A parameter's value is no part of a name:
    # it may be a page of bytes.
    gtest_discover_tests(${test_NAME} TEST_PREFIX "${test_NAME}." TEST_LIST ${test_NAME}_TESTS NO_PRETTY_VALUES
        DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}"
        PROPERTIES TIMEOUT ${test_TIMEOUT})
    asyncselect_label_tests(${test_NAME} "${test_LABELS}")
endfunction()

function(asyncselect_run_test_again)
    if(NOT ASYNCSELECT_BUILD_TESTS)
        return()
    endif()
    cmake_parse_arguments(PARSE_ARGV 0 test "" "NAME;PREFIX;FILTER;TIMEOUT" "LABELS;ENVIRONMENT")
    if(test_UNPARSED_ARGUMENTS OR NOT test_NAME OR NOT test_PREFIX OR NOT test_ENVIRONMENT)
        message(FATAL_ERROR "asyncselect_run_test_again: NAME, PREFIX and ENVIRONMENT are needed; not understood: "
            "\"${test_UNPARSED_ARGUMENTS}\"")
    endif()
    if(NOT test_LABELS)
        set(test_LABELS fast)
    endif()
    if(ASYNCSELECT_SANITIZE AND "once" IN_LIST test_LABELS)
        return()
    endif()
    if(NOT test_TIMEOUT)
        set(test_TIMEOUT 300)
    endif()
    if(NOT test_FILTER)
        set(test_FILTER "*")
    endif()
    set(list "${test_PREFIX}${test_NAME}")
    gtest_discover_tests(${test_NAME} TEST_PREFIX "${list}." TEST_LIST ${list}_TESTS TEST_FILTER "${test_FILTER}"
        NO_PRETTY_VALUES
        DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}"
        PROPERTIES TIMEOUT ${test_TIMEOUT} ENVIRONMENT "${test_ENVIRONMENT}")
    asyncselect_label_tests(${list} "${test_LABELS}")
endfunction()

# PROPERTIES takes a list apart, so the labels are set in a script of their own, which ctest reads after the one that names
# the tests.
function(asyncselect_label_tests list labels)
    set(script "${CMAKE_CURRENT_BINARY_DIR}/${list}_labels.cmake")
    file(WRITE "${script}" "if(${list}_TESTS)\n    set_tests_properties(\${${list}_TESTS} PROPERTIES "
        "LABELS \"${labels}\")\nendif()\n")
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${script}")
endfunction()
