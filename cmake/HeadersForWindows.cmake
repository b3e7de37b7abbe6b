# The headers of libraries that are headers alone, for a Windows program that is compiled on Debian: Debian has them where
# the Linux compiler looks, among the headers of glibc, which no other compiler may see. So each library gets a link of
# its own in the build tree, and nothing else is there. It must not know who uses them.
#
# Makes Boost::headers, CLI11::CLI11, fmt::fmt-header-only and nlohmann_json::nlohmann_json.
set(headers_for_windows "${PROJECT_BINARY_DIR}/headers-for-windows")

function(asyncselect_add_headers target folder header)
    find_path(${folder}_HOST_HEADERS ${header} PATHS /usr/include NO_CMAKE_FIND_ROOT_PATH NO_DEFAULT_PATH REQUIRED)
    mark_as_advanced(${folder}_HOST_HEADERS)
    file(MAKE_DIRECTORY "${headers_for_windows}")
    file(CREATE_LINK "${${folder}_HOST_HEADERS}/${folder}" "${headers_for_windows}/${folder}" SYMBOLIC)
    add_library(${target} INTERFACE IMPORTED GLOBAL)
    set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${headers_for_windows}")
endfunction()

asyncselect_add_headers(Boost::headers boost boost/version.hpp)
asyncselect_add_headers(CLI11::CLI11 CLI CLI/CLI.hpp)
asyncselect_add_headers(fmt::fmt-header-only fmt fmt/core.h)
set_target_properties(fmt::fmt-header-only PROPERTIES INTERFACE_COMPILE_DEFINITIONS FMT_HEADER_ONLY=1)
asyncselect_add_headers(nlohmann_json::nlohmann_json nlohmann nlohmann/json.hpp)
