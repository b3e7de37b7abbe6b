// Writing the model's documents to files. Must not know what they say.
#include "conformance/tables.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "model/tables.hpp"

namespace asyncselect::conformance {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(WrittenTables, AreWrittenOnlyWhereTheyDiffer) {
    const fs::path folder = fs::path(testing::TempDir()) / "asyncselect_tables";
    fs::remove_all(folder);
    const auto all = static_cast<int>(model::documents().size());
    EXPECT_EQ(write_tables(folder.string()), all);
    EXPECT_EQ(write_tables(folder.string()), 0);
    std::ofstream(folder / "read.md") << "something else";
    EXPECT_EQ(write_tables(folder.string()), 1);
    EXPECT_EQ(read_file(folder / "read.md"), model::print_table(model::Event::read, model::TableFormat::markdown));
    fs::remove_all(folder);
}

TEST(WrittenTables, SayWhereTheyCannotBeWritten) {
    const fs::path file = fs::path(testing::TempDir()) / "asyncselect_no_folder";
    std::ofstream(file) << "a file";
    EXPECT_THROW(write_tables(file.string()), std::runtime_error);
    fs::remove(file);
}

model::Coverage coverage_in(const std::string& text) {
    std::istringstream stream(text);
    return read_coverage(stream);
}

TEST(Coverage, IsReadFromTheKeysOfTransitions) {
    const model::Coverage coverage = coverage_in(R"({"transitions": ["read-5", "socket-cancelled-read"], "more": 1})");
    EXPECT_EQ(coverage.count(), 2U);
    EXPECT_TRUE(coverage.test(model::number_of(*model::row_named("read-5"))));
    EXPECT_TRUE(coverage_in(R"({"transitions": []})").none());
}

TEST(Coverage, OfAnotherShapeIsRefused) {
    for (const char* const text :
         {"", "{", "[]", "{}", R"({"transitions": 1})", R"({"transitions": [1]})", R"({"transitions": ["read-99"]})"}) {
        EXPECT_THROW(coverage_in(text), std::runtime_error) << text;
    }
}

}  // namespace
}  // namespace asyncselect::conformance
