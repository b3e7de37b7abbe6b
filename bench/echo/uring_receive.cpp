// The echo server that only receives through io_uring: what a transport over it could do for send, which says at once
// what was sent. It must not know what the server does.
#include "bench/echo/uring_server.hpp"

int main(int count, char** arguments) {
    using namespace asyncselect::bench;
    UringServer{Serving{count, arguments}, Sending::by_calls}.run();
    return 0;
}
