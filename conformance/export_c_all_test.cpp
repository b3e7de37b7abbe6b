// Every scenario as a C program over our library, and some with each compiler: what a compiler may mind is much the
// same in all of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "conformance/export_c.hpp"
#include "conformance/exported_program.hpp"
#include "conformance/suite.hpp"

namespace asyncselect::conformance {
namespace {

TEST(ExportC, EveryScenarioCompilesAndRunsOrSaysWhyNot) {
    constexpr std::size_t compiled_by_each = 4;  // every so many of them
    std::size_t seen = 0;
    std::size_t refused = 0;
    std::size_t ran = 0;
    for (const Script& script : embedded_suite()) {
        std::string source;
        try {
            source = export_c(script);
        } catch (const NotExportable& error) {
            EXPECT_NE(std::string(error.what()), "") << script.name;
            ++refused;
            continue;
        }
        const ExportedProgram program(source);
        if (seen++ % compiled_by_each == 0) {
            for (const char* compiler : {"gcc", "clang"}) {
                if (there_is(compiler)) {
                    EXPECT_EQ(program.compile(compiler), "") << script.name;
                }
            }
            if (there_is("x86_64-w64-mingw32-gcc")) {
                EXPECT_EQ(program.compile_for_windows(), "") << script.name;
            }
        }
        if (!there_is(ASYNCSELECT_C_COMPILER)) continue;
        ASSERT_EQ(program.build(), "") << script.name;
        const CommandResult result = program.run();
        EXPECT_EQ(result.code, 0) << script.name << '\n' << result.text;
        ++ran;
    }
    EXPECT_LE(refused, embedded_suite().size() / 4);
    if (ran == 0) GTEST_SKIP() << "there is no C compiler on this machine";
}

}  // namespace
}  // namespace asyncselect::conformance
