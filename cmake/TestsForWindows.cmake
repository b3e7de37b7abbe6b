# asyncselect_add_windows_test(NAME <target> SOURCES <file>... [LIBRARIES <target>...])
#
# A GoogleTest program for Windows that is compiled on Debian: ./dev test runs all of them under Wine, as
# build/mingw/bin/*_test.exe. GoogleTest is compiled from Debian's sources, and of rapidcheck the headers are Debian's and the
# rest is proofs/rapidcheck/. Without what a test needs of them, and elsewhere than on Windows, the function does nothing. It must
# not know any test.
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
    if("asyncselect_rapidcheck" IN_LIST test_LIBRARIES AND NOT TARGET asyncselect_rapidcheck)
        return()
    endif()
    add_executable(${test_NAME} ${test_SOURCES})
    target_link_libraries(${test_NAME} PRIVATE ${test_LIBRARIES} gtest_main asyncselect_options asyncselect_warnings)
    set_target_properties(${test_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
endfunction()

# In a folder of their own, for the same reason as those of HeadersForWindows.cmake.
if(TARGET gtest_main AND WIN32 AND EXISTS /usr/include/rapidcheck.h)
    set(rapidcheck_headers "${PROJECT_BINARY_DIR}/rapidcheck-headers")
    file(MAKE_DIRECTORY "${rapidcheck_headers}")
    foreach(one IN ITEMS rapidcheck rapidcheck.h)
        file(CREATE_LINK "/usr/include/${one}" "${rapidcheck_headers}/${one}" SYMBOLIC)
    endforeach()
    add_library(asyncselect_rapidcheck_headers INTERFACE IMPORTED GLOBAL)
    set_target_properties(asyncselect_rapidcheck_headers PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${rapidcheck_headers}")
    add_subdirectory("${PROJECT_SOURCE_DIR}/proofs/rapidcheck")
endif()
