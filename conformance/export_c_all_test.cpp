// Every scenario as a C program over our library, and some with each compiler: what a compiler may mind is much the
// same in all of them.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "conformance/export_c.hpp"
#include "conformance/exported_program.hpp"
#include "conformance/suite.hpp"

namespace asyncselect::conformance {
namespace {

// Compiles one and runs it, in its own folder. False if there is no compiler.
bool holds(const Script& script, const std::string& source, bool by_each_compiler) {
    const ExportedProgram program(source);
    if (by_each_compiler) {
        for (const char* compiler : {"gcc", "clang"}) {
            if (there_is(compiler)) {
                EXPECT_EQ(program.compile(compiler), "") << script.name;
            }
        }
        if (there_is("x86_64-w64-mingw32-gcc")) {
            EXPECT_EQ(program.compile_for_windows(), "") << script.name;
        }
    }
    if (!there_is(ASYNCSELECT_C_COMPILER)) return false;
    const std::string complaints = program.build();
    EXPECT_EQ(complaints, "") << script.name;
    if (!complaints.empty()) return true;
    const CommandResult result = program.run();
    EXPECT_EQ(result.code, 0) << script.name << '\n' << result.text;
    return true;
}

TEST(ExportC, EveryScenarioCompilesAndRunsOrSaysWhyNot) {
    constexpr std::size_t compiled_by_each = 12;  // every so many of them
    constexpr std::size_t at_once = 4;            // they wait most of the time
    struct Exported {
        const Script* script;
        std::string source;
    };
    std::vector<Exported> exported;
    std::size_t refused = 0;
    for (const Script& script : embedded_suite()) {
        try {
            exported.push_back({&script, export_c(script)});
        } catch (const NotExportable& error) {
            EXPECT_NE(std::string(error.what()), "") << script.name;
            ++refused;
        }
    }
    EXPECT_LE(refused, embedded_suite().size() / 4);
    std::atomic<std::size_t> next = 0;
    std::atomic<std::size_t> ran = 0;
    {
        std::vector<std::jthread> workers;
        for (std::size_t worker = 0; worker < at_once; ++worker)
            workers.emplace_back([&] {
                for (std::size_t one = next++; one < exported.size(); one = next++)
                    if (holds(*exported[one].script, exported[one].source, one % compiled_by_each == 0)) ++ran;
            });
    }
    if (ran == 0) GTEST_SKIP() << "there is no C compiler on this machine";
    EXPECT_EQ(ran, exported.size());
}

}  // namespace
}  // namespace asyncselect::conformance
