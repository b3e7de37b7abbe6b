// This project's own sockets for Windows, with the system's windows. It must not know scenarios or clauses.
// The library's header before those of Windows, which make macros of some of its names.
#include "conformance/native_provider.hpp"

#include <memory>

#include "conformance/system_provider.hpp"
#include "conformance/system_windows.hpp"
#include "impl/window/windows/pump.hpp"

namespace asyncselect::conformance {

namespace {

class OverCompletionPort final : public WithSystemWindows<NativeSockets> {
  public:
    explicit OverCompletionPort(bool pumps) : WithSystemWindows(Posting::eager), pumps_(pumps) {}

    std::string_view name() const override { return pumps_ ? "iocp" : "iocp-eager"; }
    // The scenarios were made on Linux: what its sockets and Windows' bring about is not always the same.
    bool shows_claims() const override { return false; }
    std::optional<std::string> cannot_fail_subsystem() const override {
        return "the network of this machine cannot be made to fail";
    }
    bool fail_subsystem() override { return false; }
    void restore_subsystem() override {}
    std::optional<std::string> cannot_queue_urgent() const override { return why_urgent_is_single(); }

    // The library's GetMessage, with an end: what it finds is kept until it is to be removed.
    std::optional<WindowMessage> peek(bool remove) override {
        if (!pumps_) return WithSystemWindows::peek(remove);
        if (!found_) retrieve(0);
        auto told = found_;
        if (remove) found_.reset();
        return told;
    }
    void wait(int milliseconds) override {
        if (!pumps_) return WithSystemWindows::wait(milliseconds);
        if (!found_) retrieve(static_cast<DWORD>(milliseconds));
    }

    Result destroy_window(Handle window) override {
        if (found_ && found_->window == window) found_.reset();
        return WithSystemWindows::destroy_window(window);
    }

  private:
    void retrieve(DWORD milliseconds) {
        MSG message{};
        switch (window::pump::retrieve(message, false, milliseconds)) {
            case window::pump::Retrieved::message:
                found_ = told(message);
                return;
            case window::pump::Retrieved::nothing:
                return;
            case window::pump::Retrieved::elsewhere:
                if (milliseconds != 0) WithSystemWindows::wait(static_cast<int>(milliseconds));
                found_ = WithSystemWindows::peek(true);
        }
    }

    bool pumps_;
    static inline thread_local std::optional<WindowMessage> found_;
};

}  // namespace

std::unique_ptr<Provider> make_iocp_provider(bool pumps) { return std::make_unique<OverCompletionPort>(pumps); }

}  // namespace asyncselect::conformance
