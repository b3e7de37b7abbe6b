/* Must not compile: the system's socket headers before <winsock2.h>. */
#include <sys/socket.h>

#include <winsock2.h>
