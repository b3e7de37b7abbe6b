# What is installed, and the Debian packages of it (cpack -G DEB, ./dev package): libasyncselect0, libasyncselect-dev and
# asyncselect-tools. Three components, which can be installed one by one: library, development, tools.
# It must not know how anything is compiled.
include(CMakePackageConfigHelpers)

# ---- the library ----

install(TARGETS asyncselect_shared EXPORT asyncselect-shared
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT library NAMELINK_COMPONENT development)
install(TARGETS asyncselect_compat EXPORT asyncselect-shared)
set_target_properties(asyncselect_shared PROPERTIES EXPORT_NAME asyncselect)
set_target_properties(asyncselect_compat PROPERTIES EXPORT_NAME compat)

# An archive does not know what it needs.
target_link_libraries(asyncselect PRIVATE $<INSTALL_INTERFACE:LibMnl::LibMnl>)
add_library(asyncselect_compat_static INTERFACE)
target_include_directories(asyncselect_compat_static
    INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/asyncselect-compat>)
target_link_libraries(asyncselect_compat_static INTERFACE asyncselect)
install(TARGETS asyncselect asyncselect_compat_static EXPORT asyncselect-static
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development)
set_target_properties(asyncselect PROPERTIES EXPORT_NAME static)
set_target_properties(asyncselect_compat_static PROPERTIES EXPORT_NAME compat-static)

foreach(headers IN ITEMS asyncselect asyncselect-compat)
    install(DIRECTORY "${PROJECT_SOURCE_DIR}/impl/include/${headers}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
        COMPONENT development FILES_MATCHING PATTERN "*.h")
endforeach()

# ---- for those who look for it ----

set(package "${CMAKE_INSTALL_LIBDIR}/cmake/asyncselect")
foreach(export IN ITEMS asyncselect-shared asyncselect-static)
    install(EXPORT ${export} NAMESPACE asyncselect:: DESTINATION "${package}" COMPONENT development)
endforeach()
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/asyncselect-config.cmake.in"
    "${PROJECT_BINARY_DIR}/asyncselect-config.cmake" INSTALL_DESTINATION "${package}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/asyncselect-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/asyncselect-config.cmake" "${PROJECT_BINARY_DIR}/asyncselect-config-version.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/FindLibMnl.cmake" DESTINATION "${package}" COMPONENT development)

# Relative to where the file lies: what is unpacked somewhere else is found there.
set(pkgconfig "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
file(RELATIVE_PATH up "/${pkgconfig}" "/")
string(REGEX REPLACE "/$" "" up "${up}")
foreach(name IN ITEMS asyncselect asyncselect-compat)
    configure_file("${PROJECT_SOURCE_DIR}/cmake/${name}.pc.in" "${PROJECT_BINARY_DIR}/${name}.pc" @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/${name}.pc" DESTINATION "${pkgconfig}" COMPONENT development)
endforeach()

# ---- the tool, and what it says of itself ----

if(TARGET asyncselect_tool)
    install(TARGETS asyncselect_tool RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT tools)
    # Made by the tool from its own command line, and so never out of date.
    set(described "${PROJECT_BINARY_DIR}/described")
    file(MAKE_DIRECTORY "${described}")
    set(outputs "")
    set(commands "")
    foreach(form IN ITEMS man bash zsh fish)
        list(APPEND outputs "${described}/asyncselect.${form}")
        list(APPEND commands COMMAND asyncselect_tool describe ${form} --output "${described}/asyncselect.${form}")
    endforeach()
    list(APPEND outputs "${described}/asyncselect.1.gz")
    list(APPEND commands COMMAND gzip -9nc "${described}/asyncselect.man" > "${described}/asyncselect.1.gz")
    add_custom_command(OUTPUT ${outputs} ${commands} COMMENT "Describing the command line" VERBATIM)
    add_custom_target(asyncselect_described ALL DEPENDS ${outputs})
    install(FILES "${described}/asyncselect.1.gz" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT tools)
    install(FILES "${described}/asyncselect.bash" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
        RENAME asyncselect COMPONENT tools)
    install(FILES "${described}/asyncselect.zsh" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions"
        RENAME _asyncselect COMPONENT tools)
    install(FILES "${described}/asyncselect.fish" DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d"
        COMPONENT tools)
endif()

# ---- Debian's packages ----

include(DebianPackages)

# ---- its tests ----

if(ASYNCSELECT_BUILD_TESTS)
    set(checks "${PROJECT_SOURCE_DIR}/cmake/checks")
    add_test(NAME install.exported COMMAND "${checks}/exported" "$<TARGET_FILE:asyncselect_shared>"
        "${PROJECT_SOURCE_DIR}/impl/exported.txt")
    add_test(NAME install.exported_control COMMAND "${checks}/exported_control" "${CMAKE_C_COMPILER}")
    set_tests_properties(install.exported install.exported_control PROPERTIES LABELS fast TIMEOUT 300)
    add_dependencies(tests-fast asyncselect_shared)
    add_test(NAME install.described COMMAND "${checks}/described" "$<TARGET_FILE:asyncselect_tool>")
    add_test(NAME install.described_control COMMAND "${checks}/described_control")
    set_tests_properties(install.described install.described_control PROPERTIES LABELS fast TIMEOUT 300)
    add_test(NAME install.serves COMMAND "${checks}/installed" "${PROJECT_BINARY_DIR}" "${PROJECT_SOURCE_DIR}"
        "${CMAKE_C_COMPILER}" "${CMAKE_CXX_COMPILER}")
    set_tests_properties(install.serves PROPERTIES LABELS slow TIMEOUT 900 SKIP_RETURN_CODE 77)
endif()
