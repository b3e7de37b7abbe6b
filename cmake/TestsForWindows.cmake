# asyncselect_add_windows_test(NAME <target> SOURCES <file>... [LIBRARIES <target>...])
#
# A GoogleTest program for Windows that is compiled on Debian: ./dev test runs all of them under Wine, as
# build/mingw/bin/*_test.exe. GoogleTest is compiled from Debian's sources; without them, and elsewhere than on Windows, the
# function does nothing. It must not know any test.
set(googletest_sources /usr/src/googletest/googletest)
if(WIN32 AND CMAKE_CROSSCOMPILING AND EXISTS "${googletest_sources}/CMakeLists.txt" AND needs_tools)
    set(INSTALL_GTEST OFF)
    add_subdirectory("${googletest_sources}" "${PROJECT_BINARY_DIR}/googletest" EXCLUDE_FROM_ALL)
endif()

function(asyncselect_add_windows_test)
    if(NOT WIN32 OR NOT TARGET gtest_main)
        return()
    endif()
    cmake_parse_arguments(PARSE_ARGV 0 test "" "NAME" "SOURCES;LIBRARIES")
    add_executable(${test_NAME} ${test_SOURCES})
    target_link_libraries(${test_NAME} PRIVATE ${test_LIBRARIES} gtest_main asyncselect_options asyncselect_warnings)
    set_target_properties(${test_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
endfunction()
