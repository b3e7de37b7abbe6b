// Uses the library through the compat headers as a Winsock program in C++ does: what the headers add to the library
// (byte order, ioctlsocket on `unsigned long`, the Windows names of one symbol) works. It must not know anything of
// impl.
#include <gtest/gtest.h>

#include <ws2tcpip.h>

#include <process.h>
#include <tchar.h>

#include <array>
#include <cstring>
#include <thread>

extern "C" {
unsigned long compat_bytes_by_unsigned_long(SOCKET s);
unsigned long compat_bytes_by_u_long(SOCKET s);
void compat_set_nonblocking(SOCKET s, int results[3]);
}

namespace {

class CompatUse : public testing::Test {
  protected:
    void SetUp() override {
        WSADATA data;
        ASSERT_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
        EXPECT_EQ(data.wVersion, MAKEWORD(2, 2));
    }
    void TearDown() override {
        for (const SOCKET s : {listener_, client_, server_}) {
            if (s != INVALID_SOCKET) {
                EXPECT_EQ(closesocket(s), 0);
            }
        }
        EXPECT_EQ(WSACleanup(), 0);
    }

    void connect_pair() {
        listener_ = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
        ASSERT_NE(listener_, INVALID_SOCKET);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        int length = sizeof address;
        ASSERT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        ASSERT_EQ(listen(listener_, SOMAXCONN), 0);
        ASSERT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length), 0);
        EXPECT_EQ(length, 16);
        EXPECT_EQ(address.sin_family, AF_INET);
        client_ = socket(AF_INET, SOCK_STREAM, 0);
        ASSERT_EQ(connect(client_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        server_ = accept(listener_, nullptr, nullptr);
        ASSERT_NE(server_, INVALID_SOCKET);
    }

    SOCKET listener_ = INVALID_SOCKET;
    SOCKET client_ = INVALID_SOCKET;
    SOCKET server_ = INVALID_SOCKET;
};

TEST_F(CompatUse, ByteOrder) {
    const u_long address = htonl(INADDR_LOOPBACK);
    std::array<unsigned char, 4> bytes{};
    std::memcpy(bytes.data(), &address, sizeof address);
    EXPECT_EQ(bytes, (std::array<unsigned char, 4>{127, 0, 0, 1}));
    EXPECT_EQ(ntohl(address), 0x7f000001U);
    const u_short port = htons(0x1234);
    std::memcpy(bytes.data(), &port, sizeof port);
    EXPECT_EQ(bytes[0], 0x12);
    EXPECT_EQ(ntohs(port), 0x1234);
}

TEST_F(CompatUse, IoctlFillsTheWholeOfAnUnsignedLong) {
    connect_pair();
    ASSERT_EQ(send(client_, "12345", 5, 0), 5);
    std::array<char, 5> waited_for{};
    ASSERT_EQ(recv(server_, waited_for.data(), 5, MSG_PEEK), 5);

    unsigned long wide = ~0UL;
    EXPECT_EQ(ioctlsocket(server_, FIONREAD, &wide), 0);
    EXPECT_EQ(wide, 5U);
    u_long narrow = ~0U;
    EXPECT_EQ(ioctlsocket(server_, FIONREAD, &narrow), 0);
    EXPECT_EQ(narrow, 5U);
    EXPECT_EQ(compat_bytes_by_unsigned_long(server_), 5U);
    EXPECT_EQ(compat_bytes_by_u_long(server_), 5U);
}

TEST_F(CompatUse, IoctlTakesEitherLong) {
    connect_pair();
    unsigned long wide = 1;
    EXPECT_EQ(ioctlsocket(server_, FIONBIO, &wide), 0);
    char byte{};
    EXPECT_EQ(recv(server_, &byte, 1, 0), SOCKET_ERROR);
    EXPECT_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    EXPECT_EQ(ioctlsocket(server_, FIONBIO, nullptr), SOCKET_ERROR);
    EXPECT_EQ(WSAGetLastError(), WSAEFAULT);

    std::array<int, 3> results{1, 1, 1};
    compat_set_nonblocking(client_, results.data());
    EXPECT_EQ(results, (std::array<int, 3>{0, 0, SOCKET_ERROR}));
    EXPECT_EQ(recv(client_, &byte, 1, 0), SOCKET_ERROR);
    EXPECT_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
}

std::array<WORD, 16> seen;
std::size_t seen_count;

LRESULT CALLBACK remember(HWND window, UINT message, WPARAM wParam, LPARAM lParam) {
    if (message != WM_APP) return DefWindowProc(window, message, wParam, lParam);
    if (seen_count < seen.size()) seen[seen_count++] = WSAGETSELECTEVENT(lParam);
    EXPECT_EQ(WSAGETSELECTERROR(lParam), 0);
    return 0;
}

TEST_F(CompatUse, AWindowGetsTheEventsOfASocket) {
    connect_pair();
    WNDCLASS window_class{};
    window_class.lpfnWndProc = remember;
    window_class.hInstance = GetModuleHandle(nullptr);
    window_class.lpszClassName = TEXT("compat");
    ASSERT_NE(RegisterClass(&window_class), 0);
    const HWND window = CreateWindow(TEXT("compat"), nullptr, 0, CW_USEDEFAULT, CW_USEDEFAULT, CW_USEDEFAULT,
                                     CW_USEDEFAULT, HWND_MESSAGE, nullptr, window_class.hInstance, nullptr);
    ASSERT_NE(window, nullptr);
    seen_count = 0;
    ASSERT_EQ(WSAAsyncSelect(server_, window, WM_APP, FD_READ | FD_WRITE | FD_CLOSE), 0);
    const auto wait_for = [this](std::size_t count) {
        MSG message;
        while (seen_count < count && GetMessage(&message, nullptr, 0, 0) > 0) {
            EXPECT_EQ(message.wParam, server_);
            DispatchMessage(&message);
        }
    };
    wait_for(1);
    ASSERT_EQ(send(client_, "x", 1, 0), 1);
    wait_for(2);
    EXPECT_EQ(seen[0], FD_WRITE);
    EXPECT_EQ(seen[1], FD_READ);
    EXPECT_NE(DestroyWindow(window), 0);
    EXPECT_NE(UnregisterClass(TEXT("compat"), window_class.hInstance), 0);
}

TEST(CompatHeaders, SetsOfSockets) {
    fd_set set;
    FD_ZERO(&set);
    for (SOCKET s = 4; s <= 4 * (FD_SETSIZE + 10); s += 4) FD_SET(s, &set);
    FD_SET(4, &set);
    EXPECT_EQ(set.fd_count, static_cast<u_int>(FD_SETSIZE)) << "no more than there is room for, and none twice";
    EXPECT_TRUE(FD_ISSET(4, &set));
    FD_CLR(4, &set);
    FD_CLR(4, &set);
    EXPECT_FALSE(FD_ISSET(4, &set));
    EXPECT_EQ(set.fd_count, static_cast<u_int>(FD_SETSIZE - 1));
    EXPECT_EQ(set.fd_array[0], 8U);
}

TEST_F(CompatUse, SelectAndPollThroughTheHeaders) {
    connect_pair();
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(server_, &readable);
    timeval none = {0, 0};
    EXPECT_EQ(select(0, &readable, nullptr, nullptr, &none), 0);
    EXPECT_FALSE(FD_ISSET(server_, &readable));
    ASSERT_EQ(send(client_, "x", 1, 0), 1);
    FD_SET(server_, &readable);
    EXPECT_EQ(select(0, &readable, nullptr, nullptr, nullptr), 1);
    EXPECT_TRUE(FD_ISSET(server_, &readable));
    WSAPOLLFD asked = {server_, POLLIN, 0};
    EXPECT_EQ(WSAPoll(&asked, 1, -1), 1);
    EXPECT_EQ(asked.revents, POLLRDNORM);
}

TEST_F(CompatUse, AnAddressGoesByValue) {
    in_addr address{};
    address.s_addr = htonl(0x01020304);
    EXPECT_STREQ(inet_ntoa(address), "1.2.3.4");
    char text[INET6_ADDRSTRLEN];
    EXPECT_STREQ(inet_ntop(AF_INET, &address, text, sizeof text), "1.2.3.4");
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* answer = nullptr;
    ASSERT_EQ(getaddrinfo("::1", "80", &hints, &answer), 0);
    EXPECT_EQ(answer->ai_family, AF_INET6);
    EXPECT_TRUE(IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<sockaddr_in6*>(answer->ai_addr)->sin6_addr));
    freeaddrinfo(answer);
}

TEST(CompatHeaders, StepsThatNothingInterrupts) {
    volatile LONG narrow = 1;
    volatile long wide = 1;
    EXPECT_EQ(InterlockedIncrement(&narrow), 2);
    EXPECT_EQ(InterlockedDecrement(&wide), 0);
    EXPECT_EQ(InterlockedExchange(&narrow, 7), 2);
    EXPECT_EQ(InterlockedExchangeAdd(&narrow, 3), 7);
    EXPECT_EQ(InterlockedCompareExchange(&narrow, 1, 9), 10);
    EXPECT_EQ(InterlockedCompareExchange(&narrow, 1, 10), 10);
    EXPECT_EQ(narrow, 1);
    PVOID pointer = nullptr;
    EXPECT_EQ(InterlockedExchangePointer(&pointer, &pointer), nullptr);
    EXPECT_EQ(InterlockedCompareExchangePointer(&pointer, nullptr, &pointer), &pointer);
    EXPECT_EQ(pointer, nullptr);
}

unsigned __stdcall doubled(void* number) { return *static_cast<unsigned*>(number) * 2; }

TEST(CompatHeaders, AThreadOfTheCRuntime) {
    unsigned number = 21;
    unsigned id = 0;
    const auto thread = reinterpret_cast<HANDLE>(_beginthreadex(nullptr, 0, doubled, &number, 0, &id));
    ASSERT_NE(thread, nullptr);
    EXPECT_NE(id, 0U);
    EXPECT_EQ(WaitForSingleObject(thread, 10'000), WAIT_OBJECT_0);
    DWORD code = 0;
    EXPECT_TRUE(GetExitCodeThread(thread, &code));
    EXPECT_EQ(code, 42U);
    EXPECT_TRUE(CloseHandle(thread));
}

TEST(CompatHeaders, Strings) {
    char text[8];
    EXPECT_STREQ(lstrcpynA(text, "abcdefghij", sizeof text), "abcdefg");
    EXPECT_EQ(lstrlen(text), 7);
    EXPECT_EQ(_tcscmp(text, _T("abcdefg")), 0);
    EXPECT_EQ(lstrlen(nullptr), 0);
    char message[64];
    wsprintf(message, "error %lu", static_cast<DWORD>(WSAECONNRESET));
    EXPECT_STREQ(message, "error 10054");
}

TEST_F(CompatUse, LastErrorsAreOneValueForEachThread) {
    WSASetLastError(WSAEINTR);
    EXPECT_EQ(GetLastError(), static_cast<DWORD>(WSAEINTR));
    std::thread([] { EXPECT_EQ(WSAGetLastError(), 0); }).join();
    EXPECT_EQ(WSAGetLastError(), WSAEINTR);
}

}  // namespace
