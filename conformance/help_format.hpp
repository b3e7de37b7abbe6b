// How --help is laid out: 80 columns, and of each subcommand no more than its first sentence. It must not know any
// option.
#pragma once

#include <memory>
#include <string>

namespace CLI {
class FormatterBase;
}

namespace asyncselect::conformance {

// To be given to the command line before its subcommands are added, which take it over.
std::shared_ptr<CLI::FormatterBase> help_formatter();

// A description up to its first full stop, colon or semicolon, in one line. Any thread.
std::string in_short(const std::string& description);

}  // namespace asyncselect::conformance
