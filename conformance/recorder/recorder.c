/* The recorder: each function calls Winsock's and writes one line about it. Lines are JSON, as docs/traces.md describes
 * them. A call that overlaps with one of another thread has two lines, one when it begins and one when it ends; where
 * nothing overlaps, one line tells of the call when it has returned. It must not know which Winsock it records, nor
 * what is allowed, and it touches the program's memory only where that can be read. */
#define ASYNCSELECT_RECORDER_LIBRARY
#ifndef _WIN32
#define _GNU_SOURCE /* process_vm_readv */
#endif
#include <asyncselect/recorder.h>

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef _WIN32
#include <sys/uio.h>
#include <unistd.h>
#endif

/* ---- memory of the program ---- */

/* Copies from an address that may be any. Returns whether all of it could be read. */
static int read_program(const void* from, void* to, size_t bytes) {
    if (from == NULL) return 0;
    {
#ifdef _WIN32
        SIZE_T read = 0;
        return ReadProcessMemory(GetCurrentProcess(), from, to, bytes, &read) && read == bytes;
#else
        struct iovec here;
        struct iovec there;
        here.iov_base = to;
        here.iov_len = bytes;
        there.iov_base = (void*)(uintptr_t)from;
        there.iov_len = bytes;
        return process_vm_readv(getpid(), &here, 1, &there, 1, 0) == (ssize_t)bytes;
#endif
    }
}

/* ---- the lock: held while a line is made and written, never while Winsock is called ---- */

static volatile LONG locked;

static void lock(void) {
    while (InterlockedCompareExchange(&locked, 1, 0) != 0) Sleep(0);
}
static void unlock(void) { InterlockedExchange(&locked, 0); }

/* ---- the file ---- */

static FILE* file;
static int given_up;

static void give_up(const char* why) {
    given_up = 1;
    fprintf(stderr, "asyncselect recorder: %s; nothing more is recorded\n", why);
}

/* Writes the line at once, so that it is there if the program crashes behind it. */
static void write_line(const char* line) {
    if (given_up) return;
    if (file == NULL) {
        const char* name = getenv("ASYNCSELECT_TRACE");
        if (name == NULL || *name == '\0') name = "asyncselect-trace.jsonl";
        if (strcmp(name, "-") == 0) {
            file = stdout;
        } else {
            file = fopen(name, "wb");
        }
        if (file == NULL) {
            give_up("the file that ASYNCSELECT_TRACE names cannot be written");
            return;
        }
#ifdef _WIN32
        fputs("{\"trace\":1,\"provider\":\"Winsock of this Windows\",\"peers\":\"unobserved\"}\n", file);
#else
        fputs("{\"trace\":1,\"provider\":\"asyncselect\",\"peers\":\"unobserved\"}\n", file);
#endif
    }
    if (fputs(line, file) == EOF || fputc('\n', file) == EOF || fflush(file) != 0)
        give_up("the trace cannot be written to the end");
}

/* ---- lines ---- */

typedef struct Line {
    char text[1024];
    size_t length;
} Line;

static void add(Line* line, const char* format, ...) {
    va_list arguments;
    int written;
    va_start(arguments, format);
    written = vsnprintf(line->text + line->length, sizeof line->text - line->length, format, arguments);
    va_end(arguments);
    if (written > 0) line->length += (size_t)written;
    if (line->length >= sizeof line->text) line->length = sizeof line->text - 1;
}

/* A handle is a number; INVALID_SOCKET is -1, which every reader can hold. */
static void add_socket(Line* line, const char* name, SOCKET s) {
    if (s == INVALID_SOCKET)
        add(line, ",\"%s\":-1", name);
    else
        add(line, ",\"%s\":%llu", name, (unsigned long long)s);
}
static unsigned long long number_of(HWND window) { return (unsigned long long)(uintptr_t)window; }

/* ---- what is known: threads, sockets, windows, registrations; behind the lock ---- */

/* A list that grows. Where memory has run out, it forgets the newest, and the trace ends. */
typedef struct List {
    unsigned long long* items;
    size_t count;
    size_t room;
} List;

static void insert(List* list, unsigned long long item) {
    if (list->count == list->room) {
        const size_t room = list->room == 0 ? 64 : 2 * list->room;
        unsigned long long* items = (unsigned long long*)realloc(list->items, room * sizeof *items);
        if (items == NULL) {
            give_up("out of memory");
            return;
        }
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = item;
}
/* The place of the item, from the newest to the oldest; the count if it is not there. */
static size_t place_of(const List* list, unsigned long long item) {
    size_t i;
    for (i = list->count; i-- > 0;) {
        if (list->items[i] == item) return i;
    }
    return list->count;
}
static int contains(const List* list, unsigned long long item) { return place_of(list, item) < list->count; }
static void erase(List* list, unsigned long long item) {
    const size_t place = place_of(list, item);
    if (place == list->count) return;
    --list->count;
    memmove(list->items + place, list->items + place + 1, (list->count - place) * sizeof *list->items);
}

static List threads; /* by number, from the first that was seen */
static List sockets; /* open, and made by a call that was recorded */
static List closed;  /* by a call that was recorded, and not made again */
static List silent;  /* on which the program does what no trace can tell: overlapped operations */
static List windows;
static List registered; /* window and message, in turn */
static List flows;      /* digests of flow specifications, by number */

static int is_registered(HWND window, UINT message) {
    size_t i;
    for (i = 0; i + 1 < registered.count; i += 2) {
        if (registered.items[i] == number_of(window) && registered.items[i + 1] == message) return 1;
    }
    return 0;
}

/* Whether the trace tells of calls with this handle. It does not know sockets that others have made. */
static int told_of(SOCKET s, int error) {
    if (contains(&silent, s)) return 0;
    return contains(&sockets, s) || contains(&closed, s) || error == WSAENOTSOCK;
}

static void add_thread(Line* line) {
    const unsigned long long id = GetCurrentThreadId();
    size_t place = place_of(&threads, id);
    if (place == threads.count) insert(&threads, id);
    if (place > 0) add(line, ",\"thread\":\"%llu\"", (unsigned long long)place + 1);
}

/* ---- calls ---- */

static __thread unsigned inside; /* condition functions under way on this thread */
static __thread int left_error;  /* what the last recorded call left in WSAGetLastError */

/* A call that is under way. On the stack of its thread. */
typedef struct Under {
    struct Under* next;
    unsigned long long thread;
    unsigned long long number; /* of its begin line; 0: it has none */
    const char* name;
    SOCKET socket;      /* that it concerns, or none */
    int concerns_all;   /* sockets: WSAStartup, WSACleanup */
    int makes_a_socket; /* whose messages can come before it has returned: accept */
    size_t thread_number;
} Under;

static Under* under_way;
static unsigned long long begun;

static void write_begin(Under* call) {
    Line line;
    if (call->number != 0) return;
    line.length = 0;
    call->number = ++begun;
    add(&line, "{\"begin\":%llu", call->number);
    if (call->thread_number > 0) add(&line, ",\"thread\":\"%llu\"", (unsigned long long)call->thread_number + 1);
    add(&line, ",\"what\":\"%s\"}", call->name);
    write_line(line.text);
}

/* What happens now to the socket, or to all of them, happens while these calls are under way. What concerns different
 * sockets may be told in any order, and so it is told as if nothing overlapped. */
static int write_begins(const Under* now, SOCKET s, int concerns_all, int unknown) {
    Under* other;
    int overlaps = 0;
    for (other = under_way; other != NULL; other = other->next) {
        if (now != NULL && other->thread == now->thread) continue;
        if (concerns_all || other->concerns_all || (s != INVALID_SOCKET && other->socket == s) ||
            (unknown && other->makes_a_socket)) {
            write_begin(other);
            overlaps = 1;
        }
    }
    return overlaps;
}

static void begin(Under* call, const char* name, SOCKET s, int concerns_all) {
    call->thread = GetCurrentThreadId();
    call->name = name;
    call->number = 0;
    call->socket = s;
    call->concerns_all = concerns_all;
    call->makes_a_socket = strcmp(name, "accept") == 0;
    lock();
    call->thread_number = place_of(&threads, call->thread);
    if (call->thread_number == threads.count) insert(&threads, call->thread);
    if (write_begins(call, s, concerns_all, 0)) write_begin(call);
    call->next = under_way;
    under_way = call;
    unlock();
}

static void enter(Under* call, const char* name, SOCKET s) { begin(call, name, s, 0); }

/* After the call, behind the lock, which stays held: begins the line that tells of it. */
static void leave(Under* call, Line* line) {
    Under** link;
    lock();
    for (link = &under_way; *link != call; link = &(*link)->next) {
    }
    *link = call->next;
    line->length = 0;
    add(line, "{\"call\":\"%s\"", call->name);
    add_thread(line);
    if (inside > 0) add(line, ",\"inside\":true");
}

/* Ends the line. A call that is not told of, though its beginning was, has ended as something that changes nothing. */
static void finish(const Under* call, Line* line, int told, long long result, int error) {
    if (!told && call->number == 0) {
        unlock();
        return;
    }
    if (!told) {
        line->length = 0;
        add(line, "{\"call\":\"WSASetLastError\"");
        add_thread(line);
        if (inside > 0) add(line, ",\"inside\":true");
        add(line, ",\"value\":%d,\"result\":0", error);
        error = 0;
    } else {
        add(line, ",\"result\":%lld", result);
    }
    if (error != 0) add(line, ",\"error\":%d", error);
    if (call->number != 0) add(line, ",\"end\":%llu", call->number);
    add(line, "}");
    write_line(line->text);
    unlock();
}

/* The errors that a call has left, for both of their names. */
typedef struct Errors {
    int wsa;
    DWORD system;
} Errors;

static Errors take_errors(void) {
    Errors errors;
    errors.system = GetLastError();
    errors.wsa = WSAGetLastError();
    return errors;
}
static void put_errors(const Errors* errors) {
    left_error = errors->wsa;
    SetLastError(errors->system);
    WSASetLastError(errors->wsa);
}

static int error_of(int failed, const Errors* errors) { return failed ? errors->wsa : 0; }

/* A call on a socket with nothing more to tell. */
static void record(Under* call, SOCKET s, int result) {
    const Errors errors = take_errors();
    Line line;
    const int error = error_of(result == SOCKET_ERROR, &errors);
    leave(call, &line);
    add_socket(&line, "socket", s);
    finish(call, &line, told_of(s, error), result, error);
    put_errors(&errors);
}

static void record_value(Under* call, SOCKET s, int result, long long value) {
    const Errors errors = take_errors();
    Line line;
    const int error = error_of(result == SOCKET_ERROR, &errors);
    leave(call, &line);
    add_socket(&line, "socket", s);
    if (value != 0) add(&line, ",\"value\":%lld", value);
    finish(call, &line, told_of(s, error), result, error);
    put_errors(&errors);
}

/* From here on the trace cannot tell what happens to the socket. */
static void fall_silent(SOCKET s) {
    lock();
    if (!contains(&silent, s)) {
        Line line;
        insert(&silent, s);
        line.length = 0;
        add(&line, "{\"note\":\"overlapped operations on socket %llu: it is not recorded any more\"}",
            (unsigned long long)s);
        write_line(line.text);
    }
    unlock();
}

/* ---- start, end, errors ---- */

int WSAAPI asyncselect_recorded_WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData) {
    Under call;
    Line line;
    Errors errors;
    int result;
    begin(&call, "WSAStartup", INVALID_SOCKET, 1);
    result = WSAStartup(wVersionRequested, lpWSAData);
    errors = take_errors();
    leave(&call, &line);
    finish(&call, &line, 1, result, result);
    put_errors(&errors);
    return result;
}

int WSAAPI asyncselect_recorded_WSACleanup(void) {
    Under call;
    Line line;
    Errors errors;
    int result;
    begin(&call, "WSACleanup", INVALID_SOCKET, 1);
    result = WSACleanup();
    errors = take_errors();
    leave(&call, &line);
    finish(&call, &line, 1, result, error_of(result == SOCKET_ERROR, &errors));
    put_errors(&errors);
    return result;
}

int WSAAPI asyncselect_recorded_WSAGetLastError(void) {
    Errors errors = take_errors();
    Under call;
    Line line;
    /* Something that is not recorded has set it. */
    if (errors.wsa != left_error) {
        enter(&call, "WSASetLastError", INVALID_SOCKET);
        leave(&call, &line);
        add(&line, ",\"value\":%d", errors.wsa);
        finish(&call, &line, 1, 0, 0);
    }
    enter(&call, "WSAGetLastError", INVALID_SOCKET);
    leave(&call, &line);
    finish(&call, &line, 1, errors.wsa, 0);
    put_errors(&errors);
    return errors.wsa;
}

void WSAAPI asyncselect_recorded_WSASetLastError(int iError) {
    Under call;
    Line line;
    Errors errors;
    enter(&call, "WSASetLastError", INVALID_SOCKET);
    WSASetLastError(iError);
    errors = take_errors();
    leave(&call, &line);
    add(&line, ",\"value\":%d", iError);
    finish(&call, &line, 1, 0, 0);
    put_errors(&errors);
}

/* ---- making and closing sockets ---- */

static SOCKET made(Under* call, SOCKET s, int af, int type) {
    Errors errors = take_errors();
    Line line;
    if (s != INVALID_SOCKET && type != SOCK_STREAM) {
        int size = sizeof type;
        getsockopt(s, SOL_SOCKET, SO_TYPE, (char*)&type, &size);
    }
    leave(call, &line);
    if (type != SOCK_STREAM) add(&line, ",\"datagram\":true");
    if (af == AF_INET6) add(&line, ",\"ipv6\":true");
    if (s != INVALID_SOCKET) {
        add_socket(&line, "created", s);
        write_begins(call, s, 0, 0); /* a closesocket that has not returned: the handle is used again */
        erase(&closed, s);
        erase(&silent, s);
        insert(&sockets, s);
    }
    finish(call, &line, 1, s == INVALID_SOCKET ? -1 : (long long)s, error_of(s == INVALID_SOCKET, &errors));
    put_errors(&errors);
    return s;
}

SOCKET WSAAPI asyncselect_recorded_socket(int af, int type, int protocol) {
    Under call;
    enter(&call, "socket", INVALID_SOCKET);
    return made(&call, socket(af, type, protocol), af, type);
}
SOCKET WSAAPI asyncselect_recorded_WSASocketA(int af, int type, int protocol, LPWSAPROTOCOL_INFOA lpProtocolInfo,
                                              GROUP g, DWORD dwFlags) {
    Under call;
    enter(&call, "socket", INVALID_SOCKET);
    return made(&call, WSASocketA(af, type, protocol, lpProtocolInfo, g, dwFlags), af, type);
}
SOCKET WSAAPI asyncselect_recorded_WSASocketW(int af, int type, int protocol, LPWSAPROTOCOL_INFOW lpProtocolInfo,
                                              GROUP g, DWORD dwFlags) {
    Under call;
    enter(&call, "socket", INVALID_SOCKET);
    return made(&call, WSASocketW(af, type, protocol, lpProtocolInfo, g, dwFlags), af, type);
}

int WSAAPI asyncselect_recorded_closesocket(SOCKET s) {
    Under call;
    Line line;
    Errors errors;
    int result;
    int error;
    enter(&call, "closesocket", s);
    result = closesocket(s);
    errors = take_errors();
    error = error_of(result == SOCKET_ERROR, &errors);
    leave(&call, &line);
    add_socket(&line, "socket", s);
    erase(&silent, s);
    if (result == 0 && contains(&sockets, s)) {
        erase(&sockets, s);
        insert(&closed, s);
    }
    finish(&call, &line, told_of(s, error), result, error);
    put_errors(&errors);
    return result;
}

int WSAAPI asyncselect_recorded_bind(SOCKET s, const struct sockaddr* name, int namelen) {
    Under call;
    int result;
    enter(&call, "bind", s);
    result = bind(s, name, namelen);
    record(&call, s, result);
    return result;
}
int WSAAPI asyncselect_recorded_listen(SOCKET s, int backlog) {
    Under call;
    int result;
    enter(&call, "listen", s);
    result = listen(s, backlog);
    record(&call, s, result);
    return result;
}
int WSAAPI asyncselect_recorded_shutdown(SOCKET s, int how) {
    Under call;
    int result;
    enter(&call, "shutdown", s);
    result = shutdown(s, how);
    record_value(&call, s, result, how);
    return result;
}

/* ---- accept ---- */

static void accepted(Under* call, SOCKET s, SOCKET made_socket, const char* condition) {
    const Errors errors = take_errors();
    Line line;
    const int error = error_of(made_socket == INVALID_SOCKET, &errors);
    leave(call, &line);
    add_socket(&line, "socket", s);
    if (condition != NULL) add(&line, ",\"condition\":\"%s\"", condition);
    if (made_socket != INVALID_SOCKET) add_socket(&line, "created", made_socket);
    if (made_socket != INVALID_SOCKET && told_of(s, 0)) {
        write_begins(call, made_socket, 0, 0);
        erase(&closed, made_socket);
        erase(&silent, made_socket);
        insert(&sockets, made_socket);
    }
    finish(call, &line, told_of(s, error), made_socket == INVALID_SOCKET ? -1 : (long long)made_socket, error);
    put_errors(&errors);
}

SOCKET WSAAPI asyncselect_recorded_accept(SOCKET s, struct sockaddr* addr, int* addrlen) {
    Under call;
    SOCKET result;
    enter(&call, "accept", s);
    result = accept(s, addr, addrlen);
    accepted(&call, s, result, NULL);
    return result;
}

typedef struct Condition {
    LPCONDITIONPROC ask;
    DWORD_PTR data;
    const char* answer;
} Condition;

static int CALLBACK ask_program(LPWSABUF caller, LPWSABUF caller_data, LPQOS qos, LPQOS group_qos, LPWSABUF callee,
                                LPWSABUF callee_data, GROUP* group, DWORD_PTR data) {
    Condition* condition = (Condition*)data;
    int answer;
    ++inside;
    answer = condition->ask(caller, caller_data, qos, group_qos, callee, callee_data, group, condition->data);
    --inside;
    condition->answer = answer == CF_ACCEPT ? "CF_ACCEPT" : answer == CF_DEFER ? "CF_DEFER" : "CF_REJECT";
    return answer;
}

SOCKET WSAAPI asyncselect_recorded_WSAAccept(SOCKET s, struct sockaddr* addr, LPINT addrlen,
                                             LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData) {
    Under call;
    Condition condition;
    SOCKET result;
    condition.ask = lpfnCondition;
    condition.data = dwCallbackData;
    condition.answer = NULL;
    enter(&call, "accept", s);
    result = lpfnCondition == NULL ? WSAAccept(s, addr, addrlen, NULL, dwCallbackData)
                                   : WSAAccept(s, addr, addrlen, ask_program, (DWORD_PTR)&condition);
    accepted(&call, s, result, condition.answer);
    return result;
}

/* ---- flow specifications: equal ones have the same number, from 1 ---- */

static long long number_of_flows(const void* qos) {
    unsigned char bytes[2 * sizeof(FLOWSPEC)];
    unsigned long long digest = 0xcbf29ce484222325ULL;
    size_t i;
    if (!read_program(qos, bytes, sizeof bytes)) return 0;
    for (i = 0; i < sizeof bytes; ++i) digest = (digest ^ bytes[i]) * 0x100000001b3ULL;
    lock();
    i = place_of(&flows, digest);
    if (i == flows.count) insert(&flows, digest);
    unlock();
    return (long long)i + 1;
}

/* ---- connect ---- */

int WSAAPI asyncselect_recorded_connect(SOCKET s, const struct sockaddr* name, int namelen) {
    Under call;
    int result;
    enter(&call, "connect", s);
    result = connect(s, name, namelen);
    record(&call, s, result);
    return result;
}
int WSAAPI asyncselect_recorded_WSAConnect(SOCKET s, const struct sockaddr* name, int namelen, LPWSABUF lpCallerData,
                                           LPWSABUF lpCalleeData, LPQOS lpSQOS, LPQOS lpGQOS) {
    Under call;
    const long long flow = number_of_flows(lpSQOS);
    int result;
    enter(&call, "connect", s);
    result = WSAConnect(s, name, namelen, lpCallerData, lpCalleeData, lpSQOS, lpGQOS);
    record_value(&call, s, result, flow);
    return result;
}
SOCKET WSAAPI asyncselect_recorded_WSAJoinLeaf(SOCKET s, const struct sockaddr* name, int namelen,
                                               LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS, LPQOS lpGQOS,
                                               DWORD dwFlags) {
    Under call;
    Line line;
    Errors errors;
    const long long flow = number_of_flows(lpSQOS);
    SOCKET result;
    int error;
    enter(&call, "WSAJoinLeaf", s);
    result = WSAJoinLeaf(s, name, namelen, lpCallerData, lpCalleeData, lpSQOS, lpGQOS, dwFlags);
    errors = take_errors();
    error = error_of(result == INVALID_SOCKET, &errors);
    leave(&call, &line);
    add_socket(&line, "socket", s);
    if (flow != 0) add(&line, ",\"value\":%lld", flow);
    if (result != INVALID_SOCKET) add_socket(&line, "created", result);
    finish(&call, &line, told_of(s, error), result == INVALID_SOCKET ? -1 : (long long)result, error);
    put_errors(&errors);
    return result;
}

/* ---- recv and send ---- */

static void transferred(Under* call, SOCKET s, long long length, DWORD flags, long long result) {
    const Errors errors = take_errors();
    Line line;
    const int error = error_of(result == SOCKET_ERROR, &errors);
    leave(call, &line);
    add_socket(&line, "socket", s);
    add(&line, ",\"length\":%lld", length);
    if (flags != 0) add(&line, ",\"flags\":%lu", (unsigned long)flags);
    finish(call, &line, told_of(s, error), result, error);
    put_errors(&errors);
}

/* The sum of the buffers' lengths, as far as they can be read. */
static long long length_of(LPWSABUF buffers, DWORD count) {
    long long length = 0;
    DWORD i;
    for (i = 0; i < count && i < 1024; ++i) {
        WSABUF buffer;
        if (!read_program(buffers + i, &buffer, sizeof buffer)) break;
        length += buffer.len;
    }
    return length;
}
static DWORD flags_at(LPDWORD place) {
    DWORD flags = 0;
    return read_program(place, &flags, sizeof flags) ? flags : 0;
}
/* What a call with buffers returned, as recv and send would: the count of bytes. */
static long long bytes_at(int result, LPDWORD place) {
    DWORD bytes = 0;
    if (result != 0) return SOCKET_ERROR;
    return read_program(place, &bytes, sizeof bytes) ? (long long)bytes : 0;
}

int WSAAPI asyncselect_recorded_recv(SOCKET s, char* buf, int len, int flags) {
    Under call;
    int result;
    enter(&call, "recv", s);
    result = recv(s, buf, len, flags);
    transferred(&call, s, len, (DWORD)flags, result);
    return result;
}
int WSAAPI asyncselect_recorded_recvfrom(SOCKET s, char* buf, int len, int flags, struct sockaddr* from, int* fromlen) {
    Under call;
    int result;
    enter(&call, "recv", s);
    result = recvfrom(s, buf, len, flags, from, fromlen);
    transferred(&call, s, len, (DWORD)flags, result);
    return result;
}
int WSAAPI asyncselect_recorded_WSARecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesRecvd,
                                        LPDWORD lpFlags, LPWSAOVERLAPPED lpOverlapped,
                                        LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
    Under call;
    const long long length = length_of(lpBuffers, dwBufferCount);
    const DWORD flags = flags_at(lpFlags);
    int result;
    if (lpOverlapped != NULL || lpCompletionRoutine != NULL) fall_silent(s);
    enter(&call, "recv", s);
    result = WSARecv(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpOverlapped, lpCompletionRoutine);
    transferred(&call, s, length, flags, bytes_at(result, lpNumberOfBytesRecvd));
    return result;
}
int WSAAPI asyncselect_recorded_WSARecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                            LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags, struct sockaddr* lpFrom,
                                            LPINT lpFromlen, LPWSAOVERLAPPED lpOverlapped,
                                            LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
    Under call;
    const long long length = length_of(lpBuffers, dwBufferCount);
    const DWORD flags = flags_at(lpFlags);
    int result;
    if (lpOverlapped != NULL || lpCompletionRoutine != NULL) fall_silent(s);
    enter(&call, "recv", s);
    result = WSARecvFrom(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpFrom, lpFromlen, lpOverlapped,
                         lpCompletionRoutine);
    transferred(&call, s, length, flags, bytes_at(result, lpNumberOfBytesRecvd));
    return result;
}
int WSAAPI asyncselect_recorded_send(SOCKET s, const char* buf, int len, int flags) {
    Under call;
    int result;
    enter(&call, "send", s);
    result = send(s, buf, len, flags);
    transferred(&call, s, len, (DWORD)flags, result);
    return result;
}
int WSAAPI asyncselect_recorded_sendto(SOCKET s, const char* buf, int len, int flags, const struct sockaddr* to,
                                       int tolen) {
    Under call;
    int result;
    enter(&call, "send", s);
    result = sendto(s, buf, len, flags, to, tolen);
    transferred(&call, s, len, (DWORD)flags, result);
    return result;
}
int WSAAPI asyncselect_recorded_WSASend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent,
                                        DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped,
                                        LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
    Under call;
    const long long length = length_of(lpBuffers, dwBufferCount);
    int result;
    if (lpOverlapped != NULL || lpCompletionRoutine != NULL) fall_silent(s);
    enter(&call, "send", s);
    result = WSASend(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, lpOverlapped, lpCompletionRoutine);
    transferred(&call, s, length, dwFlags, bytes_at(result, lpNumberOfBytesSent));
    return result;
}
int WSAAPI asyncselect_recorded_WSASendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                          LPDWORD lpNumberOfBytesSent, DWORD dwFlags, const struct sockaddr* lpTo,
                                          int iTolen, LPWSAOVERLAPPED lpOverlapped,
                                          LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
    Under call;
    const long long length = length_of(lpBuffers, dwBufferCount);
    int result;
    if (lpOverlapped != NULL || lpCompletionRoutine != NULL) fall_silent(s);
    enter(&call, "send", s);
    result = WSASendTo(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, lpTo, iTolen, lpOverlapped,
                       lpCompletionRoutine);
    transferred(&call, s, length, dwFlags, bytes_at(result, lpNumberOfBytesSent));
    return result;
}

/* ---- modes and options ---- */

/* FIONBIO's argument; 1 where it cannot be read, since of 1 nothing is asked. */
static long long mode_at(const void* place) {
    uint32_t mode = 1;
    return read_program(place, &mode, sizeof mode) ? mode != 0 : 1;
}

int WSAAPI asyncselect_recorded_ioctlsocket(SOCKET s, long cmd, u_long* argp) {
    Under call;
    const int sets_mode = cmd == (long)FIONBIO;
    const long long mode = sets_mode ? mode_at(argp) : 0;
    int result;
    if (!sets_mode && cmd != (long)FIONREAD) return ioctlsocket(s, cmd, argp);
    enter(&call, sets_mode ? "ioctlsocket FIONBIO" : "ioctlsocket FIONREAD", s);
    result = ioctlsocket(s, cmd, argp);
    record_value(&call, s, result, mode);
    return result;
}

/* The destination in digits: two names are equal if the addresses are. */
static void destination_at(const void* place, DWORD length, char* name) {
    unsigned char bytes[64];
    DWORD i;
    *name = '\0';
    if (length > sizeof bytes) length = sizeof bytes;
    if (!read_program(place, bytes, length)) return;
    for (i = 0; i < length; ++i) sprintf(name + (size_t)2 * i, "%02x", (unsigned)bytes[i]);
}

int WSAAPI asyncselect_recorded_WSAIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer, DWORD cbInBuffer,
                                         LPVOID lpvOutBuffer, DWORD cbOutBuffer, LPDWORD lpcbBytesReturned,
                                         LPWSAOVERLAPPED lpOverlapped,
                                         LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
    Under call;
    Line line;
    Errors errors;
    char destination[129];
    const char* name = NULL;
    long long value = 0;
    int result;
    int error;
    *destination = '\0';
    if (dwIoControlCode == (DWORD)FIONBIO) {
        name = "ioctlsocket FIONBIO";
        value = mode_at(lpvInBuffer);
    } else if (dwIoControlCode == (DWORD)FIONREAD) {
        name = "ioctlsocket FIONREAD";
    } else if (dwIoControlCode == (DWORD)SIO_SET_QOS) {
        name = "WSAIoctl SIO_SET_QOS";
        value = number_of_flows(lpvInBuffer);
    } else if (dwIoControlCode == (DWORD)SIO_GET_QOS) {
        name = "WSAIoctl SIO_GET_QOS";
    } else if (dwIoControlCode == (DWORD)SIO_GET_GROUP_QOS) {
        name = "WSAIoctl SIO_GET_GROUP_QOS";
    } else if (dwIoControlCode == (DWORD)SIO_ROUTING_INTERFACE_CHANGE) {
        name = "WSAIoctl SIO_ROUTING_INTERFACE_CHANGE";
        destination_at(lpvInBuffer, cbInBuffer, destination);
    } else if (dwIoControlCode == (DWORD)SIO_ADDRESS_LIST_CHANGE) {
        name = "WSAIoctl SIO_ADDRESS_LIST_CHANGE";
    }
    if (name == NULL || lpOverlapped != NULL || lpCompletionRoutine != NULL) {
        if (name != NULL) fall_silent(s);
        return WSAIoctl(s, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer, lpcbBytesReturned,
                        lpOverlapped, lpCompletionRoutine);
    }
    enter(&call, name, s);
    result = WSAIoctl(s, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer, lpcbBytesReturned,
                      lpOverlapped, lpCompletionRoutine);
    errors = take_errors();
    error = error_of(result == SOCKET_ERROR, &errors);
    leave(&call, &line);
    add_socket(&line, "socket", s);
    if (dwIoControlCode == (DWORD)SIO_ROUTING_INTERFACE_CHANGE) add(&line, ",\"destination\":\"%s\"", destination);
    if (value != 0) add(&line, ",\"value\":%lld", value);
    finish(&call, &line, told_of(s, error), result, error);
    put_errors(&errors);
    return result;
}

int WSAAPI asyncselect_recorded_setsockopt(SOCKET s, int level, int optname, const char* optval, int optlen) {
    Under call;
    const int is_inline = level == SOL_SOCKET && optname == SO_OOBINLINE;
    const long long value = is_inline ? mode_at(optval) : 0;
    int result;
    enter(&call, is_inline ? "setsockopt SO_OOBINLINE" : "setsockopt", s);
    result = setsockopt(s, level, optname, optval, optlen);
    record_value(&call, s, result, value);
    return result;
}

/* ---- registration and windows ---- */

/* A line about a window, behind the lock. */
static void write_window(const char* name, HWND window, DWORD thread) {
    Line line;
    size_t place = place_of(&threads, thread);
    if (place == threads.count) insert(&threads, thread);
    line.length = 0;
    add(&line, "{\"call\":\"%s\"", name);
    if (place > 0) add(&line, ",\"thread\":\"%llu\"", (unsigned long long)place + 1);
    if (strcmp(name, "CreateWindow") == 0)
        add(&line, ",\"result\":%llu,\"created\":%llu}", number_of(window), number_of(window));
    else
        add(&line, ",\"window\":%llu,\"result\":1}", number_of(window));
    write_line(line.text);
}

/* Windows come and go in many ways: the trace tells of it at the latest where a registration names one. */
static void look_at_window(HWND window, DWORD thread) {
    const int exists = window != NULL && IsWindow(window);
    lock();
    if (exists && !contains(&windows, number_of(window))) {
        insert(&windows, number_of(window));
        write_begins(NULL, INVALID_SOCKET, 1, 0);
        write_window("CreateWindow", window, thread);
    } else if (!exists && contains(&windows, number_of(window))) {
        erase(&windows, number_of(window));
        write_begins(NULL, INVALID_SOCKET, 1, 0);
        write_window("DestroyWindow", window, thread);
    }
    unlock();
}

static DWORD thread_of(HWND window) {
#ifdef _WIN32
    const DWORD thread = GetWindowThreadProcessId(window, NULL);
    if (thread != 0) return thread;
#else
    (void)window;
#endif
    return GetCurrentThreadId();
}

int WSAAPI asyncselect_recorded_WSAAsyncSelect(SOCKET s, HWND hWnd, u_int wMsg, long lEvent) {
    Under call;
    Line line;
    Errors errors;
    int result;
    int error;
    look_at_window(hWnd, thread_of(hWnd));
    /* Its messages can come before it has returned. */
    lock();
    if (hWnd != NULL && !is_registered(hWnd, wMsg)) {
        insert(&registered, number_of(hWnd));
        insert(&registered, wMsg);
    }
    unlock();
    enter(&call, "WSAAsyncSelect", s);
    result = WSAAsyncSelect(s, hWnd, wMsg, lEvent);
    errors = take_errors();
    error = error_of(result == SOCKET_ERROR, &errors);
    if (error == WSAEINVAL) look_at_window(hWnd, thread_of(hWnd));
    leave(&call, &line);
    add_socket(&line, "socket", s);
    add(&line, ",\"window\":%llu,\"message\":%u,\"events\":%lu", number_of(hWnd), (unsigned)wMsg,
        (unsigned long)lEvent & 0xffffffffUL);
    finish(&call, &line, told_of(s, error), result, error);
    put_errors(&errors);
    return result;
}

int WSAAPI asyncselect_recorded_WSAEventSelect(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents) {
    Under call;
    Line line;
    Errors errors;
    int result;
    int error;
    enter(&call, "WSAEventSelect", s);
    result = WSAEventSelect(s, hEventObject, lNetworkEvents);
    errors = take_errors();
    error = error_of(result == SOCKET_ERROR, &errors);
    leave(&call, &line);
    add_socket(&line, "socket", s);
    add(&line, ",\"events\":%lu", (unsigned long)lNetworkEvents & 0xffffffffUL);
    finish(&call, &line, told_of(s, error), result, error);
    put_errors(&errors);
    return result;
}

HWND WINAPI asyncselect_recorded_CreateWindowExA(DWORD dwExStyle, LPCSTR lpClassName, LPCSTR lpWindowName,
                                                 DWORD dwStyle, int X, int Y, int nWidth, int nHeight, HWND hWndParent,
                                                 HMENU hMenu, HINSTANCE hInstance, LPVOID lpParam) {
    const HWND window = CreateWindowExA(dwExStyle, lpClassName, lpWindowName, dwStyle, X, Y, nWidth, nHeight,
                                        hWndParent, hMenu, hInstance, lpParam);
    const Errors errors = take_errors();
    if (window != NULL) look_at_window(window, GetCurrentThreadId());
    put_errors(&errors);
    return window;
}
HWND WINAPI asyncselect_recorded_CreateWindowExW(DWORD dwExStyle, LPCWSTR lpClassName, LPCWSTR lpWindowName,
                                                 DWORD dwStyle, int X, int Y, int nWidth, int nHeight, HWND hWndParent,
                                                 HMENU hMenu, HINSTANCE hInstance, LPVOID lpParam) {
    const HWND window = CreateWindowExW(dwExStyle, lpClassName, lpWindowName, dwStyle, X, Y, nWidth, nHeight,
                                        hWndParent, hMenu, hInstance, lpParam);
    const Errors errors = take_errors();
    if (window != NULL) look_at_window(window, GetCurrentThreadId());
    put_errors(&errors);
    return window;
}

BOOL WINAPI asyncselect_recorded_DestroyWindow(HWND hWnd) {
    const BOOL result = DestroyWindow(hWnd);
    const Errors errors = take_errors();
    look_at_window(hWnd, GetCurrentThreadId());
    put_errors(&errors);
    return result;
}

/* ---- messages ---- */

/* A message that has been taken from the queue. It is told of after it was: until then other threads may have gone on,
 * and for the trace it has stayed in the queue meanwhile, which is always allowed. */
static void retrieved(const MSG* message) {
    const SOCKET s = (SOCKET)message->wParam;
    Line line;
    int unknown;
    lock();
    unknown = !contains(&sockets, s) && !contains(&closed, s);
    if (is_registered(message->hwnd, message->message) && !contains(&silent, s) &&
        (!unknown || write_begins(NULL, INVALID_SOCKET, 0, 1))) {
        const unsigned event = WSAGETSELECTEVENT(message->lParam);
        const unsigned error = WSAGETSELECTERROR(message->lParam);
        const unsigned long lparam = (unsigned long)((unsigned long long)message->lParam & 0xffffffffULL);
        write_begins(NULL, s, 0, 0);
        line.length = 0;
        add(&line, "{\"message\":%u", (unsigned)message->message);
        add_thread(&line);
        add(&line, ",\"window\":%llu", number_of(message->hwnd));
        add_socket(&line, "socket", s);
        add(&line, ",\"event\":%u", event);
        if (error != 0) add(&line, ",\"error\":%u", error);
        if (lparam != (event | (unsigned long)error << 16)) add(&line, ",\"lparam\":%lu", lparam);
        add(&line, "}");
        write_line(line.text);
    }
    unlock();
}

/* Reads the message of a call that has succeeded, and writes it if it was taken out. */
static BOOL looked(BOOL result, LPMSG message, int taken, int error_before) {
    const Errors errors = take_errors();
    if (result != 0 && result != -1 && taken) {
        MSG copy;
        if (read_program(message, &copy, sizeof copy)) retrieved(&copy);
    }
    SetLastError(errors.system);
    WSASetLastError(errors.wsa);
    /* What looking for messages has changed is judged when the program asks; what was changed before, is not. */
    if (left_error != error_before && errors.wsa == error_before) left_error = errors.wsa;
    return result;
}

BOOL WINAPI asyncselect_recorded_GetMessageA(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax) {
    const int before = WSAGetLastError();
    return looked(GetMessageA(lpMsg, hWnd, wMsgFilterMin, wMsgFilterMax), lpMsg, 1, before);
}
BOOL WINAPI asyncselect_recorded_GetMessageW(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax) {
    const int before = WSAGetLastError();
    return looked(GetMessageW(lpMsg, hWnd, wMsgFilterMin, wMsgFilterMax), lpMsg, 1, before);
}
BOOL WINAPI asyncselect_recorded_PeekMessageA(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax,
                                              UINT wRemoveMsg) {
    const int before = WSAGetLastError();
    return looked(PeekMessageA(lpMsg, hWnd, wMsgFilterMin, wMsgFilterMax, wRemoveMsg), lpMsg,
                  (wRemoveMsg & PM_REMOVE) != 0, before);
}
BOOL WINAPI asyncselect_recorded_PeekMessageW(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax,
                                              UINT wRemoveMsg) {
    const int before = WSAGetLastError();
    return looked(PeekMessageW(lpMsg, hWnd, wMsgFilterMin, wMsgFilterMax, wRemoveMsg), lpMsg,
                  (wRemoveMsg & PM_REMOVE) != 0, before);
}

/* ---- what the program tells ---- */

void asyncselect_recorder_quiet(void) {
    const Errors errors = take_errors();
    lock();
    write_line("{\"quiet\":true}");
    unlock();
    SetLastError(errors.system);
    WSASetLastError(errors.wsa);
}

void asyncselect_recorder_note(const char* text) {
    const Errors errors = take_errors();
    Line line;
    if (text == NULL) return;
    line.length = 0;
    add(&line, "{\"note\":\"");
    for (; *text != '\0' && line.length < sizeof line.text - 16; ++text) {
        const unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            add(&line, "\\%c", c);
        else if (c < 0x20 || c > 0x7e)
            add(&line, "\\u%04x", c < 0x20 ? c : 0xfffdU);
        else
            add(&line, "%c", c);
    }
    add(&line, "\"}");
    lock();
    write_line(line.text);
    unlock();
    SetLastError(errors.system);
    WSASetLastError(errors.wsa);
}
