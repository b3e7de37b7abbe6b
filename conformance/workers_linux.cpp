// See conformance/workers.hpp. With fork and pipes.
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "conformance/workers.hpp"

namespace asyncselect::conformance {

namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);

[[noreturn]] void fail(const char* what) {
    throw std::runtime_error(std::string(what) + ": " + std::generic_category().message(errno));
}

// The number of the next piece, for all processes.
class Counter {
  public:
    Counter() {
        void* const memory = ::mmap(nullptr, sizeof(std::atomic<std::size_t>), PROT_READ | PROT_WRITE,
                                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) fail("mmap");
        next_ = new (memory) std::atomic<std::size_t>(0);
    }
    ~Counter() { ::munmap(next_, sizeof *next_); }
    Counter(const Counter&) = delete;
    Counter& operator=(const Counter&) = delete;

    std::size_t take() { return next_->fetch_add(1); }
    [[nodiscard]] std::size_t taken() const { return next_->load(); }

  private:
    std::atomic<std::size_t>* next_;
};

// What a process tells: that it begins with a piece, or what came of it.
struct Header {
    std::uint64_t piece = 0;
    std::uint64_t length = 0;
    std::uint64_t begins = 0;
};

void write_all(int pipe, const void* data, std::size_t length) {
    const char* at = static_cast<const char*>(data);
    while (length > 0) {
        const ssize_t written = ::write(pipe, at, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) std::_Exit(1);  // nobody listens any more
        at += written;
        length -= static_cast<std::size_t>(written);
    }
}

[[noreturn]] void work_here(int pipe, Counter& counter, const Work& work) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    work.prepare();
    bool last = false;
    while (!last) {
        const std::size_t piece = counter.take();
        if (piece >= work.pieces) break;
        const Header begins{piece, 0, 1};
        write_all(pipe, &begins, sizeof begins);
        const std::string told = work.perform(piece, last);
        const Header done{piece, told.size(), 0};
        write_all(pipe, &done, sizeof done);
        write_all(pipe, told.data(), told.size());
    }
    std::cout.flush();
    std::cerr.flush();
    std::_Exit(0);
}

struct Process {
    pid_t id = 0;
    int pipe = -1;
    std::string buffer;
    std::size_t piece = none;  // that it is at
};

Process start(Counter& counter, const Work& work) {
    int ends[2];
    if (::pipe(ends) != 0) fail("pipe");
    std::cout.flush();
    std::cerr.flush();
    const pid_t id = ::fork();
    if (id < 0) fail("fork");
    if (id == 0) {
        ::close(ends[0]);
        work_here(ends[1], counter, work);
    }
    ::close(ends[1]);
    return {id, ends[0], {}, none};
}

void take_told(Process& process, const Work& work) {
    std::size_t at = 0;
    while (process.buffer.size() - at >= sizeof(Header)) {
        Header header;
        std::memcpy(&header, process.buffer.data() + at, sizeof header);
        if (process.buffer.size() - at < sizeof header + header.length) break;
        at += sizeof header;
        if (header.begins != 0) {
            process.piece = header.piece;
        } else {
            process.piece = none;
            work.take(header.piece, std::string_view(process.buffer).substr(at, header.length));
            at += header.length;
        }
    }
    process.buffer.erase(0, at);
}

// Reads what there is. False once the process has ended.
bool listen_to(Process& process, const Work& work) {
    char data[65536];
    const ssize_t came = ::read(process.pipe, data, sizeof data);
    if (came < 0 && errno == EINTR) return true;
    if (came > 0) {
        process.buffer.append(data, static_cast<std::size_t>(came));
        take_told(process, work);
        return true;
    }
    ::close(process.pipe);
    int status = 0;
    while (::waitpid(process.id, &status, 0) < 0 && errno == EINTR) {
    }
    if (process.piece != none) {
        const std::string how = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                                    : "exit code " + std::to_string(WEXITSTATUS(status));
        work.lost(process.piece, how);
    }
    return false;
}

}  // namespace

void in_processes(unsigned processes, const Work& work) {
    Counter counter;
    std::vector<Process> running;
    for (unsigned number = 0; number < processes; ++number) running.push_back(start(counter, work));
    while (!running.empty()) {
        std::vector<pollfd> waited;
        for (const Process& process : running) waited.push_back({process.pipe, POLLIN, 0});
        if (::poll(waited.data(), waited.size(), -1) < 0 && errno != EINTR) fail("poll");
        std::vector<Process> left;
        for (std::size_t index = 0; index < running.size(); ++index) {
            Process& process = running[index];
            if (waited[index].revents == 0 || listen_to(process, work)) {
                left.push_back(std::move(process));
            } else if (counter.taken() < work.pieces) {
                left.push_back(start(counter, work));
            }
        }
        running = std::move(left);
    }
}

unsigned processors() {
    const unsigned count = std::thread::hardware_concurrency();
    return count == 0 ? 1 : count;
}

}  // namespace asyncselect::conformance
