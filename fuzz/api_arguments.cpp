// Every exported function of asyncselect.h with any arguments: handles that live, are stale or never were, pointers
// that are null or wild or end where memory does, odd lengths and flags. Nothing may crash, hang or corrupt; a socket
// function that fails says why, and one that is given a stale socket and nothing else that is wrong says WSAENOTSOCK.
// The input is a list of calls, and of programs of several that make sense together (api_programs.hpp). Knows the
// public header only.
//
// What a program must not do on Windows either is left out: code addresses are null or those of functions; the
// functions that trust their pointers (the header says which) and those of windows get good ones or null; names that a
// name server would be asked for are not looked up; nobody waits for ever.
#include <asyncselect/asyncselect.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "fuzz/api_programs.hpp"
#include "fuzz/target.hpp"
#include "fuzz/wild_memory.hpp"

namespace asyncselect::fuzz {

namespace {

constexpr std::size_t most_calls = 60;
constexpr std::size_t most_handles = 24;

bool telling = false;  // each call on standard output, before it is made

}  // namespace

void fail(std::string_view function, std::string_view what) {
    std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(function.size()), function.data(),
                 static_cast<int>(what.size()), what.data());
    std::abort();
}

namespace {

// ---- the input ----------------------------------------------------------------------------------------------------

class Input {
  public:
    explicit Input(std::span<const std::uint8_t> bytes) : left_(bytes) {}
    [[nodiscard]] bool empty() const { return left_.empty(); }
    std::uint8_t byte() {
        if (left_.empty()) return 0;
        const std::uint8_t first = left_.front();
        left_ = left_.subspan(1);
        return first;
    }
    std::size_t below(std::size_t limit) { return byte() % limit; }

  private:
    std::span<const std::uint8_t> left_;
};

// ---- what the procedures that programs give do
// -----------------------------------------------------------------------

intptr_t on_message(asyncselect_HWND window, unsigned int message, uintptr_t wparam, intptr_t lparam) {
    return asyncselect_DefWindowProcA(window, message, wparam, lparam);
}
void on_timer(asyncselect_HWND /*window*/, unsigned int /*message*/, uintptr_t /*id*/, std::uint32_t /*time*/) {}
std::uint32_t on_thread(void* parameter) {
    if (std::bit_cast<std::uintptr_t>(parameter) % 2 == 1) asyncselect_ExitThread(7);
    return 0;
}
int on_request(asyncselect_WSABUF*, asyncselect_WSABUF*, asyncselect_QOS*, asyncselect_QOS*, asyncselect_WSABUF*,
               asyncselect_WSABUF*, unsigned int*, std::uintptr_t data) {
    return static_cast<int>(data % 4);
}

constexpr const char* class_name = "fuzzed";
constexpr const wchar_t* wide_class_name = L"fuzzed";

// ---- the world that an input lives in ------------------------------------------------------------------------------

// Whether a pointer was drawn that a function may refuse.
enum class Pointers : std::uint8_t { wild, trusted };

class World {
  public:
    explicit World(std::span<const std::uint8_t> bytes) : input(bytes) {
        memory().clear();
        const std::uint8_t choice = input.byte();
        asyncselect_SetPosting((choice & 1U) != 0 ? asyncselect_POSTING_EAGER : asyncselect_POSTING_PUMP);
        asyncselect_SetPostLimit(10'000);
        asyncselect_WSADATA data{};
        if ((choice & 2U) == 0) asyncselect_WSAStartup(0x0202, &data);
        asyncselect_WNDCLASSA made{};
        made.lpfnWndProc = on_message;
        made.lpszClassName = class_name;
        asyncselect_RegisterClassA(&made);
        windows.push_back(
            asyncselect_CreateWindowExA(0, class_name, "", 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr));
        make_sockets();
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    ~World() {
        // A socket that lingers would be waited for.
        for (const asyncselect_SOCKET socket : sockets) {
            const asyncselect_linger off{};
            asyncselect_setsockopt(socket, asyncselect_SOL_SOCKET, asyncselect_SO_LINGER,
                                   reinterpret_cast<const char*>(&off), sizeof off);
            asyncselect_closesocket(socket);
        }
        for (int more = 1000; more > 0 && asyncselect_WSACleanup() == 0; --more) {
        }
        for (asyncselect_ADDRINFOA* const list : addresses) asyncselect_freeaddrinfo(list);
        for (void* const thread : threads) asyncselect_WaitForSingleObject(thread, 1000);
        for (void* const object : objects) asyncselect_CloseHandle(object);
        for (void* const place : allocated) asyncselect_LocalFree(place);
        for (const asyncselect_HWND window : windows) asyncselect_DestroyWindow(window);
        asyncselect_MSG message{};
        while (asyncselect_PeekMessageA(&message, nullptr, 0, 0, asyncselect_PM_REMOVE) != 0) {
        }
        asyncselect_UnregisterClassA(class_name, nullptr);
        asyncselect_SetLastError(0);
    }

    static WildMemory& memory() {
        static WildMemory one;
        return one;
    }

    [[nodiscard]] bool is_stale(asyncselect_SOCKET socket) const {
        return std::ranges::find(stale, socket) != stale.end();
    }

    Input input;
    std::vector<asyncselect_SOCKET> sockets;
    std::vector<asyncselect_SOCKET> stale;  // closed
    std::vector<asyncselect_HWND> windows;
    std::vector<void*> objects;
    std::vector<void*> allocated;
    std::vector<asyncselect_ADDRINFOA*> addresses;
    std::vector<void*> threads;  // also among the objects
    Pointers pointers = Pointers::wild;
    bool wild = false;  // a pointer or length of the present call may be refused
    std::uint16_t port = 0;
    int programs = 0;  // played so far

  private:
    // A listening socket, a connection to it, a datagram socket, and one that was closed.
    void make_sockets() {
        const auto make = [this](int type) {
            sockets.push_back(asyncselect_socket(asyncselect_AF_INET, type, 0));
            return sockets.back();
        };
        asyncselect_sockaddr_in here{};
        here.sin_family = asyncselect_AF_INET;
        here.sin_addr = 0x0100007f;  // 127.0.0.1 in network order on a little-endian machine
        const auto* const address = reinterpret_cast<const asyncselect_sockaddr*>(&here);
        const asyncselect_SOCKET listener = make(asyncselect_SOCK_STREAM);
        asyncselect_bind(listener, address, sizeof here);
        asyncselect_listen(listener, 8);
        int length = sizeof here;
        asyncselect_getsockname(listener, reinterpret_cast<asyncselect_sockaddr*>(&here), &length);
        port = here.sin_port;
        const asyncselect_SOCKET connected = make(asyncselect_SOCK_STREAM);
        asyncselect_connect(connected, address, sizeof here);
        here.sin_port = 0;
        asyncselect_bind(make(asyncselect_SOCK_DGRAM), address, sizeof here);
        const asyncselect_SOCKET closed = make(asyncselect_SOCK_STREAM);
        asyncselect_closesocket(closed);
        sockets.pop_back();
        if (closed != asyncselect_INVALID_SOCKET) stale.push_back(closed);
        std::erase(sockets, asyncselect_INVALID_SOCKET);
    }
};

// ---- drawing arguments ----------------------------------------------------------------------------------------------

constexpr auto numbers = std::to_array<std::uint64_t>({
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    12,
    13,
    15,
    16,
    17,
    23,
    27,
    28,
    31,
    32,
    41,
    63,
    64,
    65,
    127,
    128,
    255,
    256,
    512,
    1000,
    1022,
    1023,
    1024,
    1025,
    4095,
    4096,
    65507,
    65535,
    65536,
    1'048'576,
    1'048'577,
    0x7fffffff,
    0x80000000,
    0xfffffff0,
    0xfffffffe,
    0xffffffff,
    ~std::uint64_t{0},
    std::uint64_t{1} << 63U,
    std::uint64_t{1} << 32U,
    0x7fffffffffffffff,
    // What the header numbers.
    asyncselect_SOL_SOCKET,
    asyncselect_SO_LINGER,
    asyncselect_SO_OOBINLINE,
    asyncselect_SO_SNDBUF,
    asyncselect_SO_RCVBUF,
    asyncselect_SO_SNDLOWAT,
    asyncselect_SO_RCVLOWAT,
    asyncselect_SO_SNDTIMEO,
    asyncselect_SO_RCVTIMEO,
    asyncselect_SO_ERROR,
    asyncselect_SO_TYPE,
    asyncselect_SO_MAX_MSG_SIZE,
    asyncselect_FIONREAD,
    asyncselect_FIONBIO,
    asyncselect_SIOCATMARK,
    asyncselect_SIO_SET_QOS,
    asyncselect_SIO_GET_QOS,
    asyncselect_SIO_SET_GROUP_QOS,
    asyncselect_SIO_GET_GROUP_QOS,
    asyncselect_SIO_MULTIPOINT_LOOPBACK,
    asyncselect_SIO_MULTICAST_SCOPE,
    asyncselect_SIO_ROUTING_INTERFACE_QUERY,
    asyncselect_SIO_ROUTING_INTERFACE_CHANGE,
    asyncselect_SIO_ADDRESS_LIST_QUERY,
    asyncselect_SIO_ADDRESS_LIST_CHANGE,
    asyncselect_SIO_UDP_CONNRESET,
    asyncselect_WM_QUIT,
    asyncselect_WM_TIMER,
    asyncselect_WM_APP,
    0x12345678,
    10035,
    10054,
    static_cast<std::uint64_t>(asyncselect_GWLP_WNDPROC),
    static_cast<std::uint64_t>(asyncselect_GWLP_USERDATA),
    static_cast<std::uint64_t>(asyncselect_HWND_MESSAGE),
    100,
    200,
    300,
    500,
    2000,
    5000,
});

std::uint64_t number(World& world) {
    const std::uint8_t first = world.input.byte();
    if (first < 160) return numbers[first % numbers.size()];
    if (first < 208) return first - 160U;
    std::uint64_t value = 0;
    for (int count = first % 5; count > 0; --count) value = value << 8U | world.input.byte();
    return value;
}

asyncselect_SOCKET socket_handle(World& world) {
    const std::uint8_t first = world.input.byte();
    if (first < 200 && !world.sockets.empty()) return world.sockets[first % world.sockets.size()];
    if (first < 230 && !world.stale.empty()) return world.stale[first % world.stale.size()];
    return number(world);
}

// An address that refuses what `size` bytes there are asked for.
void* wild_place(World& world, std::size_t size) {
    world.wild = true;
    WildMemory& memory = World::memory();
    switch (world.input.below(7)) {
        case 0:
            return std::bit_cast<void*>(std::uintptr_t{1} + world.input.byte());
        case 1:
            return std::bit_cast<void*>(0xdead000000000000U + world.input.byte());
        case 2:
            return std::bit_cast<void*>(~std::uintptr_t{0} - world.input.byte());
        case 3:
            return memory.forbidden();
        case 4:
            return memory.read_only() + world.input.below(16);
        case 5:
            return memory.read_only() + WildMemory::page - 1 - world.input.below(16);
        default:
            return memory.room_at_the_border(size > 1 ? world.input.below(size) : 0);
    }
}

// Null, wild, or room that `fill` may fill.
template <class Fill>
void* place(World& world, std::size_t size, Fill fill) {
    const std::uint8_t kind = world.input.byte();
    if (kind < 24) {
        world.wild = true;
        return nullptr;
    }
    if (kind < 64 && world.pointers == Pointers::wild) return wild_place(world, size);
    // What lies at the border lies in the same place as what was put there before.
    const bool at_border = kind < 96 && world.pointers == Pointers::wild;
    std::byte* const room = at_border ? World::memory().room_at_the_border(size) : World::memory().room(size);
    fill(room);
    return room;
}

void few_bytes(World& world, std::byte* to, std::size_t size) {
    const std::size_t count = std::min<std::size_t>(size, world.input.below(16));
    for (std::size_t index = 0; index < count; ++index) to[index] = std::byte{world.input.byte()};
}

template <class T>
void put(std::byte* to, const T& value) {
    std::memcpy(to, &value, sizeof value);
}

template <class T>
T draw(World& world);

void fill(World& world, std::byte* to, std::size_t size, const asyncselect_sockaddr* /*type*/) {
    if (size < sizeof(asyncselect_sockaddr_in6)) return;
    constexpr std::array<std::uint16_t, 4> families{asyncselect_AF_INET, asyncselect_AF_INET6, asyncselect_AF_UNSPEC,
                                                    77};
    const std::uint16_t port = world.input.below(2) == 0 ? world.port : static_cast<std::uint16_t>(number(world));
    const std::uint16_t family = families[std::min<std::size_t>(world.input.below(8), 3)];
    if (family == asyncselect_AF_INET6) {
        asyncselect_sockaddr_in6 address{};
        address.sin6_family = family;
        address.sin6_port = port;
        address.sin6_addr[15] = static_cast<std::uint8_t>(world.input.below(2));
        put(to, address);
    } else {
        constexpr std::array<std::uint32_t, 3> hosts{0x0100007f, 0, 0x0700ffef};  // loopback, any, a multicast group
        asyncselect_sockaddr_in address{};
        address.sin_family = family == asyncselect_AF_INET6 ? std::uint16_t{asyncselect_AF_INET} : family;
        address.sin_port = port;
        address.sin_addr = hosts[world.input.below(hosts.size())];
        put(to, address);
    }
}
void fill(World& world, std::byte* to, std::size_t size, const asyncselect_WSABUF* /*type*/) {
    for (std::size_t at = 0; at + sizeof(asyncselect_WSABUF) <= size; at += sizeof(asyncselect_WSABUF)) {
        asyncselect_WSABUF buffer{};
        buffer.len = static_cast<std::uint32_t>(number(world));
        buffer.buf = static_cast<char*>(place(world, 64, [](std::byte*) {}));
        put(to + at, buffer);
    }
}
void fill(World& world, std::byte* to, std::size_t size, const asyncselect_fd_set* /*type*/) {
    asyncselect_fd_set set{};
    set.fd_count =
        world.input.below(4) != 0 ? static_cast<unsigned>(world.input.below(4)) : static_cast<unsigned>(number(world));
    for (std::size_t index = 0; index < 4; ++index) set.fd_array[index] = socket_handle(world);
    if (size >= sizeof set) put(to, set);
}
void fill(World& world, std::byte* to, std::size_t size, const asyncselect_WSAPOLLFD* /*type*/) {
    for (std::size_t at = 0; at + sizeof(asyncselect_WSAPOLLFD) <= size; at += sizeof(asyncselect_WSAPOLLFD))
        put(to + at, asyncselect_WSAPOLLFD{socket_handle(world), static_cast<short>(number(world)), 0});
}
void fill(World& world, std::byte* to, std::size_t size, const asyncselect_timeval* /*type*/) {
    // Within a millisecond, or refused.
    if (size >= sizeof(asyncselect_timeval))
        put(to, asyncselect_timeval{world.input.below(4) == 0 ? -1L : 0L, static_cast<long>(world.input.byte())});
}
void fill(World& world, std::byte* to, std::size_t size, void* const* /*type*/) {
    for (std::size_t at = 0; at + sizeof(void*) <= size; at += sizeof(void*)) put(to + at, draw<void*>(world));
}
void fill(World& world, std::byte* to, std::size_t size, const asyncselect_ADDRINFOA* /*type*/) {
    asyncselect_ADDRINFOA hints{};
    hints.ai_flags = static_cast<int>(number(world)) | asyncselect_AI_NUMERICHOST;
    hints.ai_family = static_cast<int>(number(world));
    hints.ai_socktype = static_cast<int>(number(world));
    hints.ai_protocol = static_cast<int>(number(world));
    if (size >= sizeof hints) put(to, hints);
}
void fill(World& world, std::byte* to, std::size_t size, const asyncselect_MSG* /*type*/) {
    asyncselect_MSG message{};
    message.hwnd = draw<asyncselect_HWND>(world);
    message.message = static_cast<unsigned>(number(world));
    message.wParam = number(world);
    message.lParam = world.input.below(2) == 0 ? std::bit_cast<std::intptr_t>(&on_timer) : std::intptr_t{77};
    if (size >= sizeof message) put(to, message);
}
template <class Class>
void fill_class(World& world, std::byte* to, std::size_t size, const Class* /*type*/) {
    Class made{};
    if constexpr (requires { made.cbSize; }) made.cbSize = world.input.below(8) == 0 ? 3 : sizeof made;
    made.lpfnWndProc = draw<asyncselect_WNDPROC>(world);
    made.cbWndExtra = static_cast<int>(number(world));
    made.cbClsExtra = static_cast<int>(world.input.below(3));
    made.lpszClassName = draw<decltype(made.lpszClassName)>(world);
    if (size >= sizeof made) put(to, made);
}
void fill(World& world, std::byte* to, std::size_t size, const asyncselect_WNDCLASSA* type) {
    fill_class(world, to, size, type);
}
void fill(World& world, std::byte* to, std::size_t size, const asyncselect_WNDCLASSW* type) {
    fill_class(world, to, size, type);
}
void fill(World& world, std::byte* to, std::size_t size, const asyncselect_WNDCLASSEXA* type) {
    fill_class(world, to, size, type);
}
void fill(World& world, std::byte* to, std::size_t size, const asyncselect_WNDCLASSEXW* type) {
    fill_class(world, to, size, type);
}
void fill(World& world, std::byte* to, std::size_t size, const void* /*type*/) { few_bytes(world, to, size); }

template <class C>
const C* any_string(World& world) {
    static constexpr auto texts = std::to_array<std::string_view>(
        {"", "fuzzed", "127.0.0.1", "::1", "localhost", "80", "http", "tcp", "udp", "127.0.0.1:80", "[::1]:80",
         "0x7f.1", "1.2.3.4.5", "fe80::1%1", "65536", "-1", "255.255.255.255", "::ffff:1.2.3.4", "01.02.03.04"});
    const std::string_view text = texts[world.input.below(texts.size())];
    if (world.input.below(8) == 0)
        return std::bit_cast<const C*>(std::uintptr_t{0xc000} + world.input.byte());  // an atom
    const std::size_t size = (text.size() + 1) * sizeof(C);
    return static_cast<const C*>(place(world, size, [&](std::byte* room) {
        for (std::size_t index = 0; index <= text.size(); ++index)
            put(room + index * sizeof(C), index < text.size() ? static_cast<C>(text[index]) : C{});
    }));
}

template <class T>
T draw(World& world) {
    if constexpr (std::is_same_v<T, asyncselect_HWND>) {
        const std::uint8_t first = world.input.byte();
        if (first < 160 && !world.windows.empty()) return world.windows[first % world.windows.size()];
        return std::bit_cast<asyncselect_HWND>(number(world));
    } else if constexpr (std::is_same_v<T, asyncselect_WNDPROC>) {
        return world.input.below(4) == 0 ? nullptr : &on_message;
    } else if constexpr (std::is_same_v<T, asyncselect_TIMERPROC>) {
        return world.input.below(2) == 0 ? nullptr : &on_timer;
    } else if constexpr (std::is_same_v<T, asyncselect_THREAD_START_ROUTINE>) {
        return world.input.below(4) == 0 ? nullptr : &on_thread;
    } else if constexpr (std::is_same_v<T, asyncselect_LPCONDITIONPROC>) {
        return world.input.below(2) == 0 ? nullptr : &on_request;
    } else if constexpr (std::is_same_v<T, asyncselect_WSAOVERLAPPED_COMPLETION_ROUTINE>) {
        return nullptr;
    } else if constexpr (std::is_same_v<T, asyncselect_in_addr>) {
        return {static_cast<std::uint32_t>(number(world))};
    } else if constexpr (std::is_same_v<T, void*>) {
        // Also what an object is named by.
        const std::uint8_t first = world.input.byte();
        if (first < 100 && !world.objects.empty()) return world.objects[first % world.objects.size()];
        return place(world, 64, [&](std::byte* room) { few_bytes(world, room, 64); });
    } else if constexpr (std::is_same_v<T, const char*> || std::is_same_v<T, const wchar_t*>) {
        return any_string<std::remove_const_t<std::remove_pointer_t<T>>>(world);
    } else if constexpr (std::is_same_v<T, asyncselect_HINSTANCE> || std::is_same_v<T, asyncselect_HMENU>) {
        return std::bit_cast<T>(number(world));
    } else if constexpr (std::is_pointer_v<T>) {
        using Pointee = std::remove_const_t<std::remove_pointer_t<T>>;
        constexpr std::size_t one = [] {
            if constexpr (std::is_void_v<Pointee>)
                return 64U;
            else
                return sizeof(Pointee);
        }();
        // Room for an address of either family, three of what comes in arrays.
        constexpr std::size_t size = std::is_same_v<Pointee, asyncselect_sockaddr> ? sizeof(asyncselect_sockaddr_in6)
                                     : std::is_same_v<Pointee, asyncselect_WSABUF> ||
                                             std::is_same_v<Pointee, asyncselect_WSAPOLLFD> ||
                                             std::is_same_v<Pointee, void*>
                                         ? 3 * one
                                     : std::is_same_v<Pointee, char> ? 64
                                                                     : one;
        void* const room = place(world, size, [&](std::byte* to) { fill(world, to, size, static_cast<T>(nullptr)); });
        return static_cast<T>(room);
    } else {
        static_assert(std::is_integral_v<T>);
        if constexpr (std::is_same_v<T, asyncselect_SOCKET>) {
            if (world.input.below(4) != 0) return socket_handle(world);
        }
        return static_cast<T>(number(world));
    }
}

// ---- calls
// ------------------------------------------------------------------------------------------------------------

template <class T>
std::string shown(T value) {
    if constexpr (std::is_pointer_v<T>) {
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), "%p", std::bit_cast<const void*>(value));
        return text.data();
    } else if constexpr (std::is_class_v<T>) {
        return "{...}";
    } else {
        return std::to_string(value);
    }
}

// Draws the arguments of a function from left to right, has them adjusted, and calls it.
template <class R, class... A, class Adjust>
R call(World& world, std::string_view name, R (*function)(A...), Adjust adjust) {
    world.wild = false;
    World::memory().begin_again();
    std::tuple<A...> arguments{draw<A>(world)...};
    adjust(arguments);
    if (telling) {
        std::string text(name);
        std::apply([&](const auto&... argument) { ((text += ' ' + shown(argument)), ...); }, arguments);
        std::printf("%s\n", text.c_str());
        std::fflush(stdout);
    }
    return std::apply(function, arguments);
}

const auto as_drawn = [](auto& /*arguments*/) {};

using Call = std::function<void(World&)>;
struct Entry {
    std::string_view name;
    Call call;
};

template <class R, class... A>
Entry any(std::string_view name, R (*function)(A...)) {
    return {name, [name, function](World& world) { call(world, name, function, as_drawn); }};
}
template <class R, class... A, class Adjust>
Entry adjusted(std::string_view name, R (*function)(A...), Adjust adjust) {
    return {name, [name, function, adjust](World& world) {
                call(world, name, function, [&](auto& arguments) { adjust(world, arguments); });
            }};
}
// Pointers are null or good.
Entry trusting(Entry entry) {
    return {entry.name, [made = std::move(entry.call)](World& world) {
                world.pointers = Pointers::trusted;
                made(world);
                world.pointers = Pointers::wild;
            }};
}

// The first argument is a socket. It never waits; what fails says why; and stale is stale.
template <class R, class... A>
Entry socket_function(std::string_view name, R (*function)(asyncselect_SOCKET, A...)) {
    return {name, [name, function](World& world) {
                asyncselect_SOCKET socket = asyncselect_INVALID_SOCKET;
                const R result = call(world, name, function, [&](auto& arguments) {
                    std::get<0>(arguments) = socket_handle(world);
                    socket = std::get<0>(arguments);
                    std::uint32_t on = 1;
                    asyncselect_ioctlsocket(socket, static_cast<long>(asyncselect_FIONBIO), &on);
                    asyncselect_WSASetLastError(0);
                });
                const bool failed = result == static_cast<R>(-1);
                const int error = asyncselect_WSAGetLastError();
                if (failed && error == 0) fail(name, "fails and does not say why");
                if (world.is_stale(socket)) {
                    if (!failed) fail(name, "succeeds with a socket that was closed");
                    if (!world.wild && error != asyncselect_WSAENOTSOCK && error != asyncselect_WSANOTINITIALISED)
                        fail(name, "a socket that was closed, and the error is " + std::to_string(error));
                }
                if constexpr (std::is_same_v<R, asyncselect_SOCKET>) {
                    if (!failed && result != socket && world.sockets.size() < most_handles)
                        world.sockets.push_back(result);
                }
            }};
}

// Makes a socket.
template <class... A>
Entry maker(std::string_view name, asyncselect_SOCKET (*function)(A...)) {
    return {name, [name, function](World& world) {
                const asyncselect_SOCKET made = call(world, name, function, as_drawn);
                if (made == asyncselect_INVALID_SOCKET) {
                    if (asyncselect_WSAGetLastError() == 0) fail(name, "fails and does not say why");
                } else if (world.sockets.size() < most_handles) {
                    world.sockets.push_back(made);
                } else {
                    asyncselect_closesocket(made);
                }
            }};
}

template <class... A>
Entry object_maker(std::string_view name, void* (*function)(A...)) {
    return {name, [name, function](World& world) {
                if (world.objects.size() >= most_handles) return;
                if (void* const made = call(world, name, function, as_drawn)) world.objects.push_back(made);
            }};
}

// The place of the argument says how long to wait: hardly.
template <std::size_t Place, class R, class... A>
Entry waiting(std::string_view name, R (*function)(A...)) {
    return adjusted(name, function, [](World& world, auto& arguments) {
        std::get<Place>(arguments) = static_cast<std::tuple_element_t<Place, std::tuple<A...>>>(world.input.below(2));
    });
}

template <class... A>
Entry window_maker(std::string_view name, asyncselect_HWND (*function)(A...)) {
    return trusting({name, [name, function](World& world) {
                         if (world.windows.size() >= most_handles) return;
                         if (const auto window = call(world, name, function, [&](auto& arguments) {
                                 // A name that is no class finds none: mostly the one that is.
                                 if (world.input.below(4) == 0) return;
                                 using Name = std::tuple_element_t<1, std::tuple<A...>>;
                                 if constexpr (std::is_same_v<Name, const char*>)
                                     std::get<1>(arguments) = class_name;
                                 else
                                     std::get<1>(arguments) = wide_class_name;
                             }))
                             world.windows.push_back(window);
                     }});
}

// A window's procedure is one.
template <class... A>
Entry window_value_setter(std::string_view name, std::intptr_t (*function)(A...)) {
    return adjusted(name, function, [](World&, auto& arguments) {
        if (std::get<1>(arguments) == asyncselect_GWLP_WNDPROC)
            std::get<2>(arguments) = std::bit_cast<std::intptr_t>(&on_message);
    });
}

// WM_QUIT comes when nothing else does.
template <class... A>
Entry message_waiter(std::string_view name, int (*function)(A...)) {
    return trusting(adjusted(name, function, [](World&, auto&) { asyncselect_PostQuitMessage(0); }));
}

// What follows trusts its pointers, so that each has a call of its own.

void format_messages(World& world) {
    std::array<char, 64> narrow{};
    std::array<wchar_t, 64> wide{};
    const auto error = static_cast<std::uint32_t>(number(world));
    const auto size = static_cast<std::uint32_t>(world.input.below(narrow.size() + 1));
    const auto flags =
        static_cast<std::uint32_t>(number(world)) & ~std::uint32_t{asyncselect_FORMAT_MESSAGE_ALLOCATE_BUFFER};
    asyncselect_FormatMessageA(flags, nullptr, error, 0, narrow.data(), size, nullptr);
    asyncselect_FormatMessageW(flags, nullptr, error, 0, wide.data(), size, nullptr);
    char* made = nullptr;
    if (asyncselect_FormatMessageA(flags | asyncselect_FORMAT_MESSAGE_ALLOCATE_BUFFER, nullptr, error, 0,
                                   reinterpret_cast<char*>(&made), size, nullptr) != 0)
        asyncselect_LocalFree(made);
}

// wvsprintfA as a program calls it.
int format_list(char* to, const char* format, ...) {  // NOLINT(cert-dcl50-cpp)
    va_list values;
    va_start(values, format);
    const int length = asyncselect_wvsprintfA(to, format, values);
    va_end(values);
    return length;
}

void format_text(World& world) {
    static constexpr auto parts =
        std::to_array<std::string_view>({"%d", "%5u", "%-8x", "%#X", "%c", "%C", "%lu", "%I64d", "%%", "text", "%.3i",
                                         "%0200d", "%1500u", "%p", "%", "%-"});
    std::string format;
    int conversions = 0;
    for (std::size_t count = world.input.below(8); count > 0 && conversions < 4; --count) {
        const std::string_view part = parts[world.input.below(parts.size())];
        if (part.starts_with('%') && part != "%%") ++conversions;
        format += part;
    }
    std::array<char, 1024> text{};
    const auto value = static_cast<std::int64_t>(number(world));
    const int length = asyncselect_wsprintfA(text.data(), format.c_str(), value, value, value, value, value);
    if (length < 0 || static_cast<std::size_t>(length) >= text.size()) fail("wsprintfA", "more than fits");
    if (format_list(text.data(), format.c_str(), value, value, value, value, value) != length)
        fail("wvsprintfA", "not what wsprintfA does");
}

void use_memory(World& world) {
    if (world.allocated.size() < most_handles) {
        if (void* const made = asyncselect_LocalAlloc(static_cast<unsigned>(number(world)), number(world) % 70'000))
            world.allocated.push_back(made);
    } else {
        asyncselect_LocalFree(world.allocated.back());
        world.allocated.pop_back();
    }
    asyncselect_LocalFree(nullptr);
}

void use_lock(World& world) {
    asyncselect_CRITICAL_SECTION lock{};
    if (world.input.below(2) == 0)
        asyncselect_InitializeCriticalSection(&lock);
    else
        asyncselect_InitializeCriticalSectionAndSpinCount(&lock, static_cast<std::uint32_t>(number(world)));
    for (std::size_t count = world.input.below(4); count > 0; --count) asyncselect_EnterCriticalSection(&lock);
    asyncselect_TryEnterCriticalSection(&lock);
    for (std::size_t count = 0; count < 5; ++count) asyncselect_LeaveCriticalSection(&lock);
    asyncselect_DeleteCriticalSection(&lock);
}

void read_clocks(World& /*world*/) {
    std::int64_t value = 0;
    if (asyncselect_QueryPerformanceCounter(&value) == 0 || asyncselect_QueryPerformanceFrequency(&value) == 0)
        fail("QueryPerformanceCounter", "fails");
    asyncselect_GetTickCount();
    asyncselect_GetTickCount64();
    asyncselect_OutputDebugStringA("");
    asyncselect_OutputDebugStringW(L"");
    asyncselect_Sleep(0);
}

void close_socket(World& world) {
    const asyncselect_SOCKET socket = socket_handle(world);
    if (telling) std::printf("closesocket %s\n", shown(socket).c_str());
    std::uint32_t on = 1;
    asyncselect_ioctlsocket(socket, static_cast<long>(asyncselect_FIONBIO), &on);
    const bool closed = asyncselect_closesocket(socket) == 0;
    if (closed && world.is_stale(socket)) fail("closesocket", "closes a socket twice");
    if (!closed) return;
    std::erase(world.sockets, socket);
    if (world.stale.size() < most_handles) world.stale.push_back(socket);
}

void look_up(World& world) {
    asyncselect_ADDRINFOA* found = nullptr;
    asyncselect_ADDRINFOA** to = nullptr;
    const int error = call(world, "getaddrinfo", &asyncselect_getaddrinfo, [&](auto& arguments) {
        // Without the flag a name server would be asked.
        if (std::get<2>(arguments) == nullptr) std::get<0>(arguments) = nullptr;
        if (world.input.below(4) != 0) std::get<3>(arguments) = &found;
        to = std::get<3>(arguments);
    });
    if (error != 0) return;
    std::memcpy(&found, to, sizeof found);  // at the border it is not aligned
    world.addresses.push_back(found);
}

void look_up_host(World& world) {
    static constexpr std::array<const char*, 5> names{nullptr, "", "127.0.0.1", "localhost", "::1"};
    const char* const name = names[world.input.below(names.size())];
    asyncselect_gethostbyname(world.input.below(4) == 0 ? static_cast<const char*>(wild_place(world, 1)) : name);
    const std::array<char, 4> loopback{127, 0, 0, 1};
    const char* const address =
        world.input.below(2) == 0 ? loopback.data() : static_cast<const char*>(wild_place(world, 4));
    asyncselect_gethostbyaddr(address, world.input.below(2) == 0 ? 4 : static_cast<int>(number(world) % 5),
                              asyncselect_AF_INET);
}

void start_thread(World& world) {
    if (world.threads.size() == 2 || world.objects.size() >= most_handles) return;
    void* const made = call(world, "CreateThread", &asyncselect_CreateThread, [&](auto& arguments) {
        std::get<1>(arguments) %= 1U << 22U;
        std::get<3>(arguments) = std::bit_cast<void*>(static_cast<std::uintptr_t>(world.input.byte()));
    });
    if (made == nullptr) return;
    world.threads.push_back(made);
    world.objects.push_back(made);
}

template <class... A>
Entry closer(std::string_view name, int (*function)(A...)) {
    return {name, [name, function](World& world) {
                void* closed = nullptr;
                if (call(world, name, function, [&](auto& arguments) { closed = std::get<0>(arguments); }) == 0) return;
                std::erase(world.objects, closed);
                std::erase(world.threads, closed);
            }};
}

const std::vector<Entry>& entries() {
    static const std::vector<Entry> all{
        any("WSAStartup", &asyncselect_WSAStartup),
        any("WSACleanup", &asyncselect_WSACleanup),
        any("WSAGetLastError", &asyncselect_WSAGetLastError),
        any("WSASetLastError", &asyncselect_WSASetLastError),
        any("GetLastError", &asyncselect_GetLastError),
        any("SetLastError", &asyncselect_SetLastError),
        maker("socket", &asyncselect_socket),
        maker("WSASocketA", &asyncselect_WSASocketA),
        maker("WSASocketW", &asyncselect_WSASocketW),
        socket_function("bind", &asyncselect_bind),
        socket_function("listen", &asyncselect_listen),
        socket_function("accept", &asyncselect_accept),
        socket_function("connect", &asyncselect_connect),
        socket_function("WSAConnect", &asyncselect_WSAConnect),
        socket_function("send", &asyncselect_send),
        socket_function("recv", &asyncselect_recv),
        socket_function("WSASend", &asyncselect_WSASend),
        socket_function("WSARecv", &asyncselect_WSARecv),
        socket_function("shutdown", &asyncselect_shutdown),
        {"closesocket", close_socket},
        socket_function("ioctlsocket", &asyncselect_ioctlsocket),
        socket_function("WSAIoctl", &asyncselect_WSAIoctl),
        socket_function("getsockopt", &asyncselect_getsockopt),
        socket_function("setsockopt", &asyncselect_setsockopt),
        socket_function("getsockname", &asyncselect_getsockname),
        socket_function("getpeername", &asyncselect_getpeername),
        socket_function("WSAAsyncSelect", &asyncselect_WSAAsyncSelect),
        socket_function("sendto", &asyncselect_sendto),
        socket_function("recvfrom", &asyncselect_recvfrom),
        socket_function("WSASendTo", &asyncselect_WSASendTo),
        socket_function("WSARecvFrom", &asyncselect_WSARecvFrom),
        socket_function("WSAAccept", &asyncselect_WSAAccept),
        socket_function("WSAJoinLeaf", &asyncselect_WSAJoinLeaf),
        socket_function("WSAEventSelect", &asyncselect_WSAEventSelect),
        socket_function("WSAEnumNetworkEvents", &asyncselect_WSAEnumNetworkEvents),
        object_maker("WSACreateEvent", &asyncselect_WSACreateEvent),
        any("WSASetEvent", &asyncselect_WSASetEvent),
        any("WSAResetEvent", &asyncselect_WSAResetEvent),
        closer("WSACloseEvent", &asyncselect_WSACloseEvent),
        waiting<3>("WSAWaitForMultipleEvents", &asyncselect_WSAWaitForMultipleEvents),
        adjusted("select", &asyncselect_select,
                 [](World& world, auto& arguments) {
                     if (std::get<4>(arguments) != nullptr) return;
                     std::byte* const room = World::memory().room(sizeof(asyncselect_timeval));
                     fill(world, room, sizeof(asyncselect_timeval), std::get<4>(arguments));
                     std::get<4>(arguments) = reinterpret_cast<const asyncselect_timeval*>(room);
                 }),
        // Trusts its set, as quick as it is.
        trusting(adjusted("__WSAFDIsSet", &asyncselect___WSAFDIsSet,
                          [](World&, auto& arguments) {
                              if (asyncselect_fd_set* const set = std::get<1>(arguments))
                                  set->fd_count %= asyncselect_FD_SETSIZE + 1;
                          })),
        waiting<2>("WSAPoll", &asyncselect_WSAPoll),
        {"getaddrinfo", look_up},
        {"freeaddrinfo",
         [](World& world) {
             asyncselect_freeaddrinfo(world.addresses.empty() ? nullptr : world.addresses.back());
             if (!world.addresses.empty()) world.addresses.pop_back();
         }},
        adjusted("getnameinfo", &asyncselect_getnameinfo,
                 [](World&, auto& arguments) {
                     std::get<6>(arguments) |= asyncselect_NI_NUMERICHOST | asyncselect_NI_NUMERICSERV;
                 }),
        any("gai_strerrorA", &asyncselect_gai_strerrorA),
        {"gethostbyname, gethostbyaddr", look_up_host},
        any("gethostname", &asyncselect_gethostname),
        any("getservbyname", &asyncselect_getservbyname),
        any("getservbyport", &asyncselect_getservbyport),
        any("getprotobyname", &asyncselect_getprotobyname),
        any("getprotobynumber", &asyncselect_getprotobynumber),
        any("inet_addr", &asyncselect_inet_addr),
        any("inet_ntoa", &asyncselect_inet_ntoa),
        any("inet_pton", &asyncselect_inet_pton),
        any("inet_ntop", &asyncselect_inet_ntop),
        any("WSAAddressToStringA", &asyncselect_WSAAddressToStringA),
        any("WSAStringToAddressA", &asyncselect_WSAStringToAddressA),
        any("WSAHtonl", &asyncselect_WSAHtonl),
        any("WSAHtons", &asyncselect_WSAHtons),
        any("WSANtohl", &asyncselect_WSANtohl),
        any("WSANtohs", &asyncselect_WSANtohs),
        any("SetPosting", &asyncselect_SetPosting),
        any("SetPostLimit", &asyncselect_SetPostLimit),
        any("QueueDescriptor", &asyncselect_QueueDescriptor),
        trusting(any("RegisterClassA", &asyncselect_RegisterClassA)),
        trusting(any("RegisterClassW", &asyncselect_RegisterClassW)),
        trusting(any("RegisterClassExA", &asyncselect_RegisterClassExA)),
        trusting(any("RegisterClassExW", &asyncselect_RegisterClassExW)),
        trusting(any("UnregisterClassA", &asyncselect_UnregisterClassA)),
        trusting(any("UnregisterClassW", &asyncselect_UnregisterClassW)),
        window_maker("CreateWindowExA", &asyncselect_CreateWindowExA),
        window_maker("CreateWindowExW", &asyncselect_CreateWindowExW),
        any("DestroyWindow", &asyncselect_DestroyWindow),
        any("IsWindow", &asyncselect_IsWindow),
        any("DefWindowProcA", &asyncselect_DefWindowProcA),
        any("DefWindowProcW", &asyncselect_DefWindowProcW),
        any("GetWindowLongPtrA", &asyncselect_GetWindowLongPtrA),
        any("GetWindowLongPtrW", &asyncselect_GetWindowLongPtrW),
        window_value_setter("SetWindowLongPtrA", &asyncselect_SetWindowLongPtrA),
        window_value_setter("SetWindowLongPtrW", &asyncselect_SetWindowLongPtrW),
        message_waiter("GetMessageA", &asyncselect_GetMessageA),
        message_waiter("GetMessageW", &asyncselect_GetMessageW),
        trusting(any("PeekMessageA", &asyncselect_PeekMessageA)),
        trusting(any("PeekMessageW", &asyncselect_PeekMessageW)),
        trusting(any("DispatchMessageA", &asyncselect_DispatchMessageA)),
        trusting(any("DispatchMessageW", &asyncselect_DispatchMessageW)),
        trusting(any("TranslateMessage", &asyncselect_TranslateMessage)),
        any("PostMessageA", &asyncselect_PostMessageA),
        any("PostMessageW", &asyncselect_PostMessageW),
        any("SendMessageA", &asyncselect_SendMessageA),
        any("SendMessageW", &asyncselect_SendMessageW),
        adjusted("PostThreadMessageA", &asyncselect_PostThreadMessageA,
                 [](World& world, auto& arguments) {
                     if (world.input.below(2) == 0) std::get<0>(arguments) = asyncselect_GetCurrentThreadId();
                 }),
        any("PostThreadMessageW", &asyncselect_PostThreadMessageW),
        any("PostQuitMessage", &asyncselect_PostQuitMessage),
        any("SetTimer", &asyncselect_SetTimer),
        any("KillTimer", &asyncselect_KillTimer),
        waiting<3>("MsgWaitForMultipleObjects", &asyncselect_MsgWaitForMultipleObjects),
        waiting<2>("MsgWaitForMultipleObjectsEx", &asyncselect_MsgWaitForMultipleObjectsEx),
        object_maker("CreateEventA", &asyncselect_CreateEventA),
        object_maker("CreateEventW", &asyncselect_CreateEventW),
        any("SetEvent", &asyncselect_SetEvent),
        any("ResetEvent", &asyncselect_ResetEvent),
        closer("CloseHandle", &asyncselect_CloseHandle),
        waiting<1>("WaitForSingleObject", &asyncselect_WaitForSingleObject),
        waiting<3>("WaitForMultipleObjects", &asyncselect_WaitForMultipleObjects),
        {"CreateThread, ExitThread", start_thread},
        any("GetExitCodeThread", &asyncselect_GetExitCodeThread),
        any("GetCurrentThreadId", &asyncselect_GetCurrentThreadId),
        trusting(any("GetModuleHandleA", &asyncselect_GetModuleHandleA)),
        trusting(any("GetModuleHandleW", &asyncselect_GetModuleHandleW)),
        {"Sleep, GetTickCount, GetTickCount64, OutputDebugStringA, OutputDebugStringW, QueryPerformanceCounter, "
         "QueryPerformanceFrequency",
         read_clocks},
        {"FormatMessageA, FormatMessageW", format_messages},
        {"LocalAlloc, LocalFree", use_memory},
        {"wsprintfA, wvsprintfA", format_text},
        {"InitializeCriticalSection, InitializeCriticalSectionAndSpinCount, DeleteCriticalSection, "
         "EnterCriticalSection, TryEnterCriticalSection, LeaveCriticalSection",
         use_lock},
    };
    return all;
}

// Some make threads, and some wait a moment: of an input so many are played, so that it does not take long.
constexpr int most_programs = 2;

void play_program(World& world) {
    const auto of_sockets = socket_programs();
    const auto of_windows = window_programs();
    if (of_sockets.size() + of_windows.size() != program_count) fail("api_programs.hpp", "another number of programs");
    const std::size_t number = world.input.below(program_count);
    if (world.programs == most_programs) return;
    ++world.programs;
    const Program& chosen = number < of_sockets.size() ? of_sockets[number] : of_windows[number - of_sockets.size()];
    if (telling) std::printf("a program: %.*s\n", static_cast<int>(chosen.name.size()), chosen.name.data());
    std::fflush(stdout);
    Draw draw([&world] { return world.input.byte(); });
    chosen.play(draw);
}

void play_next(World& world) {
    const std::uint8_t choice = world.input.byte();
    if (choice == program_follows) return play_program(world);
    const auto& all = entries();
    all[choice % all.size()].call(world);
}

}  // namespace

// Shown as it runs, in another process: it may crash.
std::string show_input(std::span<const std::uint8_t> input) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return "";
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        telling = true;
        LLVMFuzzerTestOneInput(input.data(), input.size());
        std::fflush(nullptr);
        _exit(0);
    }
    close(ends[1]);
    std::string text;
    std::array<char, 4096> piece{};
    for (ssize_t got = 0; (got = read(ends[0], piece.data(), piece.size())) > 0;)
        text.append(piece.data(), static_cast<std::size_t>(got));
    close(ends[0]);
    if (child > 0) waitpid(child, nullptr, 0);
    return text;
}

}  // namespace asyncselect::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace asyncselect::fuzz;
    World world({data, size});
    for (std::size_t count = 0; count < most_calls && !world.input.empty(); ++count) play_next(world);
    return 0;
}
