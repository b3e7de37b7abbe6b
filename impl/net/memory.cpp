// The kernel copies between two places of this process and tells of the address that it cannot reach.
#include "impl/net/memory.hpp"

#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace asyncselect::net {

namespace {
// Where the system forbids the call (a strict sandbox), a null pointer is all that can be known.
bool without_the_kernel(void* to, const void* from, std::size_t size) noexcept {
    if (to == nullptr || from == nullptr) return false;
    std::memcpy(to, from, size);
    return true;
}

bool copied(ssize_t done, void* to, const void* from, std::size_t size) noexcept {
    if (done >= 0) return static_cast<std::size_t>(done) == size;
    return errno != EFAULT && without_the_kernel(to, from, size);
}
}  // namespace

bool can_be_written(void* memory, std::size_t size) noexcept {
    struct Range {
        std::uintptr_t begin;
        std::uintptr_t end;
    };
    static constinit thread_local Range known{0, 0};
    static const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    if (size == 0) return true;
    const auto begin = reinterpret_cast<std::uintptr_t>(memory);
    if (memory == nullptr || begin + size < begin) return false;
    const auto end = begin + size;
    if (known.begin <= begin && end <= known.end) return true;
    // A byte of each page, put back as it is.
    for (auto place = begin; place < end; place = (place / page + 1) * page) {
        auto* byte = static_cast<std::byte*>(memory) + (place - begin);
        std::byte same{};
        if (!read_memory(&same, byte, 1) || !write_memory(byte, &same, 1)) return false;
    }
    known = {begin, end};
    return true;
}

bool read_memory(void* to, const void* from, std::size_t size) noexcept {
    if (size == 0) return true;
    iovec local{to, size};
    iovec remote{const_cast<void*>(from), size};
    return copied(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), to, from, size);
}

bool write_memory(void* to, const void* from, std::size_t size) noexcept {
    if (size == 0) return true;
    iovec local{const_cast<void*>(from), size};
    iovec remote{to, size};
    return copied(process_vm_writev(getpid(), &local, 1, &remote, 1, 0), to, from, size);
}

}  // namespace asyncselect::net
