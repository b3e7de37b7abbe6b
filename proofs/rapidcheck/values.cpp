// The compiled half of rapidcheck where Debian has none, which is for Windows: random numbers, and the values that a
// property picks one after the other. Written from what the public headers declare and tell, and from nothing else, as
// far as the tests here use it: what is left out, the linker names. The numbers of a seed are other ones than those of
// Debian's library. It must not know what is tested.
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#ifdef __GNUG__
#include <cxxabi.h>
#endif

namespace rc {

// NOLINTNEXTLINE(performance-unnecessary-value-param): so the header declares it
GenerationFailure::GenerationFailure(std::string msg) : std::runtime_error(msg) {}

Random::Random() : Random(Key{}) {}
Random::Random(std::uint64_t seed) : Random(Key{seed, 0, 0, 0}) {}
Random::Random(const Key& key) : m_key(key), m_block(), m_bits(0), m_counter(0), m_bitsi(0) {}

// Which way was taken at each split is kept bit by bit, and goes into the key when there is no room for more.
void Random::append(bool x) {
    if (m_bitsi == kBits) {
        mash(m_key);
        m_bits = 0;
        m_bitsi = 0;
    }
    if (x) m_bits |= Bits{1} << m_bitsi;
    ++m_bitsi;
}

// Four words, each of which depends on every bit of the key, of the way and of the counter.
void Random::mash(Block& output) {
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
    const std::array<std::uint64_t, 7> words{m_key[0], m_key[1], m_key[2], m_key[3], m_bits, m_bitsi, m_counter};
    Block mashed{};
    std::uint64_t lane = 0;
    for (std::uint64_t& word : mashed) {
        word = ++lane * odd;
        for (const std::uint64_t one : words) word = detail::avalanche((word ^ one) + odd);
    }
    output = mashed;
}

Random Random::split() {
    Random other(*this);
    append(false);
    other.append(true);
    return other;
}

Random::Number Random::next() {
    const std::size_t at = m_counter % m_block.size();
    if (at == 0) mash(m_block);
    ++m_counter;
    return m_block[at];
}

namespace detail {

ImplicitScope::ScopeStack ImplicitScope::m_scopes;

ImplicitScope::ImplicitScope() { m_scopes.emplace(); }

ImplicitScope::~ImplicitScope() {
    for (const Destructor destroy : m_scopes.top()) destroy();
    m_scopes.pop();
}

Any::Any() noexcept = default;
void Any::reset() { m_impl.reset(); }
Any::operator bool() const { return m_impl != nullptr; }

void Any::showType(std::ostream& os) const {
    if (m_impl) m_impl->showType(os);
}

void Any::showValue(std::ostream& os) const {
    if (m_impl) m_impl->showValue(os);
}

std::ostream& operator<<(std::ostream& os, const Any& value) {
    value.showValue(os);
    return os;
}

void showValue(const std::string& value, std::ostream& os) {
    constexpr std::string_view digits = "0123456789abcdef";
    os << '"';
    for (const char one : value) {
        const auto byte = static_cast<unsigned char>(one);
        if (one == '"' || one == '\\') {
            os << '\\' << one;
        } else if (byte >= ' ' && byte < 127) {
            os << one;
        } else {
            os << "\\x" << digits[byte / 16U] << digits[byte % 16U];
        }
    }
    os << '"';
}

std::string demangle(const char* name) {
#ifdef __GNUG__
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> plain(abi::__cxa_demangle(name, nullptr, nullptr, &status),
                                                            &std::free);
    if (status == 0) return plain.get();
#endif
    return name;
}

FrequencyMap::FrequencyMap(const std::vector<std::size_t>& frequencies) : m_sum(0) {
    for (const std::size_t frequency : frequencies) m_table.push_back(m_sum += frequency);
}

std::size_t FrequencyMap::lookup(std::size_t x) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(m_table, x) - m_table.begin());
}

std::size_t FrequencyMap::sum() const { return m_sum; }

}  // namespace detail

namespace gen::detail {
namespace {

// Where nothing is generated.
class Nowhere final : public GenerationHandler {
  public:
    rc::detail::Any onGenerate(const Gen<rc::detail::Any>& /*gen*/) override {
        throw std::logic_error("a value is picked outside of a property and of gen::exec");
    }
};

}  // namespace

GenerationHandler* param::CurrentHandler::defaultValue() {
    static Nowhere nowhere;
    return &nowhere;
}

std::uint64_t scaleInteger(std::uint64_t rangeSize, int size) {
    constexpr std::uint64_t whole = kNominalSize;
    const auto part = static_cast<std::uint64_t>(std::clamp(size, 0, kNominalSize));
    return rangeSize / whole * part + (rangeSize % whole * part + whole / 2) / whole;
}

Shrinkable<bool> boolean(const Random& random, int /*size*/) {
    return shrinkable::shrinkRecur((Random(random).next() & 1U) != 0, &shrink::boolean);
}

template Shrinkable<char> integral<char>(const Random&, int);
template Shrinkable<unsigned char> integral<unsigned char>(const Random&, int);
template Shrinkable<short> integral<short>(const Random&, int);
template Shrinkable<unsigned short> integral<unsigned short>(const Random&, int);
template Shrinkable<int> integral<int>(const Random&, int);
template Shrinkable<unsigned> integral<unsigned>(const Random&, int);
template Shrinkable<long> integral<long>(const Random&, int);
template Shrinkable<unsigned long> integral<unsigned long>(const Random&, int);
template Shrinkable<long long> integral<long long>(const Random&, int);
template Shrinkable<unsigned long long> integral<unsigned long long>(const Random&, int);

ExecHandler::ExecHandler(Recipe& recipe)
    : m_recipe(recipe), m_random(recipe.random), m_it(recipe.ingredients.begin()) {}

// What the recipe has is taken; what it lacks is generated, from the same numbers however often the recipe is used.
rc::detail::Any ExecHandler::onGenerate(const Gen<rc::detail::Any>& gen) {
    const rc::detail::ImplicitScope scope;
    const Random random = m_random.split();
    if (m_it == m_recipe.ingredients.end()) {
        m_recipe.ingredients.emplace_back(gen.name(), gen(random, m_recipe.size));
        m_it = std::prev(m_recipe.ingredients.end());
    }
    return (m_it++)->value();
}

// One value smaller, and those after it anew, since they may depend on it. Those before it are as small as they get.
Seq<Recipe> shrinkRecipe(const Recipe& recipe) {
    const auto whole = std::make_shared<const Recipe>(recipe);
    return seq::mapcat(seq::range(recipe.numFixed, recipe.ingredients.size()), [whole](std::size_t index) {
        return seq::map(whole->ingredients[index].shrinks(), [whole, index](Shrinkable<rc::detail::Any> smaller) {
            Recipe shrunk(*whole);
            const auto rest = shrunk.ingredients.begin() + static_cast<std::ptrdiff_t>(index);
            std::string description = std::move(rest->description);
            shrunk.ingredients.erase(rest, shrunk.ingredients.end());
            shrunk.ingredients.emplace_back(std::move(description), std::move(smaller));
            shrunk.numFixed = index;
            return shrunk;
        });
    });
}

}  // namespace gen::detail
}  // namespace rc
