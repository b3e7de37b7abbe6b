// The provider that this project implements, over the system's network. It must not know scenarios or clauses.
#include "conformance/native_provider.hpp"

#include <memory>

#include "conformance/faults.hpp"

namespace asyncselect::conformance {

namespace {

class OverTheSystem final : public NativeProvider {
  public:
    using NativeProvider::NativeProvider;

    std::optional<std::string> cannot_fail_subsystem() const override { return faults::not_possible(); }
    bool fail_subsystem() override { return faults::fail_subsystem(); }
    void restore_subsystem() override { faults::restore(); }
};

}  // namespace

std::unique_ptr<Provider> make_native_provider(Posting posting) { return std::make_unique<OverTheSystem>(posting); }

}  // namespace asyncselect::conformance
