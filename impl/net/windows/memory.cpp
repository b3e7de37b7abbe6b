// What memory.hpp declares: Windows reads and writes the memory of a process without trusting pointers.
#include "impl/net/memory.hpp"

#include <windows.h>

#include <cstdint>

namespace asyncselect::net {

namespace {

// The number of bytes from `place` on that can be written, as the system sees them in one piece; 0: none.
std::size_t writable_from(std::uintptr_t place) noexcept {
    constexpr DWORD writable = PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY;
    MEMORY_BASIC_INFORMATION region{};
    if (::VirtualQuery(reinterpret_cast<const void*>(place), &region, sizeof region) == 0) return 0;
    if (region.State != MEM_COMMIT || (region.Protect & writable) == 0 || (region.Protect & PAGE_GUARD) != 0) return 0;
    return reinterpret_cast<std::uintptr_t>(region.BaseAddress) + region.RegionSize - place;
}

}  // namespace

bool can_be_written(void* memory, std::size_t size) noexcept {
    struct Range {
        std::uintptr_t begin;
        std::uintptr_t end;
    };
    static constinit thread_local Range known{0, 0};
    if (size == 0) return true;
    const auto begin = reinterpret_cast<std::uintptr_t>(memory);
    if (memory == nullptr || begin + size < begin) return false;
    const auto end = begin + size;
    if (known.begin <= begin && end <= known.end) return true;
    for (auto place = begin; place < end;) {
        const auto more = writable_from(place);
        if (more == 0) return false;
        place += more;
    }
    known = {begin, end};
    return true;
}

bool read_memory(void* to, const void* from, std::size_t size) noexcept {
    if (size == 0) return true;
    SIZE_T done = 0;
    return ::ReadProcessMemory(::GetCurrentProcess(), from, to, size, &done) != 0 && done == size;
}

bool write_memory(void* to, const void* from, std::size_t size) noexcept {
    if (size == 0) return true;
    // WriteProcessMemory would write into pages that are protected, too.
    if (!can_be_written(to, size)) return false;
    SIZE_T done = 0;
    return ::WriteProcessMemory(::GetCurrentProcess(), to, from, size, &done) != 0 && done == size;
}

}  // namespace asyncselect::net
