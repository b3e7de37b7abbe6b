// The compiled half of rapidcheck where Debian has none, which is for Windows: a property that is tried, its
// counterexample made small, and told. Written from what the public headers declare and tell, and from nothing else, as
// far as the tests here use it. It must not know what is tested.
#include <rapidcheck.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rc::detail {
namespace {

const char* plural(std::size_t count) { return count == 1 ? "" : "s"; }

template <typename Number>
Number number_of(std::string_view key, std::string_view text) {
    Number number{};
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (wrong != std::errc{} || end != text.data() + text.size() || number < Number{})
        throw ConfigurationException(std::string(key) + " is a number, not \"" + std::string(text) + "\"");
    return number;
}

Configuration configuration_of_environment() {
    Configuration defaults;
    std::random_device device;
    defaults.testParams.seed = (std::uint64_t{device()} << 32U) | device();
    const char* const text = std::getenv("RC_PARAMS");
    Configuration config = configFromString(text != nullptr ? text : "", defaults);
    std::cerr << "Using configuration: seed=" << config.testParams.seed << '\n';
    return config;
}

// From none to the largest: again and again, or evenly where there are too few cases for that.
int size_of(int done, const TestParams& params) {
    if (params.maxSuccess > params.maxSize) return done % (params.maxSize + 1);
    if (params.maxSuccess < 2) return params.maxSize;
    return static_cast<int>(std::int64_t{done} * params.maxSize / (params.maxSuccess - 1));
}

// The first smaller case that fails as well, and of that one again, until none does.
FailureResult smallest(const Shrinkable<CaseDescription>& found, CaseDescription description, int done,
                       Reproduce reproduce, bool shrinks_wanted) {
    if (shrinks_wanted) {
        auto smaller = found.shrinks();
        std::size_t index = 0;
        while (const auto next = smaller.next()) {
            CaseDescription tried = next->value();
            if (tried.result.type != CaseResult::Type::Failure) {
                ++index;
                continue;
            }
            description = std::move(tried);
            reproduce.shrinkPath.push_back(index);
            smaller = next->shrinks();
            index = 0;
        }
    }
    return {done, description.result.description, std::move(reproduce), description.example()};
}

TestResult check_cases(const Property& property, const TestParams& params) {
    Random random(params.seed);
    std::int64_t discarded = 0;
    int done = 0;
    while (done < params.maxSuccess) {
        const Random of_case = random.split();
        const int size = size_of(done, params);
        const auto shrinkable = property(of_case, size);
        CaseDescription description = shrinkable.value();
        switch (description.result.type) {
            case CaseResult::Type::Success:
                ++done;
                break;
            case CaseResult::Type::Discard:
                if (++discarded > std::int64_t{params.maxDiscardRatio} * params.maxSuccess)
                    return GaveUpResult{done, description.result.description};
                break;
            case CaseResult::Type::Failure:
                return smallest(shrinkable, std::move(description), done, {of_case, size, {}},
                                !params.disableShrinking);
        }
    }
    return SuccessResult{done, {}};
}

}  // namespace

CaseResult::CaseResult() : type(Type::Success) {}
CaseResult::CaseResult(Type t, std::string desc) : type(t), description(std::move(desc)) {}
Error::Error(std::string desc) : description(std::move(desc)) {}

PropertyContext* param::CurrentPropertyContext::defaultValue() { return nullptr; }

AdapterContext::AdapterContext() : m_resultType(CaseResult::Type::Success) {}

// A failure stays one. A case that was given up counts as such unless something has failed in it.
bool AdapterContext::reportResult(const CaseResult& result) {
    if (m_resultType == CaseResult::Type::Failure && result.type != CaseResult::Type::Failure) return false;
    if (m_resultType != result.type) m_messages.clear();
    if (m_resultType != CaseResult::Type::Discard || result.type == CaseResult::Type::Failure)
        m_resultType = result.type;
    m_messages.push_back(result.description);
    return true;
}

std::ostream& AdapterContext::logStream() { return m_logStream; }

void AdapterContext::addTag(std::string str) { m_tags.push_back(std::move(str)); }

TaggedResult AdapterContext::result() const {
    std::string told;
    for (const std::string& message : m_messages) told += (told.empty() ? "" : "\n\n") + message;
    if (const std::string log = m_logStream.str(); !log.empty()) told += "\n\nLog:\n" + log;
    return {CaseResult(m_resultType, std::move(told)), m_tags};
}

Gen<CaseDescription> mapToCaseDescription(Gen<std::pair<TaggedResult, gen::detail::Recipe>> gen) {
    return gen::map(std::move(gen), [](std::pair<TaggedResult, gen::detail::Recipe> played) {
        CaseDescription description;
        description.result = std::move(played.first.result);
        description.tags = std::move(played.first.tags);
        // Asked of what is told in the end alone: values can be long.
        description.example = [recipe = std::move(played.second)] {
            Example example;
            for (const auto& ingredient : recipe.ingredients) {
                const Any value = ingredient.value();
                std::ostringstream type;
                std::ostringstream shown;
                value.showType(type);
                value.showValue(shown);
                example.emplace_back(ingredient.description.empty() ? type.str() : ingredient.description, shown.str());
            }
            return example;
        };
        return description;
    });
}

TestResult checkProperty(const Property& property, const TestMetadata& /*metadata*/, const TestParams& params) {
    try {
        return check_cases(property, params);
    } catch (const std::exception& wrong) {
        return Error(wrong.what());
    }
}

TestResult checkProperty(const Property& property, const TestMetadata& metadata) {
    return checkProperty(property, metadata, configuration().testParams);
}

ConfigurationException::ConfigurationException(std::string msg) : m_msg(std::move(msg.insert(0, "RC_PARAMS: "))) {}
const char* ConfigurationException::what() const noexcept { return m_msg.c_str(); }

Configuration configFromString(const std::string& str, const Configuration& defaults) {
    Configuration config = defaults;
    TestParams& params = config.testParams;
    std::istringstream words(str);
    for (std::string word; words >> word;) {
        const std::size_t equals = word.find('=');
        const std::string key = word.substr(0, equals);
        const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
        if (key == "seed") {
            params.seed = number_of<std::uint64_t>(key, value);
        } else if (key == "max_success") {
            params.maxSuccess = number_of<int>(key, value);
        } else if (key == "max_size") {
            params.maxSize = number_of<int>(key, value);
        } else if (key == "max_discard_ratio") {
            params.maxDiscardRatio = number_of<int>(key, value);
        } else if (key == "noshrink") {
            params.disableShrinking = number_of<int>(key, value) != 0;
        } else {
            throw ConfigurationException('"' + word +
                                         "\" is not understood: seed, max_success, max_size, max_discard_ratio and "
                                         "noshrink are, each with = and a number");
        }
    }
    return config;
}

const Configuration& configuration() {
    static const Configuration config = configuration_of_environment();
    return config;
}

void printResultMessage(const SuccessResult& result, std::ostream& os) {
    os << "OK, passed " << result.numSuccess << " test" << plural(static_cast<std::size_t>(result.numSuccess));
}

void printResultMessage(const FailureResult& result, std::ostream& os) {
    const std::size_t shrinks = result.reproduce.shrinkPath.size();
    const int tests = result.numSuccess + 1;
    os << "Falsifiable after " << tests << " test" << plural(static_cast<std::size_t>(tests));
    if (shrinks != 0) os << " and " << shrinks << " shrink" << plural(shrinks);
    os << "\n\n";
    for (const auto& [what, value] : result.counterExample) os << what << ":\n" << value << "\n\n";
    os << result.description;
}

void printResultMessage(const GaveUpResult& result, std::ostream& os) {
    os << "Gave up after " << result.numSuccess << " test" << plural(static_cast<std::size_t>(result.numSuccess))
       << "\n\n"
       << result.description;
}

void printResultMessage(const TestResult& result, std::ostream& os) {
    if (result.is<SuccessResult>()) {
        printResultMessage(result.get<SuccessResult>(), os);
    } else if (result.is<FailureResult>()) {
        printResultMessage(result.get<FailureResult>(), os);
    } else if (result.is<GaveUpResult>()) {
        printResultMessage(result.get<GaveUpResult>(), os);
    } else {
        os << "Could not be tried: " << result.get<Error>().description;
    }
}

std::string makeMessage(const std::string& file, int line, const std::string& assertion, const std::string& extra) {
    return file + ":" + std::to_string(line) + ":\n" + assertion + (extra.empty() ? "" : "\n\n" + extra);
}

std::string makeExpressionMessage(const std::string& file, int line, const std::string& assertion,
                                  const std::string& expansion) {
    return makeMessage(file, line, assertion, "Expands to:\n" + expansion);
}

}  // namespace rc::detail
