// A separate program that is spoken with in lines, over its standard input and output: started by the shell, ended
// whatever happens, and nothing of it stays behind. It must not know what is said.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "conformance/peer.hpp"

namespace asyncselect::conformance {

// Between the program and this one stands a third process, the guardian. It ends the program, with all that this has
// started, when it is told to, and also when this process ends in whatever way, Ctrl-C included.
class ChildProcess {
  public:
    // Both are called on one thread of its own. A line comes without its end; `ended` is called once, at last, with why
    // there will be no more, "ended with exit status 3", and the last line of its standard error, which may be empty.
    // They must not destroy the object.
    struct Listener {
        std::function<void(std::string_view)> line;
        std::function<void(const std::string&, const std::string&)> ended;
    };

    // Has /bin/sh run `command`. From then on SIGPIPE is ignored in this process. Throws std::runtime_error when the
    // system gives no process or descriptor; a command that does not exist is one that ends at once.
    ChildProcess(const std::string& command, Listener listener);
    // Closes its standard input, gives it a moment to end, and ends it.
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    // Writes the line and a newline. Whether it took them before the deadline. Any thread.
    bool send(std::string_view line, Deadline deadline);
    // Ends it at once; `ended` is told this reason, unless there was one before. Any thread.
    void end(const std::string& why);

  private:
    void listen();
    void take_lines(std::string_view piece);
    void take_errors(std::string_view piece);
    [[nodiscard]] std::string how_it_ended(bool output_closed, int status, bool known);

    Listener listener_;
    std::mutex writing_;
    std::mutex ending_;  // of `lifeline_` and `why_`
    std::string why_;
    Descriptor lifeline_;  // the guardian ends the program when this is closed
    Descriptor input_;     // of the program: what is written here it reads
    Descriptor output_;
    Descriptor errors_;
    Descriptor status_;
    pid_t guardian_ = -1;
    std::string line_;        // the beginning of the one that comes
    std::string error_line_;  // the same for standard error
    std::string last_error_;  // the last one that was not empty
    bool flooded_ = false;
    Descriptor over_;  // readable at its end when the thread has done
    std::thread thread_;
};

}  // namespace asyncselect::conformance
