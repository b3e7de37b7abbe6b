// Names and addresses through the public API, on this host alone: what is asked for is numeric, or in the system's
// files; no name server is asked. It must not know how the answers are found.
#include <asyncselect/asyncselect.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int inet = asyncselect_AF_INET;
constexpr int inet6 = asyncselect_AF_INET6;

class Names : public testing::Test {
  protected:
    Names() {
        asyncselect_WSADATA data{};
        EXPECT_EQ(asyncselect_WSAStartup(0x0202, &data), 0);
    }
    ~Names() override { asyncselect_WSACleanup(); }
};

// A pointer into no memory of this process.
template <class T>
T* wild() {
    return reinterpret_cast<T*>(8);
}

std::uint16_t port_of(const asyncselect_sockaddr* address) {
    std::array<unsigned char, 2> bytes{};
    std::memcpy(bytes.data(), reinterpret_cast<const char*>(address) + 2, 2);
    return static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
}

struct Answers {
    asyncselect_ADDRINFOA* first = nullptr;
    int error = 0;

    Answers(const char* node, const char* service, int flags, int family = 0, int type = 0) {
        asyncselect_ADDRINFOA hints{};
        hints.ai_flags = flags;
        hints.ai_family = family;
        hints.ai_socktype = type;
        error = asyncselect_getaddrinfo(node, service, &hints, &first);
        if (error != 0) {
            EXPECT_EQ(error, asyncselect_WSAGetLastError());
            EXPECT_EQ(first, nullptr);
        }
    }
    ~Answers() { asyncselect_freeaddrinfo(first); }
    Answers(const Answers&) = delete;
    Answers& operator=(const Answers&) = delete;

    [[nodiscard]] std::vector<const asyncselect_ADDRINFOA*> all() const {
        std::vector<const asyncselect_ADDRINFOA*> list;
        for (const auto* each = first; each != nullptr; each = each->ai_next) list.push_back(each);
        return list;
    }
};

std::string text_of(const asyncselect_ADDRINFOA& answer) {
    std::array<char, 128> text{};
    std::uint32_t size = text.size();
    EXPECT_EQ(asyncselect_WSAAddressToStringA(answer.ai_addr, static_cast<std::uint32_t>(answer.ai_addrlen), nullptr,
                                              text.data(), &size),
              0);
    EXPECT_EQ(size, std::strlen(text.data()) + 1);
    return text.data();
}

TEST_F(Names, GetaddrinfoTakesNumbers) {
    const Answers four{"127.0.0.1", "80", asyncselect_AI_NUMERICHOST, 0, asyncselect_SOCK_STREAM};
    ASSERT_EQ(four.error, 0);
    ASSERT_EQ(four.all().size(), 1U);
    EXPECT_EQ(four.first->ai_family, inet);
    EXPECT_EQ(four.first->ai_socktype, asyncselect_SOCK_STREAM);
    EXPECT_EQ(four.first->ai_protocol, asyncselect_IPPROTO_TCP);
    EXPECT_EQ(four.first->ai_addrlen, sizeof(asyncselect_sockaddr_in));
    EXPECT_EQ(four.first->ai_addr->sa_family, inet);
    EXPECT_EQ(four.first->ai_canonname, nullptr);
    EXPECT_EQ(text_of(*four.first), "127.0.0.1:80");

    const Answers six{"::1", "8080", asyncselect_AI_NUMERICHOST | asyncselect_AI_NUMERICSERV, 0,
                      asyncselect_SOCK_DGRAM};
    ASSERT_EQ(six.error, 0);
    EXPECT_EQ(six.first->ai_family, inet6);
    EXPECT_EQ(six.first->ai_protocol, asyncselect_IPPROTO_UDP);
    EXPECT_EQ(six.first->ai_addrlen, sizeof(asyncselect_sockaddr_in6));
    EXPECT_EQ(six.first->ai_addr->sa_family, inet6) << "the SDK's number, not the system's";
    EXPECT_EQ(text_of(*six.first), "[::1]:8080");
}

TEST_F(Names, GetaddrinfoKnowsThisHost) {
    const Answers named{"localhost", "7", asyncselect_AI_CANONNAME, inet, asyncselect_SOCK_STREAM};
    ASSERT_EQ(named.error, 0);
    EXPECT_EQ(text_of(*named.first), "127.0.0.1:7");
    ASSERT_NE(named.first->ai_canonname, nullptr);
    EXPECT_EQ(std::string{named.first->ai_canonname}.rfind("localhost", 0), 0U);

    const Answers own{nullptr, "7", 0, inet, asyncselect_SOCK_STREAM};
    ASSERT_EQ(own.error, 0);
    EXPECT_EQ(text_of(*own.first), "127.0.0.1:7");
    const Answers any{nullptr, "7", asyncselect_AI_PASSIVE, inet, asyncselect_SOCK_STREAM};
    ASSERT_EQ(any.error, 0);
    EXPECT_EQ(text_of(*any.first), "0.0.0.0:7");

    // Without a type: one answer for each that a socket can be made of.
    const Answers each{"127.0.0.1", "7", asyncselect_AI_NUMERICHOST};
    ASSERT_EQ(each.error, 0);
    for (const auto* answer : each.all()) {
        const auto s = asyncselect_socket(answer->ai_family, answer->ai_socktype, answer->ai_protocol);
        EXPECT_NE(s, asyncselect_INVALID_SOCKET) << answer->ai_socktype;
        asyncselect_closesocket(s);
    }
    asyncselect_ADDRINFOA* first = nullptr;
    EXPECT_EQ(asyncselect_getaddrinfo("127.0.0.1", nullptr, nullptr, &first), 0) << "hints can be left out";
    EXPECT_EQ(port_of(first->ai_addr), 0);
    asyncselect_freeaddrinfo(first);
    asyncselect_freeaddrinfo(nullptr);
}

TEST_F(Names, GetaddrinfoTellsWhyNot) {
    const int numeric = asyncselect_AI_NUMERICHOST;
    EXPECT_EQ((Answers{"no.such.host", "80", numeric}.error), asyncselect_EAI_NONAME);
    EXPECT_EQ((Answers{"127.0.0.1", "no such service", numeric}.error), asyncselect_EAI_SERVICE);
    EXPECT_EQ((Answers{"127.0.0.1", "80", 0x40000000}.error), asyncselect_EAI_BADFLAGS);
    EXPECT_EQ((Answers{nullptr, "80", asyncselect_AI_CANONNAME}.error), asyncselect_EAI_BADFLAGS);
    EXPECT_EQ((Answers{"127.0.0.1", "80", numeric, 10}.error), asyncselect_EAI_FAMILY);
    EXPECT_EQ((Answers{"127.0.0.1", "80", numeric, 0, 77}.error), asyncselect_EAI_SOCKTYPE);
    EXPECT_EQ((Answers{nullptr, nullptr, 0}.error), asyncselect_EAI_NONAME);
    EXPECT_EQ((Answers{wild<char>(), "80", numeric}.error), asyncselect_WSAEFAULT);
    asyncselect_ADDRINFOA* first = nullptr;
    EXPECT_EQ(asyncselect_getaddrinfo("127.0.0.1", "80", wild<asyncselect_ADDRINFOA>(), &first), asyncselect_WSAEFAULT);
    EXPECT_EQ(asyncselect_getaddrinfo("127.0.0.1", "80", nullptr, nullptr), asyncselect_WSAEFAULT);
    EXPECT_STRNE(asyncselect_gai_strerrorA(asyncselect_EAI_NONAME), asyncselect_gai_strerrorA(-1));
}

TEST_F(Names, GetnameinfoGivesNumbersAndNames) {
    const Answers answers{"127.0.0.1", "80", asyncselect_AI_NUMERICHOST, 0, asyncselect_SOCK_STREAM};
    const auto* address = answers.first->ai_addr;
    const int numeric = asyncselect_NI_NUMERICHOST | asyncselect_NI_NUMERICSERV;
    std::array<char, 64> node{};
    std::array<char, 32> service{};
    EXPECT_EQ(asyncselect_getnameinfo(address, 16, node.data(), 64, service.data(), 32, numeric), 0);
    EXPECT_STREQ(node.data(), "127.0.0.1");
    EXPECT_STREQ(service.data(), "80");
    EXPECT_EQ(asyncselect_getnameinfo(address, 16, node.data(), 64, nullptr, 0, asyncselect_NI_NAMEREQD), 0);
    EXPECT_EQ(std::string{node.data()}.rfind("localhost", 0), 0U);
    EXPECT_EQ(asyncselect_getnameinfo(address, 16, node.data(), 5, nullptr, 0, numeric), 122);
    EXPECT_EQ(asyncselect_WSAGetLastError(), 122);
    EXPECT_EQ(asyncselect_getnameinfo(address, 15, node.data(), 64, nullptr, 0, numeric), asyncselect_WSAEFAULT);
    EXPECT_EQ(asyncselect_getnameinfo(nullptr, 16, node.data(), 64, nullptr, 0, numeric), asyncselect_WSAEFAULT);
    EXPECT_EQ(asyncselect_getnameinfo(address, 16, wild<char>(), 64, nullptr, 0, numeric), asyncselect_WSAEFAULT);
    EXPECT_EQ(asyncselect_getnameinfo(address, 16, nullptr, 0, nullptr, 0, numeric), asyncselect_EAI_NONAME);
    EXPECT_EQ(asyncselect_getnameinfo(address, 16, node.data(), 64, nullptr, 0, 0x1000), asyncselect_EAI_BADFLAGS);
    asyncselect_sockaddr_in other{};
    other.sin_family = 1;
    EXPECT_EQ(asyncselect_getnameinfo(reinterpret_cast<asyncselect_sockaddr*>(&other), 16, node.data(), 64, nullptr, 0,
                                      numeric),
              asyncselect_EAI_FAMILY);
}

TEST_F(Names, GethostbynameAndGethostbyaddr) {
    const auto* host = asyncselect_gethostbyname("localhost");
    ASSERT_NE(host, nullptr) << asyncselect_WSAGetLastError();
    EXPECT_EQ(host->h_addrtype, inet);
    ASSERT_EQ(host->h_length, 4);
    const std::array<char, 4> loopback{127, 0, 0, 1};
    ASSERT_NE(host->h_addr_list[0], nullptr);
    EXPECT_EQ(std::memcmp(host->h_addr_list[0], loopback.data(), 4), 0);
    EXPECT_EQ(std::string{host->h_name}.rfind("localhost", 0), 0U);
    ASSERT_NE(host->h_aliases, nullptr);

    const auto* of_this_thread = host;
    std::thread{[of_this_thread] {
        const auto* numeric = asyncselect_gethostbyname("10.1.2.3");
        ASSERT_NE(numeric, nullptr);
        EXPECT_NE(numeric, of_this_thread);
        EXPECT_EQ(numeric->h_addr_list[0][3], 3);
        EXPECT_EQ(numeric->h_addr_list[1], nullptr);
    }}.join();
    EXPECT_EQ(std::memcmp(host->h_addr_list[0], loopback.data(), 4), 0) << "another thread's answer is its own";

    host = asyncselect_gethostbyaddr(loopback.data(), 4, inet);
    ASSERT_NE(host, nullptr) << asyncselect_WSAGetLastError();
    EXPECT_EQ(std::string{host->h_name}.rfind("localhost", 0), 0U);
    EXPECT_EQ(asyncselect_gethostbyaddr(loopback.data(), 3, inet), nullptr);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEFAULT);
    EXPECT_EQ(asyncselect_gethostbyaddr(loopback.data(), 4, 10), nullptr);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEAFNOSUPPORT);
    EXPECT_EQ(asyncselect_gethostbyaddr(nullptr, 4, inet), nullptr);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEFAULT);
    EXPECT_EQ(asyncselect_gethostbyname(wild<char>()), nullptr);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEFAULT);
}

// The classic way of a program to find its own address.
TEST_F(Names, AHostKnowsItsOwnNameAndAddresses) {
    std::array<char, 257> name{};
    ASSERT_EQ(asyncselect_gethostname(name.data(), name.size()), 0);
    EXPECT_NE(std::strlen(name.data()), 0U);
    for (const char* own : {static_cast<const char*>(name.data()), "", static_cast<const char*>(nullptr)}) {
        const auto* host = asyncselect_gethostbyname(own);
        ASSERT_NE(host, nullptr);
        EXPECT_STREQ(host->h_name, name.data());
        EXPECT_NE(host->h_addr_list[0], nullptr);
    }
    EXPECT_EQ(asyncselect_gethostname(name.data(), static_cast<int>(std::strlen(name.data()))), -1);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEFAULT);
    EXPECT_EQ(asyncselect_gethostname(nullptr, 100), -1);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEFAULT);
}

TEST_F(Names, Services) {
    EXPECT_EQ(asyncselect_getservbyname("no such service", "tcp"), nullptr);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSANO_DATA);
    EXPECT_EQ(asyncselect_getservbyname(nullptr, "tcp"), nullptr);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEFAULT);
    EXPECT_EQ(asyncselect_getservbyport(0, "tcp"), nullptr);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSANO_DATA);
    EXPECT_EQ(asyncselect_getservbyport(0, wild<char>()), nullptr);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEFAULT);
    if (!std::ifstream{"/etc/services"}) GTEST_SKIP() << "this system has no list of services";
    const auto* service = asyncselect_getservbyname("http", "tcp");
    ASSERT_NE(service, nullptr);
    EXPECT_STREQ(service->s_name, "http");
    EXPECT_STREQ(service->s_proto, "tcp");
    const int port = service->s_port;
    service = asyncselect_getservbyport(port, nullptr);
    ASSERT_NE(service, nullptr);
    EXPECT_STREQ(service->s_name, "http");
}

TEST_F(Names, Protocols) {
    EXPECT_EQ(asyncselect_getprotobyname("no such protocol"), nullptr);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSANO_DATA);
    EXPECT_EQ(asyncselect_getprotobyname(nullptr), nullptr);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEFAULT);
    if (!std::ifstream{"/etc/protocols"}) GTEST_SKIP() << "this system has no list of protocols";
    const auto* protocol = asyncselect_getprotobyname("tcp");
    ASSERT_NE(protocol, nullptr);
    EXPECT_EQ(protocol->p_proto, asyncselect_IPPROTO_TCP);
    protocol = asyncselect_getprotobynumber(asyncselect_IPPROTO_UDP);
    ASSERT_NE(protocol, nullptr);
    EXPECT_STREQ(protocol->p_name, "udp");
}

// These four need no WSAStartup.
TEST(NamesBeforeStartup, AddressesAsText) {
    EXPECT_EQ(asyncselect_inet_addr("1.2.3.4"), asyncselect_inet_addr("0x1.02.3.4"));
    EXPECT_EQ(asyncselect_inet_addr("127.1"), asyncselect_inet_addr("127.0.0.1"));
    EXPECT_EQ(asyncselect_inet_addr("256.1.1.1"), asyncselect_INADDR_NONE);
    EXPECT_EQ(asyncselect_inet_addr("name"), asyncselect_INADDR_NONE);
    EXPECT_EQ(asyncselect_inet_addr(nullptr), asyncselect_INADDR_NONE);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEFAULT);
    const auto* text = asyncselect_inet_ntoa({asyncselect_inet_addr("255.255.255.255")});
    EXPECT_STREQ(text, "255.255.255.255");
    std::thread{[] { EXPECT_STREQ(asyncselect_inet_ntoa({asyncselect_inet_addr("0.0.0.0")}), "0.0.0.0"); }}.join();
    EXPECT_STREQ(text, "255.255.255.255");

    std::array<unsigned char, 16> address{};
    EXPECT_EQ(asyncselect_inet_pton(inet, "192.168.0.1", address.data()), 1);
    EXPECT_EQ(address[0], 192);
    EXPECT_EQ(asyncselect_inet_pton(inet, "0x1.2.3.4", address.data()), 0);
    EXPECT_EQ(asyncselect_inet_pton(inet6, "fe80::1", address.data()), 1);
    EXPECT_EQ(address[0], 0xfe);
    std::array<char, 65> buffer{};
    EXPECT_EQ(asyncselect_inet_ntop(inet6, address.data(), buffer.data(), buffer.size()), buffer.data());
    EXPECT_STREQ(buffer.data(), "fe80::1");
    EXPECT_EQ(asyncselect_inet_pton(10, "::1", address.data()), -1);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEAFNOSUPPORT);
    EXPECT_EQ(asyncselect_inet_pton(inet, nullptr, address.data()), -1);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEFAULT);
    EXPECT_EQ(asyncselect_inet_pton(inet, "1.2.3.4", nullptr), -1);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEFAULT);
    EXPECT_EQ(asyncselect_inet_ntop(inet, address.data(), buffer.data(), 7), nullptr);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_ERROR_INVALID_PARAMETER);
    EXPECT_EQ(asyncselect_inet_ntop(inet, address.data(), nullptr, 65), nullptr);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_ERROR_INVALID_PARAMETER);
    EXPECT_EQ(asyncselect_inet_ntop(10, address.data(), buffer.data(), 65), nullptr);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEAFNOSUPPORT);
    EXPECT_EQ(asyncselect_inet_ntop(inet, wild<void>(), buffer.data(), 65), nullptr);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEFAULT);
}

TEST(NamesBeforeStartup, TheRestFails) {
    std::array<char, 64> text{};
    asyncselect_ADDRINFOA* first = nullptr;
    const auto reason = [] { return asyncselect_WSAGetLastError(); };
    EXPECT_EQ(asyncselect_getaddrinfo("127.0.0.1", "80", nullptr, &first), asyncselect_WSANOTINITIALISED);
    EXPECT_EQ(reason(), asyncselect_WSANOTINITIALISED);
    const asyncselect_sockaddr_in address{};
    asyncselect_WSASetLastError(0);
    EXPECT_EQ(asyncselect_getnameinfo(reinterpret_cast<const asyncselect_sockaddr*>(&address), 16, text.data(), 64,
                                      nullptr, 0, 0),
              asyncselect_WSANOTINITIALISED);
    asyncselect_WSASetLastError(0);
    EXPECT_EQ(asyncselect_gethostbyname("localhost"), nullptr);
    EXPECT_EQ(reason(), asyncselect_WSANOTINITIALISED);
    asyncselect_WSASetLastError(0);
    EXPECT_EQ(asyncselect_gethostname(text.data(), 64), -1);
    EXPECT_EQ(reason(), asyncselect_WSANOTINITIALISED);
    asyncselect_WSASetLastError(0);
    EXPECT_EQ(asyncselect_getservbyname("http", "tcp"), nullptr);
    EXPECT_EQ(reason(), asyncselect_WSANOTINITIALISED);
    asyncselect_WSASetLastError(0);
    EXPECT_EQ(asyncselect_getprotobyname("tcp"), nullptr);
    EXPECT_EQ(reason(), asyncselect_WSANOTINITIALISED);
}

TEST_F(Names, AddressesWithPortsAsText) {
    const auto read = [](const char* text, int family) {
        asyncselect_sockaddr_storage address{};
        int length = sizeof address;
        std::string copy{text};
        auto* generic = reinterpret_cast<asyncselect_sockaddr*>(&address);
        if (asyncselect_WSAStringToAddressA(copy.data(), family, nullptr, generic, &length) != 0)
            return "error " + std::to_string(asyncselect_WSAGetLastError());
        std::array<char, 128> back{};
        std::uint32_t size = back.size();
        EXPECT_EQ(
            asyncselect_WSAAddressToStringA(generic, static_cast<std::uint32_t>(length), nullptr, back.data(), &size),
            0);
        return std::string{back.data()};
    };
    for (const char* text : {"127.0.0.1", "1.2.3.4:65535"}) EXPECT_EQ(read(text, inet), text);
    for (const char* text : {"::1", "[::1]:80", "fe80::1%3", "[fe80::1%3]:1"}) EXPECT_EQ(read(text, inet6), text);
    EXPECT_EQ(read("[::1]", inet6), "::1");
    for (const char* text : {"", "name", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:x", "::1", "1.2.3"})
        EXPECT_EQ(read(text, inet), "error 10022") << text;
    for (const char* text : {"", "1.2.3.4", "[::1", "[::1]80", "[::1]:", "::1%x"})
        EXPECT_EQ(read(text, inet6), "error 10022") << text;
    EXPECT_EQ(read("::1", 10), "error 10022");

    asyncselect_sockaddr_in address{};
    address.sin_family = inet;
    std::uint32_t size = 3;
    std::array<char, 3> small{};
    auto* generic = reinterpret_cast<asyncselect_sockaddr*>(&address);
    EXPECT_EQ(asyncselect_WSAAddressToStringA(generic, 16, nullptr, small.data(), &size), -1);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEFAULT);
    EXPECT_EQ(size, 8U) << "how much is needed";
    address.sin_family = 1;
    EXPECT_EQ(asyncselect_WSAAddressToStringA(generic, 16, nullptr, small.data(), &size), -1);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEINVAL);
}

TEST_F(Names, ByteOrderThroughASocket) {
    const auto s = asyncselect_socket(inet, asyncselect_SOCK_STREAM, 0);
    std::uint32_t wide = 0;
    std::uint16_t narrow = 0;
    EXPECT_EQ(asyncselect_WSAHtonl(s, 0x01020304, &wide), 0);
    std::array<unsigned char, 4> bytes{};
    std::memcpy(bytes.data(), &wide, 4);
    EXPECT_EQ(bytes, (std::array<unsigned char, 4>{1, 2, 3, 4}));
    EXPECT_EQ(asyncselect_WSANtohl(s, wide, &wide), 0);
    EXPECT_EQ(wide, 0x01020304U);
    EXPECT_EQ(asyncselect_WSAHtons(s, 0x0102, &narrow), 0);
    std::memcpy(bytes.data(), &narrow, 2);
    EXPECT_EQ(bytes[0], 1);
    EXPECT_EQ(asyncselect_WSANtohs(s, narrow, &narrow), 0);
    EXPECT_EQ(narrow, 0x0102);
    EXPECT_EQ(asyncselect_WSAHtons(s, 1, nullptr), -1);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAEFAULT);
    EXPECT_EQ(asyncselect_closesocket(s), 0);
    EXPECT_EQ(asyncselect_WSAHtons(s, 1, &narrow), -1);
    EXPECT_EQ(asyncselect_WSAGetLastError(), asyncselect_WSAENOTSOCK);
}

}  // namespace
