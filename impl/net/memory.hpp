// Reads and writes the application's memory without trusting its pointers: a wild one is an error, not a crash.
// For arguments off the hot path; buffers of send and receive go to the system, which checks them itself.
#pragma once

#include <cstddef>

namespace asyncselect::net {

// Copies `size` bytes. False if `from` (or `to`) is not wholly readable (writable) memory of this process: WSAEFAULT.
// Any thread.
[[nodiscard]] bool read_memory(void* to, const void* from, std::size_t size) noexcept;
[[nodiscard]] bool write_memory(void* to, const void* from, std::size_t size) noexcept;

// Whether all of it could be written when this thread last asked: what is known of a piece of memory is remembered, so
// that a program which always receives into the same buffer pays once. Changes nothing. Any thread.
[[nodiscard]] bool can_be_written(void* memory, std::size_t size) noexcept;

}  // namespace asyncselect::net
