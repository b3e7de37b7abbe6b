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
    const std::string head = "  " + std::string(label);
    // What follows stands below the first word, behind a long label too.
    std::string wrapped = wrap(text, std::max<std::size_t>(12, head.size() + 1));
    if (wrapped.empty()) return head + '\n';
    return wrapped.replace(0, head.size(), head);
}

}  // namespace asyncselect::conformance
