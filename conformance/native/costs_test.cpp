// What the library costs in memory: nothing is allocated for a notification once it is warm, and a registered socket on
// which nothing happens takes little. Counts what goes through operator new, and what malloc has given out.
#include <malloc.h>

#include <cstdlib>
#include <memory>
#include <new>

#include "conformance/native/mailbox.hpp"

namespace {
std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
    ++allocations;
    if (void* const memory = std::malloc(size)) return memory;
    throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace asyncselect::conformance::native {
namespace {

constexpr int in_turn = 2000;

// So many echoes of 64 bytes between two sockets of this window, and how many messages they took.
int echo(const std::array<asyncselect_SOCKET, 2>& pair, int count) {
    int messages = 0;
    std::array<char, 64> data{};
    asyncselect_send(pair[0], data.data(), data.size(), 0);
    for (int done = 0; done < count;) {
        asyncselect_MSG message{};
        if (asyncselect_GetMessageA(&message, nullptr, 0, 0) <= 0) break;
        ++messages;
        if ((message.lParam & 0xffff) != fd_read) continue;
        const int got = asyncselect_recv(message.wParam, data.data(), 1000, 0);
        if (got <= 0) continue;
        if (++done == count) break;
        asyncselect_send(message.wParam, data.data(), got, 0);
    }
    return messages;
}

TEST(Costs, NothingIsAllocatedForANotification) {
    const Winsock winsock;
    Mailbox mailbox;
    const auto [client, server] = connected_pair();
    for (const auto one : {client, server})
        ASSERT_EQ(asyncselect_WSAAsyncSelect(one, mailbox.window(), socket_message, fd_read | fd_write | fd_close), 0);
    EXPECT_GE(echo({client, server}, in_turn), in_turn);
    const auto before = allocations;
    EXPECT_GE(echo({client, server}, in_turn), in_turn);
    EXPECT_EQ(allocations - before, 0U);
    // They would be counted.
    const auto control = std::make_unique<std::string>(100, 'x');
    EXPECT_GE(allocations - before, control->empty() ? 0U : 2U);
    asyncselect_closesocket(client);
    asyncselect_closesocket(server);
}

TEST(Costs, AnIdleRegisteredSocketTakesLittle) {
    constexpr std::size_t bytes_at_most = 96;
    constexpr std::size_t count = 4096;
    const Winsock winsock;
    const Mailbox mailbox;
    std::vector<asyncselect_SOCKET> sockets(count);
    const auto before = mallinfo2();
    for (auto& one : sockets) {
        one = stream();
        if (one == ~asyncselect_SOCKET{0}) GTEST_SKIP() << "the system gives no " << count << " sockets";
        ASSERT_EQ(asyncselect_WSAAsyncSelect(one, mailbox.window(), socket_message, fd_read | fd_write | fd_close), 0);
    }
    const auto after = mallinfo2();
    const auto taken = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
    RecordProperty("bytes_a_socket", static_cast<int>(taken / count));
    EXPECT_LE(taken, bytes_at_most * count) << taken / count << " bytes a socket";
    EXPECT_GE(taken, 32 * count) << "less than a socket can need: it was not counted";
    for (const auto one : sockets) asyncselect_closesocket(one);
}

}  // namespace
}  // namespace asyncselect::conformance::native
