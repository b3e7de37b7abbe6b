// A new thread has the signal mask of the one that makes it.
#include "impl/net/background.hpp"

#include <pthread.h>
#include <signal.h>

#include <new>
#include <system_error>

namespace asyncselect::net {

bool Background::start(void (*body)() noexcept) noexcept {
    sigset_t every{};
    sigset_t before{};
    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &before);
    bool started = true;
    try {
        thread_ = std::thread{body};
    } catch (const std::system_error&) {
        started = false;
    } catch (const std::bad_alloc&) {
        started = false;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return started;
}

void Background::join() noexcept {
    if (thread_.joinable()) thread_.join();
}

}  // namespace asyncselect::net
