// This project's own sockets for Windows, with the system's windows. It must not know scenarios or clauses.
// The library's header before those of Windows, which make macros of some of its names.
#include "conformance/native_provider.hpp"

#include <memory>

#include "conformance/system_provider.hpp"
#include "conformance/system_windows.hpp"

namespace asyncselect::conformance {

namespace {

class OverCompletionPort final : public WithSystemWindows<NativeSockets> {
  public:
    OverCompletionPort() : WithSystemWindows(Posting::eager) {}

    std::string_view name() const override { return "iocp"; }
    // The scenarios were made on Linux: what its sockets and Windows' bring about is not always the same.
    bool shows_claims() const override { return false; }
    std::optional<std::string> cannot_fail_subsystem() const override {
        return "the network of this machine cannot be made to fail";
    }
    bool fail_subsystem() override { return false; }
    void restore_subsystem() override {}
    std::optional<std::string> cannot_queue_urgent() const override { return why_urgent_is_single(); }
};

}  // namespace

std::unique_ptr<Provider> make_iocp_provider() { return std::make_unique<OverCompletionPort>(); }

}  // namespace asyncselect::conformance
