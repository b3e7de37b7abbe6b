// Included before the sources of the library's own windows where they are compiled for Windows: what they take
// from Linux and mingw-w64 does not have. It must not know what they are called for.
#pragma once

extern "C" __declspec(dllimport) unsigned long __stdcall GetCurrentThreadId(void);

inline int gettid() noexcept { return static_cast<int>(GetCurrentThreadId()); }

inline constexpr int _SC_PAGESIZE = 30;
inline long sysconf(int) noexcept { return 4096; }

// mingw-w64 does not say so.
extern "C" [[noreturn]] void pthread_exit(void*);

inline constexpr int PTHREAD_STACK_MIN = 16384;
