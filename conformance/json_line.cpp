// Reading one line. It must not know which fields there are.
#include "conformance/json_line.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace asyncselect::conformance {

namespace {

std::string in_hexadecimal(unsigned char byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    return std::string("0x") + digits[byte >> 4U] + digits[byte & 15U];
}

class Scanner {
  public:
    Scanner(std::string_view text, std::size_t line) : text_(text), line_(line) {}

    std::vector<JsonField> object() {
        std::vector<JsonField> fields;
        space();
        if (at_ == text_.size()) fail("the line is empty: this is no JSON object");
        if (text_[at_] != '{') {
            if (text_[at_] == '[') fail("a line is a JSON object: {\"quiet\":true}");
            fail_at_byte("a line is a JSON object, which begins with {");
        }
        ++at_;
        space();
        if (next() == '}') {
            ++at_;
        } else {
            do {
                space();
                if (fields.size() == most_fields) fail("a line has fewer fields");
                fields.push_back(field(fields));
                space();
            } while (separated());
        }
        space();
        if (at_ != text_.size()) fail_at_byte("the object has ended: one observation a line");
        return fields;
    }

  private:
    [[noreturn]] void fail(const std::string& what) const { throw TraceError(line_, at_ + 1, what); }
    [[noreturn]] void fail_at(std::size_t place, const std::string& what) const {
        throw TraceError(line_, place + 1, what);
    }
    // Says also what stands there.
    [[noreturn]] void fail_at_byte(const std::string& what) const {
        if (at_ == text_.size()) fail(what + "; but the line ends here");
        const auto byte = static_cast<unsigned char>(text_[at_]);
        if (byte == 0 || byte == 0xfe || byte == 0xff)
            fail(what + "; here is the byte " + in_hexadecimal(byte) + ": write traces in UTF-8");
        if (byte < 0x20 || byte > 0x7e) fail(what + "; here is the byte " + in_hexadecimal(byte));
        fail(what + "; here is \"" + text_[at_] + '"');
    }

    // 0 at the end; a byte that is 0 belongs to no JSON.
    [[nodiscard]] char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    void space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
    }

    // Whether another field follows.
    bool separated() {
        const char byte = next();
        if (byte != ',' && byte != '}') fail_at_byte("a comma or } is expected behind a value");
        ++at_;
        return byte == ',';
    }

    JsonField field(const std::vector<JsonField>& before) {
        JsonField field;
        field.name_column = at_ + 1;
        if (next() != '"') fail_at_byte("the name of a field is expected, in quotes");
        field.name = text();
        if (std::ranges::find(before, field.name, &JsonField::name) != before.end())
            fail_at(field.name_column - 1, "the field \"" + field.name + "\" stands there twice");
        space();
        if (next() != ':') fail_at_byte("a colon is expected behind the name of a field");
        ++at_;
        space();
        field.value_column = at_ + 1;
        value(field);
        return field;
    }

    void value(JsonField& field) {
        const char byte = next();
        if (byte == '"') {
            field.kind = JsonField::Kind::text;
            field.text = text();
        } else if (byte == '-' || (byte >= '0' && byte <= '9')) {
            number(field);
        } else if (word("true") || word("false")) {
            field.kind = JsonField::Kind::truth;
            field.truth = byte == 't';
        } else if (byte == '{' || byte == '[') {
            fail("nothing is nested in a line: a value is a text, a number, true or false");
        } else if (text_.substr(at_).starts_with("null")) {
            fail("null says nothing here: leave the field \"" + field.name + "\" out");
        } else {
            fail_at_byte("a value is expected: a text, a number, true or false");
        }
    }

    bool word(std::string_view expected) {
        if (!text_.substr(at_).starts_with(expected)) return false;
        at_ += expected.size();
        return true;
    }

    void number(JsonField& field) {
        const std::size_t begin = at_;
        field.kind = JsonField::Kind::number;
        field.negative = next() == '-';
        if (field.negative) ++at_;
        const std::size_t first = at_;
        while (next() >= '0' && next() <= '9') {
            const auto digit = static_cast<std::uint64_t>(next() - '0');
            if (field.magnitude > (std::numeric_limits<std::uint64_t>::max() - digit) / 10)
                fail_at(begin, "this number is larger than any that a trace has");
            field.magnitude = field.magnitude * 10 + digit;
            ++at_;
        }
        if (at_ == first) fail_at_byte("a digit is expected");
        if (text_[first] == '0' && at_ > first + 1) fail_at(begin, "a number does not begin with 0");
        if (next() == '.' || next() == 'e' || next() == 'E')
            fail_at(begin, "numbers are whole here and written without \".\" and \"e\": 5, not 5.0; 1000, not 1e3");
    }

    std::string text() {
        const std::size_t begin = at_++;
        std::string value;
        while (true) {
            if (at_ == text_.size()) fail_at(begin, "this text has no end: its closing quote is missing");
            const auto byte = static_cast<unsigned char>(text_[at_]);
            if (byte == '"') break;
            if (byte == '\\') {
                escape(value);
            } else if (byte < 0x20) {
                constexpr std::string_view digits = "0123456789abcdef";
                fail("a text does not hold the byte " + in_hexadecimal(byte) + " as it is: write \\u00" +
                     digits[byte >> 4U] + digits[byte & 15U]);
            } else {
                character(value);
            }
        }
        ++at_;
        return value;
    }

    // One character of UTF-8, as it is.
    void character(std::string& value) {
        const auto first = static_cast<unsigned char>(text_[at_]);
        std::size_t size = 1;
        std::uint32_t code = first;
        if (first >= 0xf0 && first <= 0xf4) {
            size = 4;
            code = first & 7U;
        } else if (first >= 0xe0 && first < 0xf0) {
            size = 3;
            code = first & 15U;
        } else if (first >= 0xc2 && first < 0xe0) {
            size = 2;
            code = first & 31U;
        } else if (first >= 0x80) {
            fail("the byte " + in_hexadecimal(first) + " is no UTF-8: write traces in UTF-8");
        }
        constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
        for (std::size_t index = 1; index < size; ++index) {
            const unsigned char byte = at_ + index < text_.size() ? static_cast<unsigned char>(text_[at_ + index]) : 0;
            if ((byte & 0xc0U) != 0x80)
                fail("the byte " + in_hexadecimal(first) + " begins a character of UTF-8 that does not go on");
            code = code << 6U | (byte & 63U);
        }
        if (code < least[size] || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
            fail("these bytes are no character of UTF-8");
        value.append(text_.substr(at_, size));
        at_ += size;
    }

    void escape(std::string& value) {
        const std::size_t begin = at_++;
        constexpr std::array<std::pair<char, char>, 8> plain{
            {{'"', '"'}, {'\\', '\\'}, {'/', '/'}, {'b', '\b'}, {'f', '\f'}, {'n', '\n'}, {'r', '\r'}, {'t', '\t'}}};
        const char byte = next();
        if (const auto* const found = std::ranges::find(plain, byte, &std::pair<char, char>::first);
            found != plain.end()) {
            ++at_;
            value += found->second;
            return;
        }
        if (byte != 'u') fail_at(begin, "behind \\ stands one of \" \\ / b f n r t u");
        ++at_;
        std::uint32_t code = four_digits(begin);
        if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_).starts_with("\\u")) {
            at_ += 2;
            const std::uint32_t second = four_digits(begin);
            if (second < 0xdc00 || second > 0xdfff) fail_at(begin, "half of a surrogate pair is no character");
            code = 0x10000 + ((code - 0xd800) << 10U) + (second - 0xdc00);
        }
        if (code >= 0xd800 && code < 0xe000) fail_at(begin, "half of a surrogate pair is no character");
        append(value, code);
    }

    std::uint32_t four_digits(std::size_t begin) {
        std::uint32_t code = 0;
        for (int count = 0; count < 4; ++count, ++at_) {
            const char byte = next();
            std::uint32_t digit = 0;
            if (byte >= '0' && byte <= '9')
                digit = static_cast<std::uint32_t>(byte - '0');
            else if (byte >= 'a' && byte <= 'f')
                digit = static_cast<std::uint32_t>(byte - 'a' + 10);
            else if (byte >= 'A' && byte <= 'F')
                digit = static_cast<std::uint32_t>(byte - 'A' + 10);
            else
                fail_at(begin, "behind \\u stand four hexadecimal digits");
            code = code << 4U | digit;
        }
        return code;
    }

    static void append(std::string& value, std::uint32_t code) {
        const auto add = [&value](std::uint32_t byte) { value += static_cast<char>(static_cast<unsigned char>(byte)); };
        if (code < 0x80) {
            add(code);
        } else if (code < 0x800) {
            add(0xc0U | code >> 6U);
            add(0x80U | (code & 63U));
        } else if (code < 0x10000) {
            add(0xe0U | code >> 12U);
            add(0x80U | (code >> 6U & 63U));
            add(0x80U | (code & 63U));
        } else {
            add(0xf0U | code >> 18U);
            add(0x80U | (code >> 12U & 63U));
            add(0x80U | (code >> 6U & 63U));
            add(0x80U | (code & 63U));
        }
    }

    std::string_view text_;
    std::size_t line_;
    std::size_t at_ = 0;
};

}  // namespace

std::vector<JsonField> fields_of_line(std::string_view text, std::size_t line) { return Scanner(text, line).object(); }

}  // namespace asyncselect::conformance
