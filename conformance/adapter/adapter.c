/* An adapter: makes the Winsock and window calls that `asyncselect ... --provider exec:COMMAND` asks for in lines of
 * JSON on standard input, and answers each on standard output; docs/adapter.md describes the lines. It needs winsock2.h
 * and windows.h alone, and compiles unmodified for Windows and, with the compat headers, for Linux. An example to copy:
 * what another Winsock needs is to be changed here. It must not know what is judged.
 *
 *   adapter [--eager] [--fault NAME] [--name NAME]
 *
 * --eager: on Linux, messages are posted from a thread of the library; on Windows they always are.
 * --fault: does one thing wrongly, to show that it is noticed: second-read (each FD_READ is seen twice), no-write (no
 *          FD_WRITE is), no-error (an FD_CLOSE has no error code), combined (an FD_WRITE is an FD_READ as well).
 * --name:  what the provider is called in reports. */
#include <winsock2.h>

#include <ws2tcpip.h>

#include <qos.h>

#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_LINE = 65536, MOST_FIELDS = 24, LONGEST_NAME = 24, LONGEST_TEXT = 80, MOST_EVENTS = 64 };
enum { EXIT_BAD_USAGE = 2 };

typedef unsigned long long NUMBER; /* negative ones as two's complement */

static const char* program_name = "adapter";
static const char* provider_name = NULL;
static const char* fault = "";
static BOOL eager = FALSE;
static unsigned long line_number = 0; /* of standard input */

static void Fail(const char* what) {
    fprintf(stderr, "%s: %s\n", program_name, what);
    fflush(stderr);
    _Exit(EXIT_BAD_USAGE);
}

/* ---- reading JSON: one object without objects or arrays in it, as every request is ---- */

typedef enum KIND { KIND_TEXT, KIND_NUMBER, KIND_FLAG, KIND_NULL } KIND;

typedef struct FIELD {
    char name[LONGEST_NAME];
    KIND kind;
    NUMBER number; /* a flag: 0 or 1 */
    char text[LONGEST_TEXT];
} FIELD;

typedef struct OBJECT {
    int fields;
    FIELD field[MOST_FIELDS];
} OBJECT;

typedef struct READER {
    const char* begin;
    const char* at;
} READER;

static void Refuse(const READER* reader, const char* what) {
    fprintf(stderr, "%s: line %lu, column %lu: %s\n", program_name, line_number,
            (unsigned long)(reader->at - reader->begin) + 1, what);
    fflush(stderr);
    _Exit(EXIT_BAD_USAGE);
}

static void SkipSpace(READER* reader) {
    while (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\r' || *reader->at == '\n') ++reader->at;
}

static void Expect(READER* reader, char character, const char* what) {
    SkipSpace(reader);
    if (*reader->at != character) Refuse(reader, what);
    ++reader->at;
}

static unsigned HexDigits(READER* reader) {
    unsigned value = 0;
    int i;
    for (i = 0; i < 4; ++i, ++reader->at) {
        const char c = *reader->at;
        if (c >= '0' && c <= '9') {
            value = value * 16 + (unsigned)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            value = value * 16 + (unsigned)(c - 'a') + 10;
        } else if (c >= 'A' && c <= 'F') {
            value = value * 16 + (unsigned)(c - 'A') + 10;
        } else {
            Refuse(reader, "four hexadecimal digits follow \\u");
        }
    }
    return value;
}

static void AppendCharacter(READER* reader, char* text, size_t size, size_t* length, unsigned code) {
    char bytes[4];
    size_t count = 0;
    if (code < 0x80) {
        bytes[count++] = (char)code;
    } else if (code < 0x800) {
        bytes[count++] = (char)(0xc0 | code >> 6);
        bytes[count++] = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        bytes[count++] = (char)(0xe0 | code >> 12);
        bytes[count++] = (char)(0x80 | (code >> 6 & 0x3f));
        bytes[count++] = (char)(0x80 | (code & 0x3f));
    } else {
        bytes[count++] = (char)(0xf0 | code >> 18);
        bytes[count++] = (char)(0x80 | (code >> 12 & 0x3f));
        bytes[count++] = (char)(0x80 | (code >> 6 & 0x3f));
        bytes[count++] = (char)(0x80 | (code & 0x3f));
    }
    if (*length + count >= size) Refuse(reader, "the text is longer than any that is expected here");
    memcpy(text + *length, bytes, count);
    *length += count;
}

static unsigned EscapedCharacter(READER* reader) {
    static const char escapes[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    const char* found;
    unsigned code;
    if (*reader->at == 'u') {
        ++reader->at;
        code = HexDigits(reader);
        if (code >= 0xd800 && code < 0xdc00) {
            if (reader->at[0] != '\\' || reader->at[1] != 'u') Refuse(reader, "half of a character stands alone");
            reader->at += 2;
            code = 0x10000 + ((code - 0xd800) << 10);
            code += HexDigits(reader) - 0xdc00;
        }
        return code & 0x1fffff;
    }
    found = *reader->at != '\0' ? strchr(escapes, *reader->at) : NULL;
    if (found == NULL) Refuse(reader, "this escape is unknown");
    ++reader->at;
    return (unsigned char)meanings[found - escapes];
}

static void ReadText(READER* reader, char* text, size_t size) {
    size_t length = 0;
    Expect(reader, '"', "a text begins with \"");
    while (*reader->at != '"') {
        if ((unsigned char)*reader->at < 0x20) Refuse(reader, "the text has no end, or an unescaped control character");
        if (*reader->at == '\\') {
            ++reader->at;
            AppendCharacter(reader, text, size, &length, EscapedCharacter(reader));
        } else {
            if (length + 1 >= size) Refuse(reader, "the text is longer than any that is expected here");
            text[length++] = *reader->at++;
        }
    }
    ++reader->at;
    text[length] = '\0';
}

static NUMBER ReadNumber(READER* reader) {
    const NUMBER most = ~(NUMBER)0;
    const BOOL negative = *reader->at == '-';
    NUMBER value = 0;
    if (negative) ++reader->at;
    if (*reader->at < '0' || *reader->at > '9') Refuse(reader, "this is no value");
    while (*reader->at >= '0' && *reader->at <= '9') {
        const NUMBER digit = (NUMBER)(*reader->at - '0');
        if (value > (most - digit) / 10) Refuse(reader, "the number is too large");
        value = value * 10 + digit;
        ++reader->at;
    }
    if (*reader->at == '.' || *reader->at == 'e' || *reader->at == 'E') Refuse(reader, "the number is no whole one");
    return negative ? 0 - value : value;
}

static BOOL ReadWord(READER* reader, const char* word) {
    const size_t length = strlen(word);
    if (strncmp(reader->at, word, length) != 0) return FALSE;
    reader->at += length;
    return TRUE;
}

static void ReadObject(const char* text, OBJECT* object) {
    READER reader;
    reader.begin = text;
    reader.at = text;
    object->fields = 0;
    Expect(&reader, '{', "a request is a JSON object, which begins with {");
    SkipSpace(&reader);
    while (*reader.at != '}') {
        FIELD* const field = &object->field[object->fields];
        if (object->fields == MOST_FIELDS) Refuse(&reader, "no request has so many fields");
        if (object->fields > 0) Expect(&reader, ',', "a comma stands between two fields");
        SkipSpace(&reader);
        ReadText(&reader, field->name, sizeof field->name);
        Expect(&reader, ':', "a colon stands behind the name of a field");
        SkipSpace(&reader);
        field->text[0] = '\0';
        field->number = 0;
        if (*reader.at == '"') {
            field->kind = KIND_TEXT;
            ReadText(&reader, field->text, sizeof field->text);
        } else if (*reader.at == '{' || *reader.at == '[') {
            Refuse(&reader, "no field of a request is an object or an array");
        } else if (ReadWord(&reader, "true") || ReadWord(&reader, "false")) {
            field->kind = KIND_FLAG;
            field->number = reader.at[-2] == 'u';
        } else if (ReadWord(&reader, "null")) {
            field->kind = KIND_NULL;
        } else {
            field->kind = KIND_NUMBER;
            field->number = ReadNumber(&reader);
        }
        ++object->fields;
        SkipSpace(&reader);
    }
    ++reader.at;
    SkipSpace(&reader);
    if (*reader.at != '\0') Refuse(&reader, "something follows the object");
}

static const FIELD* Find(const OBJECT* object, const char* name) {
    int i;
    for (i = 0; i < object->fields; ++i) {
        if (strcmp(object->field[i].name, name) == 0) return &object->field[i];
    }
    return NULL;
}

/* What is missing is 0, FALSE or the text that is given. */
static NUMBER Number(const OBJECT* object, const char* name) {
    const FIELD* const field = Find(object, name);
    return field != NULL && field->kind == KIND_NUMBER ? field->number : 0;
}
static BOOL Flag(const OBJECT* object, const char* name) {
    const FIELD* const field = Find(object, name);
    return field != NULL && field->kind == KIND_FLAG && field->number != 0;
}
static const char* Text(const OBJECT* object, const char* name, const char* usual) {
    const FIELD* const field = Find(object, name);
    return field != NULL && field->kind == KIND_TEXT ? field->text : usual;
}
static int Int(const OBJECT* object, const char* name) { return (int)(long long)Number(object, name); }

/* ---- writing JSON ---- */

typedef struct LINE {
    char text[1024];
    size_t length;
} LINE;

static void PutCharacter(LINE* line, char character) {
    if (line->length + 2 < sizeof line->text) line->text[line->length++] = character;
}
static void Put(LINE* line, const char* text) {
    while (*text != '\0') PutCharacter(line, *text++);
}
static void PutNumber(LINE* line, NUMBER number, BOOL is_signed) {
    char digits[24];
    int count = 0;
    if (is_signed && (long long)number < 0) {
        PutCharacter(line, '-');
        number = 0 - number;
    }
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    while (count > 0) PutCharacter(line, digits[--count]);
}
static void PutText(LINE* line, const char* text) {
    PutCharacter(line, '"');
    for (; *text != '\0'; ++text) {
        if (*text == '"' || *text == '\\') PutCharacter(line, '\\');
        PutCharacter(line, (unsigned char)*text < 0x20 ? ' ' : *text);
    }
    PutCharacter(line, '"');
}

/* Of a field: behind a comma, but for the first one. */
static void PutName(LINE* line, const char* name) {
    PutCharacter(line, line->length == 0 ? '{' : ',');
    PutText(line, name);
    PutCharacter(line, ':');
}
static void PutNumberField(LINE* line, const char* name, NUMBER number) {
    PutName(line, name);
    PutNumber(line, number, FALSE);
}
static void PutSignedField(LINE* line, const char* name, long long number) {
    PutName(line, name);
    PutNumber(line, (NUMBER)number, TRUE);
}
static void PutHandleField(LINE* line, const char* name, NUMBER handle) {
    PutName(line, name);
    PutNumber(line, handle, handle == ~(NUMBER)0); /* INVALID_SOCKET is -1 */
}
static void PutTextField(LINE* line, const char* name, const char* text) {
    PutName(line, name);
    PutText(line, text);
}
static void PutFlagField(LINE* line, const char* name, BOOL flag) {
    PutName(line, name);
    Put(line, flag ? "true" : "false");
}

static CRITICAL_SECTION writing;

/* From any thread. */
static void Say(LINE* line) {
    BOOL said;
    PutCharacter(line, '}');
    line->text[line->length++] = '\n';
    EnterCriticalSection(&writing);
    said = fwrite(line->text, 1, line->length, stdout) == line->length && fflush(stdout) == 0;
    LeaveCriticalSection(&writing);
    if (!said) _Exit(1); /* nobody listens any more */
}

/* ---- threads: each does what it is asked for in order, while others go on ---- */

typedef struct REQUEST {
    struct REQUEST* next;
    OBJECT object;
} REQUEST;

typedef struct WORKER {
    struct WORKER* next;
    char name[LONGEST_TEXT];
    HANDLE work; /* set when there is something new in the queue */
    REQUEST* first;
    REQUEST** last;
    int error; /* what WSAGetLastError says here: what the adapter does between two calls may change it */
    MSG again; /* a message that a fault has doubled */
    BOOL doubled;
} WORKER;

static WORKER* workers;         /* the thread that reads knows them */
static CRITICAL_SECTION queues; /* of all workers */

static void Enqueue(WORKER* worker, REQUEST* request) {
    request->next = NULL;
    EnterCriticalSection(&queues);
    *worker->last = request;
    worker->last = &request->next;
    LeaveCriticalSection(&queues);
    SetEvent(worker->work);
}

static REQUEST* NextRequest(WORKER* worker) {
    while (TRUE) {
        REQUEST* request;
        EnterCriticalSection(&queues);
        request = worker->first;
        if (request != NULL) {
            worker->first = request->next;
            if (worker->first == NULL) worker->last = &worker->first;
        }
        LeaveCriticalSection(&queues);
        if (request != NULL) return request;
        WaitForSingleObject(worker->work, INFINITE);
    }
}

/* ---- answers ---- */

typedef struct OUTCOME {
    long long result;
    int error;
    BOOL makes; /* a handle: `created` */
    NUMBER created;
    BOOL has_address;
    BOOL ipv6;
    unsigned port;
} OUTCOME;

static OUTCOME Plain(long long result, int error) {
    OUTCOME outcome;
    memset(&outcome, 0, sizeof outcome);
    outcome.result = result;
    outcome.error = error;
    return outcome;
}
static OUTCOME OfCall(int result) { return Plain(result, result == SOCKET_ERROR ? WSAGetLastError() : 0); }

static OUTCOME OfHandle(BOOL made, NUMBER handle, int error) {
    OUTCOME outcome = Plain(0, error);
    outcome.makes = made;
    outcome.created = handle;
    return outcome;
}
static OUTCOME OfSocket(SOCKET s) {
    if (s == INVALID_SOCKET) return Plain(SOCKET_ERROR, WSAGetLastError());
    return OfHandle(TRUE, (NUMBER)s, 0);
}

static void Answer(const OBJECT* request, const OUTCOME* outcome) {
    LINE line;
    line.length = 0;
    PutNumberField(&line, "id", Number(request, "id"));
    PutSignedField(&line, "result", outcome->result);
    if (outcome->error != 0) PutSignedField(&line, "error", outcome->error);
    if (outcome->makes) PutHandleField(&line, "created", outcome->created);
    if (outcome->has_address) {
        PutFlagField(&line, "ipv6", outcome->ipv6);
        PutNumberField(&line, "port", outcome->port);
    }
    Say(&line);
}

static void AnswerUnsupported(const OBJECT* request, const char* why) {
    LINE line;
    line.length = 0;
    PutNumberField(&line, "id", Number(request, "id"));
    PutTextField(&line, "unsupported", why);
    Say(&line);
}

/* ---- addresses, buffers, flow specifications ---- */

typedef union ADDRESS {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
    struct sockaddr_storage storage;
} ADDRESS;

static int AddressOf(const OBJECT* request, ADDRESS* address) {
    const char* const digits = Text(request, "address", "");
    const unsigned short port = htons((unsigned short)Number(request, "port"));
    memset(address, 0, sizeof *address);
    if (Flag(request, "ipv6")) {
        address->ipv6.sin6_family = AF_INET6;
        address->ipv6.sin6_port = port;
        if (inet_pton(AF_INET6, digits, &address->ipv6.sin6_addr) != 1) Fail("a request has no IPv6 address");
        return (int)sizeof address->ipv6;
    }
    address->ipv4.sin_family = AF_INET;
    address->ipv4.sin_port = port;
    if (inet_pton(AF_INET, digits, &address->ipv4.sin_addr) != 1) Fail("a request has no IPv4 address");
    return (int)sizeof address->ipv4;
}

static OUTCOME WithAddress(OUTCOME outcome, const ADDRESS* address) {
    outcome.has_address = TRUE;
    outcome.ipv6 = address->any.sa_family == AF_INET6;
    outcome.port = ntohs(address->ipv4.sin_port); /* at the same place in both families */
    return outcome;
}

static SOCKET Socket(const OBJECT* request) { return (SOCKET)Number(request, "socket"); }
static HWND Window(const OBJECT* request) { return (HWND)(UINT_PTR)Number(request, "window"); }

/* The first page of an address space is never accessible. */
static void* Wild(void) { return (void*)(UINT_PTR)16; }

static char* BufferOf(const OBJECT* request, int length) {
    const size_t size = length > 0 ? (size_t)length : 1;
    char* const buffer = malloc(size);
    if (buffer == NULL) Fail("there is no memory for a buffer");
    memset(buffer, 'y', size);
    if (!Flag(request, "wild")) return buffer;
    free(buffer);
    return Wild();
}
static void FreeBuffer(char* buffer) {
    if (buffer != (char*)Wild()) free(buffer);
}

/* The default one, but for the parameter of that number. */
static void SetFlow(QOS* qos, int number) {
    FLOWSPEC flow;
    ULONG* parameters[8];
    int i;
    parameters[0] = &flow.TokenRate;
    parameters[1] = &flow.TokenBucketSize;
    parameters[2] = &flow.PeakBandwidth;
    parameters[3] = &flow.Latency;
    parameters[4] = &flow.DelayVariation;
    parameters[5] = &flow.ServiceType;
    parameters[6] = &flow.MaxSduSize;
    parameters[7] = &flow.MinimumPolicedSize;
    for (i = 0; i < 8; ++i) *parameters[i] = 0xffffffff;
    flow.ServiceType = SERVICETYPE_BESTEFFORT;
    memset(qos, 0, sizeof *qos);
    qos->ReceivingFlowspec = flow;
    if (number >= 1 && number <= 8) *parameters[number - 1] = number == 6 ? SERVICETYPE_GUARANTEED : 1000000;
    qos->SendingFlowspec = flow;
}

/* ---- calls ---- */

static OUTCOME DoStartup(const OBJECT* request) {
    WSADATA data;
    const int error = WSAStartup(MAKEWORD(2, 2), &data);
    (void)request;
    return Plain(error == 0 ? 0 : SOCKET_ERROR, error);
}
static OUTCOME DoCleanup(const OBJECT* request) {
    (void)request;
    return OfCall(WSACleanup());
}
static OUTCOME DoGetLastError(const OBJECT* request) {
    (void)request;
    return Plain(WSAGetLastError(), 0);
}
static OUTCOME DoSetLastError(const OBJECT* request) {
    WSASetLastError(Int(request, "value"));
    return Plain(0, 0);
}
static OUTCOME DoSocket(const OBJECT* request) {
    const BOOL datagram = Flag(request, "datagram");
    return OfSocket(socket(Flag(request, "ipv6") ? AF_INET6 : AF_INET, datagram ? SOCK_DGRAM : SOCK_STREAM,
                           datagram ? IPPROTO_UDP : IPPROTO_TCP));
}
static OUTCOME DoBind(const OBJECT* request) {
    ADDRESS address;
    const int length = AddressOf(request, &address);
    return OfCall(bind(Socket(request), &address.any, length));
}
static OUTCOME DoListen(const OBJECT* request) { return OfCall(listen(Socket(request), Int(request, "backlog"))); }

static OUTCOME DoConnect(const OBJECT* request) {
    ADDRESS address;
    QOS qos;
    const int length = AddressOf(request, &address);
    const int flow = Int(request, "value");
    if (strcmp(Text(request, "function", "connect"), "WSAConnect") != 0) {
        return OfCall(connect(Socket(request), &address.any, length));
    }
    SetFlow(&qos, flow);
    return OfCall(WSAConnect(Socket(request), &address.any, length, NULL, NULL, flow != 0 ? &qos : NULL, NULL));
}

typedef struct ASKING {
    WORKER* worker;
    NUMBER id;
} ASKING;

static void Perform(WORKER* worker, const OBJECT* request);

/* The condition function of WSAAccept: what is to be answered is asked for, and other calls can come before that. */
static int CALLBACK Ask(LPWSABUF caller, LPWSABUF caller_data, LPQOS qos, LPQOS group_qos, LPWSABUF callee,
                        LPWSABUF callee_data, GROUP* group, DWORD_PTR data) {
    const ASKING* const asking = (const ASKING*)data;
    const int error = WSAGetLastError();
    int answer = -1;
    ADDRESS address;
    LINE line;
    (void)caller_data, (void)qos, (void)group_qos, (void)callee, (void)callee_data, (void)group;
    memset(&address, 0, sizeof address);
    if (caller != NULL && caller->len <= sizeof address) memcpy(&address, caller->buf, caller->len);
    line.length = 0;
    PutNumberField(&line, "asking", asking->id);
    PutFlagField(&line, "ipv6", address.any.sa_family == AF_INET6);
    PutNumberField(&line, "port", ntohs(address.ipv4.sin_port));
    Say(&line);
    asking->worker->error = error;
    while (answer < 0) {
        REQUEST* const request = NextRequest(asking->worker);
        const char* const condition = Text(&request->object, "condition", "");
        if (Find(&request->object, "answer") == NULL) {
            Perform(asking->worker, &request->object);
        } else if (strcmp(condition, "CF_REJECT") == 0) {
            answer = CF_REJECT;
        } else if (strcmp(condition, "CF_DEFER") == 0) {
            answer = CF_DEFER;
        } else {
            answer = CF_ACCEPT;
        }
        free(request);
    }
    WSASetLastError(asking->worker->error);
    return answer;
}

static OUTCOME DoAccept(const OBJECT* request, WORKER* worker) {
    ADDRESS address;
    OUTCOME outcome;
    ASKING asking;
    int length = (int)sizeof address;
    memset(&address, 0, sizeof address);
    asking.worker = worker;
    asking.id = Number(request, "id");
    if (strcmp(Text(request, "function", "accept"), "WSAAccept") != 0) {
        outcome =
            OfSocket(accept(Socket(request), Flag(request, "wild") ? (struct sockaddr*)Wild() : &address.any, &length));
    } else {
        outcome = OfSocket(
            WSAAccept(Socket(request), &address.any, &length, Flag(request, "asks") ? Ask : NULL, (DWORD_PTR)&asking));
    }
    return outcome.error == 0 ? WithAddress(outcome, &address) : outcome;
}

static OUTCOME DoJoin(const OBJECT* request) {
    ADDRESS address;
    QOS qos;
    const int length = AddressOf(request, &address);
    const int flow = Int(request, "value");
    const DWORD role = !Flag(request, "receives") ? JL_SENDER_ONLY
                       : !Flag(request, "sends")  ? JL_RECEIVER_ONLY
                                                  : JL_BOTH;
    SetFlow(&qos, flow);
    return OfSocket(
        WSAJoinLeaf(Socket(request), &address.any, length, NULL, NULL, flow != 0 ? &qos : NULL, NULL, role));
}

static OUTCOME DoReceive(const OBJECT* request) {
    const char* const function = Text(request, "function", "recv");
    const SOCKET s = Socket(request);
    const int length = Int(request, "length");
    char* const buffer = BufferOf(request, length);
    DWORD flags = (DWORD)Number(request, "flags");
    DWORD received = 0;
    ADDRESS from;
    int from_length = (int)sizeof from;
    OUTCOME outcome;
    WSABUF parts;
    parts.len = (ULONG)length;
    parts.buf = buffer;
    if (strcmp(function, "recvfrom") == 0) {
        outcome = OfCall(recvfrom(s, buffer, length, (int)flags, &from.any, &from_length));
    } else if (strcmp(function, "WSARecv") == 0) {
        outcome = OfCall(WSARecv(s, &parts, 1, &received, &flags, NULL, NULL));
        if (outcome.error == 0) outcome.result = received;
    } else if (strcmp(function, "WSARecvFrom") == 0) {
        outcome = OfCall(WSARecvFrom(s, &parts, 1, &received, &flags, &from.any, &from_length, NULL, NULL));
        if (outcome.error == 0) outcome.result = received;
    } else {
        outcome = OfCall(recv(s, buffer, length, (int)flags));
    }
    FreeBuffer(buffer);
    return outcome;
}

static OUTCOME DoSend(const OBJECT* request) {
    const char* const function = Text(request, "function", "send");
    const SOCKET s = Socket(request);
    const int length = Int(request, "length");
    char* const buffer = BufferOf(request, length);
    const DWORD flags = (DWORD)Number(request, "flags");
    const BOOL has_address = Find(request, "address") != NULL;
    DWORD sent = 0;
    ADDRESS address;
    const int to_length = has_address ? AddressOf(request, &address) : 0;
    const struct sockaddr* const to = has_address ? &address.any : NULL;
    OUTCOME outcome;
    WSABUF parts;
    parts.len = (ULONG)length;
    parts.buf = buffer;
    if (strcmp(function, "sendto") == 0) {
        outcome = OfCall(sendto(s, buffer, length, (int)flags, to, to_length));
    } else if (strcmp(function, "WSASend") == 0) {
        outcome = OfCall(WSASend(s, &parts, 1, &sent, flags, NULL, NULL));
        if (outcome.error == 0) outcome.result = sent;
    } else if (strcmp(function, "WSASendTo") == 0) {
        outcome = OfCall(WSASendTo(s, &parts, 1, &sent, flags, to, to_length, NULL, NULL));
        if (outcome.error == 0) outcome.result = sent;
    } else {
        outcome = OfCall(send(s, buffer, length, (int)flags));
    }
    FreeBuffer(buffer);
    return outcome;
}

static OUTCOME DoShutdown(const OBJECT* request) { return OfCall(shutdown(Socket(request), Int(request, "value"))); }
static OUTCOME DoClose(const OBJECT* request) { return OfCall(closesocket(Socket(request))); }

static OUTCOME DoNonblocking(const OBJECT* request) {
    u_long value = (u_long)Number(request, "value");
    return OfCall(ioctlsocket(Socket(request), (long)FIONBIO, &value));
}
static OUTCOME DoBytesAvailable(const OBJECT* request) {
    u_long bytes = 0;
    OUTCOME outcome = OfCall(ioctlsocket(Socket(request), (long)FIONREAD, &bytes));
    if (outcome.error == 0) outcome.result = (long long)bytes;
    return outcome;
}

static OUTCOME SetOption(const OBJECT* request, int option) {
    const int value = Int(request, "value");
    return OfCall(setsockopt(Socket(request), SOL_SOCKET, option, (const char*)&value, sizeof value));
}
static OUTCOME DoOobInline(const OBJECT* request) { return SetOption(request, SO_OOBINLINE); }
static OUTCOME DoOption(const OBJECT* request) {
    return SetOption(request, strcmp(Text(request, "option", ""), "SO_RCVBUF") == 0 ? SO_RCVBUF : SO_SNDBUF);
}

static OUTCOME Ioctl(const OBJECT* request, DWORD code, void* in, DWORD in_length, void* out, DWORD out_length) {
    DWORD returned = 0;
    return OfCall(WSAIoctl(Socket(request), code, in, in_length, out, out_length, &returned, NULL, NULL));
}
static OUTCOME DoSetQos(const OBJECT* request) {
    QOS qos;
    SetFlow(&qos, Int(request, "value"));
    return Ioctl(request, SIO_SET_QOS, &qos, sizeof qos, NULL, 0);
}
static OUTCOME DoGetQos(const OBJECT* request) {
    QOS qos;
    return Ioctl(request, SIO_GET_QOS, NULL, 0, Flag(request, "wild") ? Wild() : &qos, sizeof qos);
}
static OUTCOME DoGetGroupQos(const OBJECT* request) {
    QOS qos;
    return Ioctl(request, SIO_GET_GROUP_QOS, NULL, 0, Flag(request, "wild") ? Wild() : &qos, sizeof qos);
}
static OUTCOME DoWatchRoute(const OBJECT* request) {
    ADDRESS address;
    const int length = AddressOf(request, &address);
    return Ioctl(request, SIO_ROUTING_INTERFACE_CHANGE, &address, (DWORD)length, NULL, 0);
}
static OUTCOME DoWatchAddresses(const OBJECT* request) {
    return Ioctl(request, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0);
}

static OUTCOME DoSelect(const OBJECT* request) {
    return OfCall(WSAAsyncSelect(Socket(request), Window(request), (u_int)Number(request, "message"),
                                 (long)Number(request, "events")));
}

/* Each time with an event object of its own; the oldest ones are closed. */
static OUTCOME DoEventSelect(const OBJECT* request) {
    static WSAEVENT events[MOST_EVENTS];
    static unsigned made = 0;
    WSAEVENT event = WSACreateEvent();
    WSAEVENT oldest;
    EnterCriticalSection(&queues);
    oldest = events[made % MOST_EVENTS];
    events[made++ % MOST_EVENTS] = event;
    LeaveCriticalSection(&queues);
    if (oldest != NULL) WSACloseEvent(oldest);
    return OfCall(WSAEventSelect(Socket(request), event, (long)Number(request, "events")));
}

static const char class_name[] = "asyncselect adapter";

static OUTCOME DoCreateWindow(const OBJECT* request) {
    const HWND window =
        CreateWindowExA(0, class_name, "", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, GetModuleHandleA(NULL), NULL);
    (void)request;
    if (window == NULL) return Plain(0, (int)GetLastError());
    return OfHandle(TRUE, (NUMBER)(UINT_PTR)window, 0);
}
static OUTCOME DoDestroyWindow(const OBJECT* request) {
    return Plain(0, DestroyWindow(Window(request)) ? 0 : (int)GetLastError());
}

/* ---- what is asked for that is no call of a trace ---- */

static OUTCOME DoGetsockname(const OBJECT* request) {
    ADDRESS address;
    int length = (int)sizeof address;
    OUTCOME outcome;
    memset(&address, 0, sizeof address);
    outcome = OfCall(getsockname(Socket(request), &address.any, &length));
    return outcome.error == 0 ? WithAddress(outcome, &address) : outcome;
}

static OUTCOME DoPost(const OBJECT* request) {
    return Plain(PostMessageA(Window(request), (UINT)Number(request, "message"), 0, 0) ? 1 : 0, 0);
}

static OUTCOME DoWait(const OBJECT* request) {
    MsgWaitForMultipleObjectsEx(0, NULL, (DWORD)Number(request, "milliseconds"), QS_ALLINPUT, MWMO_INPUTAVAILABLE);
    return Plain(0, 0);
}

/* What a fault does with a message: whether it is seen at all. */
static BOOL Spoil(WORKER* worker, MSG* message, BOOL takes) {
    const WORD event = WSAGETSELECTEVENT(message->lParam);
    const BOOL of_a_script = message->message >= WM_USER && message->message <= WM_USER + 100;
    if (!of_a_script) return TRUE;
    if (strcmp(fault, "no-write") == 0) return event != FD_WRITE;
    if (strcmp(fault, "second-read") == 0 && event == FD_READ && takes) {
        worker->again = *message;
        worker->doubled = TRUE;
    } else if (strcmp(fault, "no-error") == 0 && event == FD_CLOSE) {
        message->lParam = event;
    } else if (strcmp(fault, "combined") == 0 && event == FD_WRITE) {
        message->lParam |= FD_READ;
    }
    return TRUE;
}

static BOOL NextMessage(WORKER* worker, MSG* message, BOOL takes) {
    if (worker->doubled) {
        *message = worker->again;
        if (takes) worker->doubled = FALSE;
        return TRUE;
    }
    while (PeekMessageA(message, NULL, 0, 0, takes ? PM_REMOVE : PM_NOREMOVE)) {
        MSG unseen;
        if (Spoil(worker, message, takes)) return TRUE;
        if (!takes) PeekMessageA(&unseen, NULL, 0, 0, PM_REMOVE);
    }
    return FALSE;
}

static void AnswerMessage(WORKER* worker, const OBJECT* request, BOOL takes) {
    MSG message;
    LINE line;
    const BOOL found = NextMessage(worker, &message, takes);
    line.length = 0;
    PutNumberField(&line, "id", Number(request, "id"));
    if (!found) {
        PutNumberField(&line, "result", 0);
    } else {
        PutNumberField(&line, "message", message.message);
        PutNumberField(&line, "window", (NUMBER)(UINT_PTR)message.hwnd);
        PutHandleField(&line, "socket", (NUMBER)message.wParam);
        PutNumberField(&line, "event", WSAGETSELECTEVENT(message.lParam));
        PutNumberField(&line, "error", WSAGETSELECTERROR(message.lParam));
        PutNumberField(&line, "lparam", (DWORD)message.lParam);
    }
    worker->error = WSAGetLastError();
    Say(&line);
}

/* ---- what is asked for, by name ---- */

typedef struct NAMED {
    const char* name;
    OUTCOME (*perform)(const OBJECT* request);
} NAMED;

static const NAMED calls[] = {
    {"WSAStartup", DoStartup},
    {"WSACleanup", DoCleanup},
    {"WSAGetLastError", DoGetLastError},
    {"WSASetLastError", DoSetLastError},
    {"socket", DoSocket},
    {"bind", DoBind},
    {"listen", DoListen},
    {"connect", DoConnect},
    {"WSAJoinLeaf", DoJoin},
    {"recv", DoReceive},
    {"send", DoSend},
    {"shutdown", DoShutdown},
    {"closesocket", DoClose},
    {"ioctlsocket FIONBIO", DoNonblocking},
    {"ioctlsocket FIONREAD", DoBytesAvailable},
    {"setsockopt SO_OOBINLINE", DoOobInline},
    {"setsockopt", DoOption},
    {"WSAIoctl SIO_SET_QOS", DoSetQos},
    {"WSAIoctl SIO_GET_QOS", DoGetQos},
    {"WSAIoctl SIO_GET_GROUP_QOS", DoGetGroupQos},
    {"WSAIoctl SIO_ROUTING_INTERFACE_CHANGE", DoWatchRoute},
    {"WSAIoctl SIO_ADDRESS_LIST_CHANGE", DoWatchAddresses},
    {"WSAAsyncSelect", DoSelect},
    {"WSAEventSelect", DoEventSelect},
    {"CreateWindow", DoCreateWindow},
    {"DestroyWindow", DoDestroyWindow},
    {"getsockname", DoGetsockname},
    {"post", DoPost},
    {"wait", DoWait},
};

static void Perform(WORKER* worker, const OBJECT* request) {
    const char* const name = Text(request, "call", Text(request, "ask", ""));
    OUTCOME outcome;
    size_t i;
    WSASetLastError(worker->error);
    if (strcmp(name, "peek") == 0 || strcmp(name, "take") == 0) {
        AnswerMessage(worker, request, name[0] == 't');
        return;
    }
    if (strcmp(name, "accept") == 0) {
        outcome = DoAccept(request, worker);
        worker->error = WSAGetLastError();
        Answer(request, &outcome);
        return;
    }
    for (i = 0; i < sizeof calls / sizeof calls[0]; ++i) {
        if (strcmp(name, calls[i].name) != 0) continue;
        outcome = calls[i].perform(request);
        worker->error = WSAGetLastError();
        Answer(request, &outcome);
        return;
    }
    AnswerUnsupported(request, "this adapter does not know how");
}

static DWORD WINAPI Work(LPVOID parameter) {
    WORKER* const worker = parameter;
    BOOL ends = FALSE;
    while (!ends) {
        REQUEST* const request = NextRequest(worker);
        ends = strcmp(Text(&request->object, "ask", ""), "end-thread") == 0;
        if (ends) {
            const OUTCOME outcome = Plain(0, 0);
            Answer(&request->object, &outcome);
        } else {
            Perform(worker, &request->object);
        }
        free(request);
    }
    CloseHandle(worker->work);
    free(worker);
    return 0;
}

static WORKER* StartWorker(const char* name) {
    WORKER* const worker = calloc(1, sizeof *worker);
    HANDLE thread;
    DWORD id;
    if (worker == NULL) Fail("there is no memory for a thread");
    snprintf(worker->name, sizeof worker->name, "%s", name);
    worker->last = &worker->first;
    worker->work = CreateEventA(NULL, FALSE, FALSE, NULL);
    thread = CreateThread(NULL, 0, Work, worker, 0, &id);
    if (worker->work == NULL || thread == NULL) Fail("there is no thread to be had");
    CloseHandle(thread);
    worker->next = workers;
    workers = worker;
    return worker;
}

/* To the thread that it is for, which begins with its first request. */
static void PassOn(REQUEST* request) {
    const char* const name = Text(&request->object, "thread", "main");
    const BOOL ends = strcmp(Text(&request->object, "ask", ""), "end-thread") == 0;
    WORKER** link = &workers;
    WORKER* worker;
    while (*link != NULL && strcmp((*link)->name, name) != 0) link = &(*link)->next;
    worker = *link;
    if (worker == NULL) {
        worker = StartWorker(name);
        link = &workers;
    }
    if (ends) *link = worker->next; /* another one of that name is another one */
    Enqueue(worker, request);
}

/* ---- who this is ---- */

static void SayHello(void) {
    LINE line;
    char version[64] = "";
    const char* name = "asyncselect pump";
    line.length = 0;
#ifdef _WIN32
    typedef const char*(CDECL * WINE_VERSION)(void);
    typedef LONG(WINAPI * RTL_GET_VERSION)(OSVERSIONINFOW*);
    const HMODULE system = GetModuleHandleA("ntdll.dll");
    union {
        FARPROC found;
        WINE_VERSION wine;
        RTL_GET_VERSION windows;
    } ask;
    OSVERSIONINFOW numbers;
    eager = TRUE;
    name = "Windows";
    ask.found = GetProcAddress(system, "wine_get_version");
    if (ask.found != NULL) {
        name = "Wine";
        snprintf(version, sizeof version, "%s", ask.wine());
    } else {
        memset(&numbers, 0, sizeof numbers);
        numbers.dwOSVersionInfoSize = sizeof numbers;
        ask.found = GetProcAddress(system, "RtlGetVersion");
        if (ask.found != NULL && ask.windows(&numbers) == 0) {
            snprintf(version, sizeof version, "%lu.%lu.%lu", numbers.dwMajorVersion, numbers.dwMinorVersion,
                     numbers.dwBuildNumber);
        }
    }
#else
    asyncselect_SetPosting(eager ? asyncselect_POSTING_EAGER : asyncselect_POSTING_PUMP);
    if (eager) name = "asyncselect eager";
#ifdef ADAPTER_VERSION
    snprintf(version, sizeof version, "%s", ADAPTER_VERSION);
#endif
#endif
    PutNumberField(&line, "adapter", 1);
    PutTextField(&line, "provider", provider_name != NULL ? provider_name : name);
    if (version[0] != '\0') PutTextField(&line, "version", version);
    PutFlagField(&line, "eager", eager);
#ifndef _WIN32
    PutFlagField(&line, "ours", TRUE);
#endif
    PutName(&line, "cannot");
    Put(&line, "{\"fail-subsystem\":\"the adapter has no means to let the network subsystem fail\"");
#ifndef _WIN32
    Put(&line, ",\"queue-urgent\":\"TCP of Linux keeps a single urgent byte: a newer one replaces it\"");
#endif
    Put(&line, "}");
    Say(&line);
}

static void ReadOptions(int argc, char** argv) {
    static const char* const faults[] = {"second-read", "no-write", "no-error", "combined"};
    int i;
    for (i = 1; i < argc; ++i) {
        const char* const value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--eager") == 0) {
            eager = TRUE;
        } else if (strcmp(argv[i], "--name") == 0 && value != NULL) {
            provider_name = value;
            ++i;
        } else if (strcmp(argv[i], "--fault") == 0 && value != NULL) {
            size_t known = 0;
            while (known < sizeof faults / sizeof faults[0] && strcmp(faults[known], value) != 0) ++known;
            if (known == sizeof faults / sizeof faults[0]) {
                Fail("--fault takes second-read, no-write, no-error or combined");
            }
            fault = value;
            ++i;
        } else {
            fprintf(stderr,
                    "usage: %s [--eager] [--fault second-read|no-write|no-error|combined] [--name NAME]\n"
                    "It is started by asyncselect: asyncselect conformance --provider \"exec:%s\"\n",
                    program_name, argv[0]);
            exit(strcmp(argv[i], "--help") == 0 ? 0 : EXIT_BAD_USAGE);
        }
    }
}

int main(int argc, char** argv) {
    static char line[LONGEST_LINE];
    WNDCLASSA made;
    ReadOptions(argc, argv);
    InitializeCriticalSection(&writing);
    InitializeCriticalSection(&queues);
    memset(&made, 0, sizeof made);
    made.lpfnWndProc = DefWindowProcA;
    made.hInstance = GetModuleHandleA(NULL);
    made.lpszClassName = class_name;
    if (!RegisterClassA(&made)) Fail("the window class cannot be registered");
    SayHello();
    while (fgets(line, sizeof line, stdin) != NULL) {
        REQUEST* request;
        ++line_number;
        if (strchr(line, '\n') == NULL && !feof(stdin)) Fail("no request is as long as this line");
        request = malloc(sizeof *request);
        if (request == NULL) Fail("there is no memory for a request");
        ReadObject(line, &request->object);
        PassOn(request);
    }
    fflush(stdout);
    _Exit(0); /* threads that are in a call do not matter any more */
}
