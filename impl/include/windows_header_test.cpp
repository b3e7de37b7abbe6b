// A Winsock program that includes the library's header for Windows: its sockets can be waited for with the library's
// select and WSAPoll under the names of the SDK, and none of them is one of Windows' own.
#include <gtest/gtest.h>

#include <type_traits>

// Behind all that uses names such as std::bind.
#include <winsock2.h>

namespace {

static_assert(sizeof(fd_set) == sizeof(asyncselect_fd_set) &&
              offsetof(fd_set, fd_array) == offsetof(asyncselect_fd_set, fd_array));
static_assert(sizeof(timeval) == sizeof(asyncselect_timeval));
static_assert(sizeof(WSAPOLLFD) == sizeof(asyncselect_WSAPOLLFD) &&
              offsetof(WSAPOLLFD, revents) == offsetof(asyncselect_WSAPOLLFD, revents));

class WindowsHeader : public ::testing::Test {
  protected:
    void SetUp() override {
        WSADATA data;
        ASSERT_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
        receiver_ = WSASocketW(AF_INET, SOCK_DGRAM, IPPROTO_UDP, nullptr, 0, WSA_FLAG_OVERLAPPED);
        sender_ = WSASocketA(AF_INET, SOCK_DGRAM, 0, nullptr, 0, 0);
        ASSERT_NE(receiver_, INVALID_SOCKET);
        ASSERT_NE(sender_, INVALID_SOCKET);
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ASSERT_EQ(bind(receiver_, reinterpret_cast<sockaddr*>(&address_), sizeof address_), 0);
        int length = sizeof address_;
        ASSERT_EQ(getsockname(receiver_, reinterpret_cast<sockaddr*>(&address_), &length), 0);
    }
    void TearDown() override {
        EXPECT_EQ(closesocket(receiver_), 0);
        EXPECT_EQ(closesocket(sender_), 0);
        WSACleanup();
    }
    void send_one() {
        ASSERT_EQ(sendto(sender_, "x", 1, 0, reinterpret_cast<sockaddr*>(&address_), sizeof address_), 1);
    }

    SOCKET receiver_ = INVALID_SOCKET;
    SOCKET sender_ = INVALID_SOCKET;
    sockaddr_in address_{};
};

TEST_F(WindowsHeader, SelectWaitsForSocketsOfTheLibrary) {
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(receiver_, &readable);
    timeval none{0, 0};
    EXPECT_EQ(select(0, &readable, nullptr, nullptr, &none), 0);
    EXPECT_FALSE(FD_ISSET(receiver_, &readable));
    send_one();
    FD_SET(receiver_, &readable);
    fd_set writable;
    FD_ZERO(&writable);
    FD_SET(sender_, &writable);
    timeval while_it_comes{10, 0};
    EXPECT_GE(select(0, &readable, &writable, nullptr, &while_it_comes), 1);
    while_it_comes = {10, 0};
    FD_SET(receiver_, &readable);
    EXPECT_EQ(select(0, &readable, nullptr, nullptr, &while_it_comes), 1);
    EXPECT_TRUE(FD_ISSET(receiver_, &readable));
}

TEST_F(WindowsHeader, SoDoesWsaPoll) {
    WSAPOLLFD one{receiver_, POLLRDNORM, 0};
    EXPECT_EQ(WSAPoll(&one, 1, 0), 0);
    send_one();
    EXPECT_EQ(WSAPoll(&one, 1, 10000), 1);
    EXPECT_EQ(one.revents, POLLRDNORM);
}

TEST_F(WindowsHeader, ASocketIsNoneOfWindowsOwn) {
    // In parentheses it is no macro: the function of the system.
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(receiver_, &readable);
    timeval none{0, 0};
    EXPECT_EQ((select)(0, &readable, nullptr, nullptr, &none), SOCKET_ERROR);
    WSAPROTOCOL_INFOW information;
    EXPECT_EQ(WSADuplicateSocketW(receiver_, GetCurrentProcessId(), &information), SOCKET_ERROR);
    EXPECT_EQ((WSAGetLastError)(), WSAENOTSOCK);
}

}  // namespace
