// Asks for memory before it is needed, where another processor has used it last: to get it takes longer than to write a
// message into it. It must not know what the memory holds.
#pragma once

#include <cstdint>

namespace asyncselect::window {

// Has the memory at `address` brought to this processor, to be written to soon. Only a hint: any address will do.
inline void prefetch_to_write(std::uintptr_t address) noexcept {
#if defined(__x86_64__) || defined(__i386__)
    // Compilers make a read of it (`prefetcht0`) for processors of before 2014, which takes the memory a second time
    // when it is written to; those ignore this one.
    asm volatile("prefetchw %0" : : "m"(*reinterpret_cast<const char*>(address)));
#else
    __builtin_prefetch(reinterpret_cast<const void*>(address), 1);
#endif
}

}  // namespace asyncselect::window
