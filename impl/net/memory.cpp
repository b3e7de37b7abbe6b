// The kernel copies between two places of this process and tells of the address that it cannot reach.
#include "impl/net/memory.hpp"

#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
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
