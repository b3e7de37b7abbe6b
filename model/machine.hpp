// One running machine behind plain values, so that MSM stays inside the ten files that instantiate it. Knows neither
// the tables nor the socket that composes them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "model/event.hpp"
#include "model/journal.hpp"
#include "model/signal.hpp"
#include "model/socket.hpp"

namespace asyncselect::model {

// A guard or an action as the tables name it, and what that means.
struct Term {
    std::string_view name;
    std::string_view meaning;
};

struct Machine {
    Event event;
    std::span<const Row> rows;                 // in the order of the table
    std::span<const std::string_view> states;  // by number; 0 is the initial one, Off
    std::span<const Term> terms;               // the guards and actions of the rows, each once
    std::uint8_t posted;                       // the number of the state Posted; 255 if there is none

    // Processes the signal in `state` and returns the state after it; what the rows do goes to the journal.
    // Any thread, as long as the journal is the caller's own.
    std::uint8_t (*tell)(std::uint8_t state, const Signal& signal, const Situation& situation, Journal& journal);

    // The rows that could fire: bit i stands for rows[i]. More than one bit is a defect of the table.
    std::uint64_t (*open)(std::uint8_t state, const Signal& signal, const Situation& situation);
};

// The machine of an event. Valid for ever; any thread.
const Machine& machine_of(Event event);

// The ten, each in the file of its event.
const Machine& connect_machine();
const Machine& accept_machine();
const Machine& oob_machine();
const Machine& read_machine();
const Machine& write_machine();
const Machine& close_machine();
const Machine& qos_machine();
const Machine& group_qos_machine();
const Machine& routing_interface_change_machine();
const Machine& address_list_change_machine();

}  // namespace asyncselect::model
