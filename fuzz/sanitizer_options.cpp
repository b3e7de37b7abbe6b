// How AddressSanitizer and ThreadSanitizer run in every fuzz target, unless ASAN_OPTIONS or TSAN_OPTIONS say otherwise:
// as fuzzing services have it. Knows no target.

#if defined(__has_feature)
#if __has_feature(address_sanitizer)

// Memory of an input need not be held back long: the next input has its own. A find is looked at with
// ASAN_OPTIONS=malloc_context_size=30:detect_stack_use_after_return=1 if these say too little.
extern "C" const char* __asan_default_options() {
    return "quarantine_size_mb=10:detect_stack_use_after_return=0:malloc_context_size=6";
}

#endif
#if __has_feature(thread_sanitizer)

// The input that raced is to be found and kept: that it raced is told at the end otherwise.
extern "C" const char* __tsan_default_options() { return "halt_on_error=1"; }

#endif
#endif
