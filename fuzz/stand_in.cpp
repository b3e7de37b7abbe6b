// libFuzzer's own mutation of bytes where there is no libFuzzer: targets with a mutator of their own may ask for it,
// and when inputs are only played again nobody does.
#include <cstddef>
#include <cstdint>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* /*data*/, std::size_t size, std::size_t /*max_size*/) {
    return size;
}
