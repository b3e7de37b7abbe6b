// Lines of text. It must not know what they say.
#include "conformance/text.hpp"

#include <algorithm>

namespace asyncselect::conformance {

std::string wrap(std::string_view text, std::size_t indent) {
    std::string out;
    std::string line(indent, ' ');
    bool empty = true;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::string_view word = text.substr(at, end - at);
        at = end + 1;
        if (word.empty()) continue;
        if (!empty && line.size() + 1 + word.size() > text_width) {
            out += line + '\n';
            line.assign(indent, ' ');
            empty = true;
        }
        if (!empty) line += ' ';
        line += word;
        empty = false;
    }
    return empty ? out : out + line + '\n';
}

std::string labelled(std::string_view label, std::string_view text) {
    constexpr std::size_t indent = 12;
    std::string head = "  " + std::string(label);
    std::string wrapped = wrap(text, indent);
    if (wrapped.size() < indent) return head + '\n';
    head.append(head.size() + 1 < indent ? indent - head.size() : 1, ' ');
    return wrapped.replace(0, indent, head);
}

}  // namespace asyncselect::conformance
