// What background.hpp declares. Windows has no signals that a thread of the library's could take.
#include "impl/net/background.hpp"

#include <new>
#include <system_error>

namespace asyncselect::net {

bool Background::start(void (*body)() noexcept) noexcept {
    try {
        thread_ = std::thread{body};
        return true;
    } catch (const std::system_error&) {
        return false;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

void Background::join() noexcept {
    if (thread_.joinable()) thread_.join();
}

}  // namespace asyncselect::net
