// The application's memory without asking the system: only the first pages of an address space are known not to be
// there. So much is what scripts try.
#include "impl/net/memory.hpp"

#include <cstdint>
#include <cstring>

namespace asyncselect::net {

namespace {
constexpr std::uintptr_t lowest_address = 65536;
bool is_there(const void* memory) noexcept { return reinterpret_cast<std::uintptr_t>(memory) >= lowest_address; }
}  // namespace

bool can_be_written(void* memory, std::size_t size) noexcept { return size == 0 || is_there(memory); }

bool read_memory(void* to, const void* from, std::size_t size) noexcept {
    if (size == 0) return true;
    if (!is_there(from)) return false;
    std::memcpy(to, from, size);
    return true;
}

bool write_memory(void* to, const void* from, std::size_t size) noexcept {
    if (size == 0) return true;
    if (!is_there(to)) return false;
    std::memcpy(to, from, size);
    return true;
}

}  // namespace asyncselect::net
