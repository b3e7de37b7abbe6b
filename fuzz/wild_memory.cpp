// See fuzz/wild_memory.hpp: two pages to write, one that cannot be touched, one to read, one that cannot be touched.
#include "fuzz/wild_memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace asyncselect::fuzz {

namespace {
constexpr std::size_t pages = 5;
}

WildMemory::WildMemory() {
    void* const mapped = mmap(nullptr, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) {
        std::perror("no memory for arguments");
        std::exit(2);
    }
    memory_ = static_cast<std::byte*>(mapped);
    std::fill_n(read_only(), page, std::byte{'r'});
    mprotect(forbidden(), page, PROT_NONE);
    mprotect(read_only(), page, PROT_READ);
    mprotect(memory_ + 4 * page, page, PROT_NONE);
}

WildMemory::~WildMemory() { munmap(memory_, pages * page); }

void WildMemory::clear() {
    std::ranges::fill(writable(), std::byte{0});
    used_ = 0;
}

std::byte* WildMemory::room(std::size_t size) {
    constexpr std::size_t alignment = alignof(std::max_align_t);
    const std::size_t wanted = (std::min(size, page) + alignment - 1) / alignment * alignment;
    // The second page belongs to the border.
    if (used_ + wanted > page) used_ = 0;
    std::byte* const place = memory_ + used_;
    used_ += wanted;
    return place;
}

std::byte* WildMemory::room_at_the_border(std::size_t size) { return forbidden() - std::min(size, page); }

}  // namespace asyncselect::fuzz
