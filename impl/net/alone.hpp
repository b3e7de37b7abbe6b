// Whether the process has one thread: then nobody else can change what threads share, and a load and a store do what
// otherwise takes an operation that locks. It must not know what is shared.
#pragma once

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#endif

namespace asyncselect::net {

// True only if the calling thread is the only one of the process. It stays so until this thread makes another one,
// which then sees all that was done before. To be asked before each look at what is shared: another thread can have
// ended between a look and the question. Known where the C library tells (glibc since 2.32); elsewhere false, and so
// where it is not sure, as it is not any more once there was a second thread. It knows nothing of threads that are made
// behind its back, by clone itself: they must not call it, so nothing of this library either.
[[nodiscard]] inline bool alone() noexcept {
#if __has_include(<sys/single_threaded.h>)
    return __libc_single_threaded != 0;
#else
    return false;
#endif
}

}  // namespace asyncselect::net
