// What the models have in common in C: the sentences that tell a trail. It must not know any model.
#pragma once

#include <stdio.h>
#include <stdlib.h>

// Does nothing while states are searched; `run` sets ASYNCSELECT_TELL to replay a trail.
static void say(const char* who, const char* what) {
    static int telling = -1;
    if (telling < 0) telling = getenv("ASYNCSELECT_TELL") != NULL;
    if (telling) printf("SAID %s %s\n", who, what);
}
