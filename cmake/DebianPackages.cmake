# How CPack makes Debian's packages of the three components. It must not know what is in a component.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME asyncselect)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "reference implementation of WSAAsyncSelect")
set(CPACK_PACKAGE_VENDOR "asyncselect contributors")
set(CPACK_PACKAGE_CONTACT "asyncselect contributors <maintainers@asyncselect.example>")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL library development)
if(TARGET asyncselect_tool)
    list(APPEND CPACK_COMPONENTS_ALL tools)
endif()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(version "${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}")

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME "libasyncselect${PROJECT_VERSION_MAJOR}")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION "The shared library for Linux.
The asynchronous sockets of Winsock, with windows and message queues, over
epoll. Programs that were built with libasyncselect-dev need this package.")
# The loader's cache is brought up to date by dpkg.
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/debian/triggers" CONTENT "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA "${PROJECT_BINARY_DIR}/debian/triggers")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libasyncselect-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "${CPACK_DEBIAN_LIBRARY_PACKAGE_NAME} (= ${version}), libmnl-dev, libc6-dev | libc-dev")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "What is needed to build with it.
Headers for programs of one's own, and <winsock2.h>, <ws2tcpip.h> and
<windows.h> with which Winsock programs compile unmodified. CMake finds the
package asyncselect, pkg-config asyncselect and asyncselect-compat.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME asyncselect-tools)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_TOOLS_DESCRIPTION "Whether a Winsock conforms.
The command asyncselect plays scenarios on an implementation of
WSAAsyncSelect, or reads what one was seen to do, and says of each clause of
the specification whether it conforms.")

# What each package has to have: its licence, and what has changed.
set(changelog "${PROJECT_SOURCE_DIR}/cmake/debian-changelog")
file(STRINGS "${changelog}" newest LIMIT_COUNT 1)
if(NOT newest MATCHES "^asyncselect \\(${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}\\) ")
    message(FATAL_ERROR "${changelog}: begins with \"${newest}\", and the packages are of version ${version}: please add it")
endif()
file(READ "${PROJECT_SOURCE_DIR}/LICENSE" licence)
string(STRIP "${licence}" licence)
string(REGEX REPLACE "\n\n" "\n.\n" licence "${licence}")
string(REGEX REPLACE "\n" "\n " licence "${licence}")
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/debian/copyright" CONTENT
"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: asyncselect

Files: *
Copyright: 2026 asyncselect contributors
License: MIT

License: MIT
 ${licence}
" @ONLY)
execute_process(COMMAND gzip -9nc "${changelog}" OUTPUT_FILE "${PROJECT_BINARY_DIR}/debian/changelog.Debian.gz"
    COMMAND_ERROR_IS_FATAL ANY)
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
    string(TOUPPER ${component} upper)
    set(folder "${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME}")
    install(FILES "${PROJECT_BINARY_DIR}/debian/copyright" "${PROJECT_BINARY_DIR}/debian/changelog.Debian.gz" DESTINATION "${folder}" COMPONENT ${component})
endforeach()

include(CPack)
