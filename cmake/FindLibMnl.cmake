# Finds libmnl, by which the library speaks rtnetlink on Linux: the target LibMnl::LibMnl. Needs no pkg-config.
# It must not know who uses it.
find_path(LIBMNL_INCLUDE_DIR libmnl/libmnl.h)
find_library(LIBMNL_LIBRARY mnl)
mark_as_advanced(LIBMNL_INCLUDE_DIR LIBMNL_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibMnl REQUIRED_VARS LIBMNL_LIBRARY LIBMNL_INCLUDE_DIR
    REASON_FAILURE_MESSAGE "on Debian it is the package libmnl-dev")

if(LibMnl_FOUND AND NOT TARGET LibMnl::LibMnl)
    add_library(LibMnl::LibMnl UNKNOWN IMPORTED)
    set_target_properties(LibMnl::LibMnl PROPERTIES IMPORTED_LOCATION "${LIBMNL_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${LIBMNL_INCLUDE_DIR}")
endif()
