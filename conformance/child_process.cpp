// Processes, pipes and signals of Linux for a program that is spoken with in lines. It must not know what is said.
#include "conformance/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace asyncselect::conformance {

namespace {

constexpr std::size_t longest_line = std::size_t{1} << 20U;
constexpr std::size_t longest_error = 300;
constexpr std::chrono::milliseconds moment_to_end{2000};
constexpr int most_rounds = 64;

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::generic_category().message(errno));
}

struct Pipe {
    Descriptor read;
    Descriptor write;

    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
        read = Descriptor(ends[0]);
        write = Descriptor(ends[1]);
    }
};

int remaining(Deadline deadline) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<long long>(left.count(), 0, 60'000));
}

void set_nonblocking(const Descriptor& descriptor) {
    ::fcntl(descriptor.get(), F_SETFL, ::fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK);
}

// ---- the guardian: from fork on it may only do what a signal handler may ----

// Its descriptors, and above them none.
constexpr int status_number = 3;
constexpr int lifeline_number = 4;

void default_signals() {
    for (int signal = 1; signal < NSIG; ++signal) std::signal(signal, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// `numbers`: what is to be 0, 1, 2, ... here.
void keep_only(const std::array<int, 5>& numbers) {
    constexpr int out_of_the_way = 200;
    std::array<int, 5> aside{};
    for (std::size_t index = 0; index < numbers.size(); ++index) {
        aside[index] = ::fcntl(numbers[index], F_DUPFD, out_of_the_way);
    }
    for (std::size_t index = 0; index < numbers.size(); ++index) {
        ::dup2(aside[index], static_cast<int>(index));
    }
    constexpr unsigned last = ~0U;
    if (::syscall(SYS_close_range, 5U, last, 0U) != 0) {
        constexpr int most = 65536;
        for (int number = 5; number < most; ++number) ::close(number);
    }
}

[[noreturn]] void guard(const char* command, const std::array<int, 5>& numbers) {
    keep_only(numbers);
    default_signals();
    const pid_t program = ::fork();
    if (program == 0) {
        ::close(status_number);
        ::close(lifeline_number);
        ::setpgid(0, 0);
        ::execl("/bin/sh", "sh", "-c", command, nullptr);
        ::_exit(127);
    }
    // What is typed on a terminal is for this project's program, whose end closes the lifeline.
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP}) std::signal(signal, SIG_IGN);
    int status = -1;
    if (program > 0) {
        ::setpgid(program, program);
        for (const int number : {0, 1, 2}) ::close(number);
        const int watched = static_cast<int>(::syscall(SYS_pidfd_open, program, 0U));
        while (true) {
            std::array<pollfd, 2> waited{{{lifeline_number, POLLIN, 0}, {watched, POLLIN, 0}}};
            const int between_two_looks = watched < 0 ? 50 : -1;
            ::poll(waited.data(), watched < 0 ? 1 : 2, between_two_looks);
            if (waited[0].revents != 0) ::kill(-program, SIGKILL);
            siginfo_t ended{};
            const int flags = WEXITED | WNOWAIT | (waited[0].revents != 0 ? 0 : WNOHANG);
            if (::waitid(P_PID, static_cast<id_t>(program), &ended, flags) == 0 && ended.si_pid == program) break;
        }
        // What it has left behind. It has not been waited for, so that nobody else can bear its number.
        ::kill(-program, SIGKILL);
        ::waitpid(program, &status, 0);
    }
    [[maybe_unused]] const ssize_t told = ::write(status_number, &status, sizeof status);
    ::_exit(0);
}

}  // namespace

ChildProcess::ChildProcess(const std::string& command, Listener listener) : listener_(std::move(listener)) {
    struct sigaction action {};
    if (::sigaction(SIGPIPE, nullptr, &action) == 0 && action.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN);
    Pipe input;
    Pipe output;
    Pipe errors;
    Pipe status;
    Pipe lifeline;
    Pipe over;
    guardian_ = ::fork();
    if (guardian_ < 0) fail("fork");
    if (guardian_ == 0) {
        guard(command.c_str(),
              {input.read.get(), output.write.get(), errors.write.get(), status.write.get(), lifeline.read.get()});
    }
    input_ = std::move(input.write);
    output_ = std::move(output.read);
    errors_ = std::move(errors.read);
    status_ = std::move(status.read);
    lifeline_ = std::move(lifeline.write);
    over_ = std::move(over.read);
    for (const Descriptor* const descriptor : {&input_, &output_, &errors_}) set_nonblocking(*descriptor);
    thread_ = std::thread([this, done = std::move(over.write)] { listen(); });
}

ChildProcess::~ChildProcess() {
    {
        const std::lock_guard lock(writing_);
        input_.close();
    }
    pollfd waited{over_.get(), POLLIN, 0};
    if (::poll(&waited, 1, static_cast<int>(moment_to_end.count())) <= 0) end("did not end by itself");
    thread_.join();
    lifeline_.close();
    while (::waitpid(guardian_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

bool ChildProcess::send(std::string_view line, Deadline deadline) {
    std::string text(line);
    text += '\n';
    const std::lock_guard lock(writing_);
    std::size_t written = 0;
    while (input_.valid() && written < text.size()) {
        const ssize_t took = ::write(input_.get(), text.data() + written, text.size() - written);
        if (took >= 0) {
            written += static_cast<std::size_t>(took);
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return false;
        pollfd waited{input_.get(), POLLOUT, 0};
        if (::poll(&waited, 1, remaining(deadline)) <= 0) return false;
    }
    return written == text.size();
}

void ChildProcess::end(const std::string& why) {
    const std::lock_guard lock(ending_);
    if (why_.empty()) why_ = why;
    lifeline_.close();
}

void ChildProcess::take_lines(std::string_view piece) {
    while (!piece.empty() && !flooded_) {
        const std::size_t newline = piece.find('\n');
        line_ += piece.substr(0, newline);
        if (line_.size() > longest_line) {
            flooded_ = true;
            end("wrote a line of more than 1 MiB, which begins with \"" + line_.substr(0, 60) + "\"");
            return;
        }
        if (newline == std::string_view::npos) return;
        piece.remove_prefix(newline + 1);
        if (line_.ends_with('\r')) line_.pop_back();
        listener_.line(line_);
        line_.clear();
    }
}

void ChildProcess::take_errors(std::string_view piece) {
    for (const char character : piece) {
        if (character != '\n' && character != '\r') {
            if (error_line_.size() < longest_error) error_line_ += character;
        } else if (!error_line_.empty()) {
            last_error_ = std::exchange(error_line_, {});
        }
    }
}

std::string ChildProcess::how_it_ended(bool output_closed, int status, bool known) {
    std::string why;
    {
        const std::lock_guard lock(ending_);
        why = why_;
    }
    if (!why.empty()) {
        // That is why it was ended.
    } else if (output_closed) {
        why = "closed its standard output";
    } else if (!known) {
        why = "has ended, nobody knows how";
    } else if (WIFSIGNALED(status)) {
        why = "was ended by signal " + std::to_string(WTERMSIG(status)) + " (" + ::strsignal(WTERMSIG(status)) + ')';
    } else {
        const int code = WEXITSTATUS(status);
        why = "ended with exit status " + std::to_string(code);
        // So a shell tells of what it has started.
        if (code > 128 && code < 128 + NSIG) why += " (signal " + std::to_string(code - 128) + ')';
    }
    return why;
}

void ChildProcess::listen() {
    bool output_open = true;
    bool errors_open = true;
    std::array<char, 65536> buffer{};
    // Whether there may be more.
    const auto take = [&](const Descriptor& from, auto taken) {
        const ssize_t came = ::read(from.get(), buffer.data(), buffer.size());
        if (came > 0) (this->*taken)(std::string_view(buffer.data(), static_cast<std::size_t>(came)));
        return came > 0 || (came < 0 && (errno == EAGAIN || errno == EINTR));
    };
    std::optional<Deadline> last_moment;
    bool output_closed = false;
    int rounds_after_its_end = 0;
    while (true) {
        std::array<pollfd, 3> waited{{{status_.get(), POLLIN, 0},
                                      {output_open ? output_.get() : -1, POLLIN, 0},
                                      {errors_open ? errors_.get() : -1, POLLIN, 0}}};
        const bool limited = last_moment && !output_closed;
        ::poll(waited.data(), waited.size(), limited ? remaining(*last_moment) : -1);
        if (limited && waited[0].revents == 0 && std::chrono::steady_clock::now() >= *last_moment) {
            // It goes on, and nobody will hear of it.
            output_closed = true;
            const std::lock_guard lock(ending_);
            lifeline_.close();
        }
        if (waited[1].revents != 0 && !take(output_, &ChildProcess::take_lines)) {
            output_open = false;
            last_moment = std::chrono::steady_clock::now() + moment_to_end;
        }
        if (waited[2].revents != 0 && !take(errors_, &ChildProcess::take_errors)) errors_open = false;
        if (waited[0].revents == 0) continue;
        // What it wrote before its end is in the pipes; what comes without end is from somebody who got away.
        if ((waited[1].revents == 0 && waited[2].revents == 0) || ++rounds_after_its_end > most_rounds) break;
    }
    int status = 0;
    const bool known = ::read(status_.get(), &status, sizeof status) == sizeof status;
    listener_.ended(how_it_ended(output_closed, status, known), error_line_.empty() ? last_error_ : error_line_);
}

}  // namespace asyncselect::conformance
