/* Stands before the system's <unistd.h> in the compat directory, because of one function: its gethostname is another
 * than Winsock's, and C cannot declare both. A source file without <winsock2.h> gets the system's. It must not know
 * anything else of Winsock. */
#pragma GCC system_header
#pragma push_macro("gethostname")
#undef gethostname
#include_next <unistd.h>
#pragma pop_macro("gethostname")
