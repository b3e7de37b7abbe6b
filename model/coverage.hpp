// Which transitions of the tables a trace has exercised: their numbers, their names, a set of them. Reads the tables;
// it must not know who fires a row, nor what any of them means.
#pragma once

#include <bitset>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "model/socket.hpp"

namespace asyncselect::model {

// A set of transitions, each at its number.
using Coverage = std::bitset<512>;

// All of them: the rows of the ten machines in the order of posting, then the rules of the composed socket, each for
// the ten events where it can hold. Their place here is their number. Valid for ever; any thread.
std::span<const Row* const> transitions();

// The place of a row, which is one of the tables' own, in `transitions`; their number for a rule that cannot hold for
// its event. Any thread.
std::size_t number_of(const Row& row);

// "read-17": the file of the machine and the number of the row in its table, from 1; "socket-cancelled-read" for a rule
// of the composed socket. Stays the same as long as the table does.
std::string key_of(const Row& row);

// The row with this key, or nullptr.
const Row* row_named(std::string_view key);

// "FD_READ Posted --Received [TookData and DataAvailable]--> Posted (AS-LEVEL-2)".
std::string show(const Row& row);

}  // namespace asyncselect::model
