# The checks of the project about itself, as ctest tests: its data, its citations, its architecture; and for each
# check a control that shows that it can fail. It must not know what the model or the implementation do.

asyncselect_add_test(NAME clauses_test LABELS fast once SOURCES "${PROJECT_SOURCE_DIR}/model/clauses_test.cpp")
asyncselect_add_test(NAME traceability_test LABELS fast once SOURCES "${PROJECT_SOURCE_DIR}/model/traceability_test.cpp"
    DEFINITIONS ASYNCSELECT_ROOT="${PROJECT_SOURCE_DIR}")

# The rest runs scripts and compilers, which are the same under every sanitizer.
if(ASYNCSELECT_SANITIZE)
    return()
endif()

function(asyncselect_add_check name)
    add_test(NAME check.${name} COMMAND ${ARGN})
    set_tests_properties(check.${name} PROPERTIES LABELS fast TIMEOUT 300)
endfunction()

asyncselect_add_check(architecture "${PROJECT_SOURCE_DIR}/cmake/checks/architecture" "${PROJECT_SOURCE_DIR}")
asyncselect_add_check(architecture_control "${PROJECT_SOURCE_DIR}/cmake/checks/architecture_control")
asyncselect_add_check(generate_clauses_control "${PROJECT_SOURCE_DIR}/cmake/checks/generate_clauses_control")

# A citation of a clause that does not exist must not compile, and the compiler must say why.
asyncselect_add_check(no_such_clause "${CMAKE_CXX_COMPILER}" -std=c++20 -fsyntax-only "-I${PROJECT_SOURCE_DIR}"
    "-I${PROJECT_BINARY_DIR}/generated" "${PROJECT_SOURCE_DIR}/cmake/checks/no_such_clause.cpp")
set_tests_properties(check.no_such_clause PROPERTIES PASS_REGULAR_EXPRESSION "cites a clause that does not exist")

foreach(check IN ITEMS readme_example readme_example_control)
    asyncselect_add_check(${check} "${PROJECT_SOURCE_DIR}/cmake/checks/${check}" "${CMAKE_C_COMPILER}"
        "${PROJECT_SOURCE_DIR}")
endforeach()

asyncselect_add_check(one_definition "${PROJECT_SOURCE_DIR}/cmake/checks/one_definition" "${PROJECT_SOURCE_DIR}")
asyncselect_add_check(one_definition_control "${PROJECT_SOURCE_DIR}/cmake/checks/one_definition_control")
asyncselect_add_check(links "${PROJECT_SOURCE_DIR}/cmake/checks/links" "${PROJECT_SOURCE_DIR}")
asyncselect_add_check(links_control "${PROJECT_SOURCE_DIR}/cmake/checks/links_control")

asyncselect_add_check(sabotage_applies "${PROJECT_SOURCE_DIR}/cmake/checks/sabotage_applies" "${PROJECT_SOURCE_DIR}")
asyncselect_add_check(sabotage_applies_control "${PROJECT_SOURCE_DIR}/cmake/checks/sabotage_applies_control")
set_tests_properties(check.sabotage_applies check.sabotage_applies_control PROPERTIES SKIP_RETURN_CODE 77)

asyncselect_add_check(mutants_apply "${PROJECT_SOURCE_DIR}/proofs/mutants/run" --check)
asyncselect_add_check(mutants_apply_control "${PROJECT_SOURCE_DIR}/cmake/checks/mutants_apply_control")

# What the documents say and show.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(checks "${PROJECT_SOURCE_DIR}/cmake/checks")
asyncselect_add_check(clauses_written Python3::Interpreter "${PROJECT_SOURCE_DIR}/docs/write_clauses" --check
    "${PROJECT_SOURCE_DIR}/model/clauses.json" "${PROJECT_SOURCE_DIR}/docs/events.md")
asyncselect_add_check(clauses_written_control "${checks}/clauses_written_control")
asyncselect_add_check(snippets Python3::Interpreter "${checks}/snippets" "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}"
    "${CMAKE_C_COMPILER}")
asyncselect_add_check(snippets_control "${checks}/snippets_control" "${CMAKE_C_COMPILER}")
add_dependencies(tests-fast asyncselect asyncselect_recorder asyncselect_tool adapter)

# What commands say.
asyncselect_add_check(narrow "${checks}/narrow" "${PROJECT_SOURCE_DIR}" $<TARGET_FILE:asyncselect_tool>)
asyncselect_add_check(narrow_control "${checks}/narrow_control")
asyncselect_add_check(complaints "${checks}/complaints" "${PROJECT_SOURCE_DIR}")
asyncselect_add_check(complaints_control "${checks}/complaints" --negative "${PROJECT_SOURCE_DIR}")
