// The echo server over io_uring, sends and all. It must not know what the server does.
#include "bench/echo/uring_server.hpp"

int main(int count, char** arguments) {
    using namespace asyncselect::bench;
    UringServer{Serving{count, arguments}, Sending::through_the_ring}.run();
    return 0;
}
