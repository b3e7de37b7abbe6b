// Files, and input that is kept. It must not know what a trace is.
#include "conformance/trace_source.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <stdexcept>
#include <streambuf>
#include <utility>

#include "conformance/file_error.hpp"

namespace asyncselect::conformance {

namespace {

constexpr std::size_t piece = std::size_t{1} << 16U;

class File : public TraceSource {
  public:
    explicit File(std::string path) : path_(std::move(path)) {}

    [[nodiscard]] std::string name() const override { return path_; }

    std::unique_ptr<std::istream> open() override {
        auto stream = std::make_unique<std::ifstream>(path_, std::ios::binary);
        if (!*stream || std::filesystem::is_directory(path_)) throw std::runtime_error(unreadable(path_));
        return stream;
    }

  private:
    std::string path_;
};

// A file that is gone when nobody holds it any more.
class Kept {
  public:
    Kept() {
        std::random_device random;
        for (int attempt = 0; attempt < 100 && !file_; ++attempt) {
            path_ = std::filesystem::temp_directory_path() / ("asyncselect-" + std::to_string(random()) + ".trace");
            file_.reset(std::fopen(path_.string().c_str(), "w+bx"));
        }
        if (!file_) fail();
        std::error_code may_be_in_use;
        std::filesystem::remove(path_, may_be_in_use);
    }

    ~Kept() {
        // Where a file that is open cannot be removed.
        file_.reset();
        std::error_code gone_already;
        std::filesystem::remove(path_, gone_already);
    }
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;

    void append(const char* bytes, std::size_t count) {
        if (std::fseek(file_.get(), 0, SEEK_END) != 0 || std::fwrite(bytes, 1, count, file_.get()) != count) fail();
    }

    std::size_t read(std::uint64_t at, char* bytes, std::size_t count) {
        if (std::fseek(file_.get(), static_cast<long>(at), SEEK_SET) != 0) fail();
        return std::fread(bytes, 1, count, file_.get());
    }

  private:
    [[noreturn]] void fail() const {
        throw std::runtime_error(path_.string() +
                                 ": what is read cannot be kept there; TMPDIR names another folder with more room");
    }

    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::filesystem::path path_;
    std::unique_ptr<std::FILE, Close> file_;
};

// Reads the input and keeps it.
class Keeping : public std::streambuf {
  public:
    Keeping(std::istream& input, Kept& kept) : input_(input), kept_(kept) {}

  protected:
    int_type underflow() override {
        // What is there, and not more: a pipe that goes on slowly is judged as it goes.
        int_type first = input_.rdbuf()->sbumpc();
        if (first == traits_type::eof()) return first;
        bytes_[0] = traits_type::to_char_type(first);
        std::size_t count = 1;
        const std::streamsize there = input_.rdbuf()->in_avail();
        if (there > 0) {
            const auto wanted = std::min<std::streamsize>(there, static_cast<std::streamsize>(bytes_.size() - 1));
            count += static_cast<std::size_t>(input_.rdbuf()->sgetn(bytes_.data() + 1, wanted));
        }
        kept_.append(bytes_.data(), count);
        setg(bytes_.data(), bytes_.data(), bytes_.data() + count);
        return traits_type::to_int_type(bytes_[0]);
    }

  private:
    std::istream& input_;
    Kept& kept_;
    std::array<char, piece> bytes_{};
};

// Reads what was kept.
class Again : public std::streambuf {
  public:
    explicit Again(Kept& kept) : kept_(kept) {}

  protected:
    int_type underflow() override {
        const std::size_t count = kept_.read(at_, bytes_.data(), bytes_.size());
        if (count == 0) return traits_type::eof();
        at_ += count;
        setg(bytes_.data(), bytes_.data(), bytes_.data() + count);
        return traits_type::to_int_type(bytes_[0]);
    }

  private:
    Kept& kept_;
    std::uint64_t at_ = 0;
    std::array<char, piece> bytes_{};
};

// A stream that owns its buffer.
class Stream : public std::istream {
  public:
    explicit Stream(std::unique_ptr<std::streambuf> buffer) : std::istream(buffer.get()), buffer_(std::move(buffer)) {}

  private:
    std::unique_ptr<std::streambuf> buffer_;
};

class Input : public TraceSource {
  public:
    Input(std::istream& input, std::string name) : input_(input), name_(std::move(name)) {}

    [[nodiscard]] std::string name() const override { return name_; }

    std::unique_ptr<std::istream> open() override {
        if (kept_) return std::make_unique<Stream>(std::make_unique<Again>(*kept_));
        kept_.emplace();
        return std::make_unique<Stream>(std::make_unique<Keeping>(input_, *kept_));
    }

  private:
    std::istream& input_;
    std::string name_;
    std::optional<Kept> kept_;
};

}  // namespace

std::unique_ptr<TraceSource> trace_in_file(const std::string& file) {
    auto source = std::make_unique<File>(file);
    source->open();
    return source;
}

std::unique_ptr<TraceSource> trace_in_stream(std::istream& input, std::string name) {
    return std::make_unique<Input>(input, std::move(name));
}

}  // namespace asyncselect::conformance
