/* Must not compile: the system's socket headers after <winsock2.h>. */
#include <winsock2.h>

#include <netinet/in.h>
