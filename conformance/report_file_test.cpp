// Files that are written as a whole or not at all.
#include "conformance/report_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace asyncselect::conformance {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

class ReportFile : public testing::Test {
  protected:
    ReportFile() : folder_(fs::temp_directory_path() / ("asyncselect-report-" + std::to_string(::getpid()))) {
        fs::create_directory(folder_);
    }
    ~ReportFile() override { fs::remove_all(folder_); }

    [[nodiscard]] std::string in_folder(const std::string& name) const { return (folder_ / name).string(); }
    [[nodiscard]] std::size_t files() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {}));
    }
    // "" if it was written.
    static std::string complaint(const std::string& path, std::string_view text) {
        try {
            demand_writable(path);
            write_file(path, text);
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "";
    }

    fs::path folder_;
};

TEST_F(ReportFile, IsWrittenAndReplaced) {
    EXPECT_EQ(complaint(in_folder("report"), "one"), "");
    EXPECT_EQ(content(folder_ / "report"), "one");
    fs::permissions(folder_ / "report", fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(complaint(in_folder("report"), "two"), "");
    EXPECT_EQ(content(folder_ / "report"), "two");
    EXPECT_EQ(fs::status(folder_ / "report").permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(files(), 1U);
}

TEST_F(ReportFile, ALinkStaysOne) {
    EXPECT_EQ(complaint(in_folder("real"), "one"), "");
    fs::create_symlink("real", folder_ / "link");
    EXPECT_EQ(complaint(in_folder("link"), "two"), "");
    EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
    EXPECT_EQ(content(folder_ / "real"), "two");
}

TEST_F(ReportFile, AFolderThatDoesNotExistIsTold) {
    const std::string path = in_folder("none/report");
    EXPECT_EQ(complaint(path, "text"), path + ": cannot be written: No such file or directory");
    EXPECT_EQ(complaint(folder_.string(), "text"), folder_.string() + ": cannot be written: Is a directory");
}

TEST_F(ReportFile, AFullDiskIsTold) {
    EXPECT_EQ(complaint("/dev/full", std::string(100'000, 'x')),
              "/dev/full: cannot be written: No space left on device");
    EXPECT_EQ(complaint("/dev/full", "short"), "/dev/full: cannot be written: No space left on device");
    EXPECT_TRUE(fs::is_character_file("/dev/full")) << "it was replaced";
}

TEST_F(ReportFile, TheOldOneStaysWhereTheNewOneFails) {
    const std::string path = in_folder("report");
    EXPECT_EQ(complaint(path, "old"), "");
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    rlimit small = before;
    small.rlim_cur = 1000;
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    const std::string told = complaint(path, std::string(100'000, 'x'));
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_EQ(told, path + ": cannot be written: File too large");
    EXPECT_EQ(content(path), "old");
    EXPECT_EQ(files(), 1U) << "nothing is left behind";
}

}  // namespace
}  // namespace asyncselect::conformance
