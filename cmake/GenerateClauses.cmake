# Turns model/clauses.json into a C++ header with one initialiser per clause.
# It checks the form of the data (fields, kinds, events, an id twice) and must not know what any clause says.
#
#   asyncselect_generate_clauses(<clauses.json> <output header>)
#       in a CMakeLists.txt: at configure time, and again when the json changes
#   cmake -D JSON=<clauses.json> -D OUTPUT=<header> -P cmake/GenerateClauses.cmake
#       the same as a script

cmake_minimum_required(VERSION 3.25)

function(asyncselect_generate_clauses json_file output)
    set(kinds must may app reading deviation)
    set(events FD_READ FD_WRITE FD_OOB FD_ACCEPT FD_CONNECT FD_CLOSE FD_QOS FD_GROUP_QOS FD_ROUTING_INTERFACE_CHANGE
        FD_ADDRESS_LIST_CHANGE)
    if(NOT CMAKE_SCRIPT_MODE_FILE)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${json_file}")
    endif()

    file(READ "${json_file}" json)
    string(JSON clauses GET "${json}" clauses)
    string(JSON count LENGTH "${clauses}")
    math(EXPR last "${count} - 1")
    set(rows "")
    set(ids "")
    foreach(index RANGE ${last})
        string(JSON clause GET "${clauses}" ${index})
        foreach(field id kind ours text)
            string(JSON ${field} ERROR_VARIABLE error GET "${clause}" ${field})
            if(error)
                message(FATAL_ERROR "${json_file}: clause number ${index}: ${error}")
            endif()
        endforeach()
        string(JSON event_type ERROR_VARIABLE error TYPE "${clause}" event)
        if(event_type STREQUAL "NULL")
            set(event "")
        elseif(event_type STREQUAL "STRING")
            string(JSON event GET "${clause}" event)
            if(NOT event IN_LIST events)
                message(FATAL_ERROR "${json_file}: ${id}: \"${event}\" is not one of the ten events")
            endif()
        else()
            message(FATAL_ERROR "${json_file}: ${id}: event must be null or a string")
        endif()
        if(NOT id MATCHES "^(AS-[A-Z]+|R|W)-[1-9][0-9]*$")
            message(FATAL_ERROR "${json_file}: \"${id}\" does not have the shape of an id")
        endif()
        if(id IN_LIST ids)
            message(FATAL_ERROR "${json_file}: ${id} is there twice")
        endif()
        list(APPEND ids "${id}")
        if(NOT kind IN_LIST kinds)
            message(FATAL_ERROR "${json_file}: ${id}: \"${kind}\" is not a kind")
        endif()
        # string(JSON) renders the booleans as ON and OFF.
        if(ours)
            set(ours true)
        else()
            set(ours false)
        endif()
        string(APPEND rows "    Clause{R\"~(${id})~\", ClauseKind::${kind}, R\"~(${event})~\", ${ours},\n"
            "           R\"~(${text})~\"},\n")
    endforeach()

    set(header "// Generated from model/clauses.json by cmake/GenerateClauses.cmake: do not edit.\n")
    string(APPEND header "// Include model/clauses.hpp instead.\n"
        "#pragma once\n\n#include <array>\n\nnamespace asyncselect::model {\n\n"
        "inline constexpr std::array<Clause, ${count}> clauses{{\n${rows}}};\n\n}  // namespace asyncselect::model\n")
    set(present "")
    if(EXISTS "${output}")
        file(READ "${output}" present)
    endif()
    # Written only when it changes, so that nothing is compiled again without need.
    if(NOT present STREQUAL header)
        file(WRITE "${output}" "${header}")
    endif()
endfunction()

if(CMAKE_SCRIPT_MODE_FILE AND CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
    if(NOT JSON OR NOT OUTPUT)
        message(FATAL_ERROR "usage: cmake -D JSON=<clauses.json> -D OUTPUT=<header> -P GenerateClauses.cmake")
    endif()
    asyncselect_generate_clauses("${JSON}" "${OUTPUT}")
endif()
