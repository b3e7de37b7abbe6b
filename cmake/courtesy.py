# What this project's programs in Python owe to whoever calls them: a word about what they were asked for before anything long
# begins, and no stack of calls where nothing is wrong with the program: somebody interrupts it or reads no further, a file
# cannot be written, another program is not installed. It must not know what a program does.
import argparse
import os
import signal
import sys


class Ended(BaseException):
    """Somebody ends the program: what it has started is to end first."""


def ended(number, _):
    raise Ended(number)


def run(name, main, *arguments):
    """Calls main(*arguments) and ends the program with what it returns. `name` stands before what is said."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Not where somebody wants it to go on, as nohup does.
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, ended)
    try:
        code = main(*arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)
        by_signal(signal.SIGINT)
    except Ended as by:
        by_signal(by.args[0])
    except BrokenPipeError:
        by_signal(signal.SIGPIPE)
    except OSError as reason:
        # What has no folder in its name was looked for among the programs.
        program = isinstance(reason, FileNotFoundError) and reason.filename and "/" not in str(reason.filename)
        what = "is not installed; ./dev setup installs what is needed" if program else reason.strerror
        print(f"{name}: {reason.filename or 'the output cannot be written'}: {what}", file=sys.stderr)
        # What is left to be said has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 2
    sys.exit(code)


def by_signal(number):
    """As if the program had not caught it: who started it can tell."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def writable(name, *files):
    """Ends the program where what takes long to find out could not be written to one of the files. None, and - for the
    output, are passed over."""
    for file in files:
        if file is None or str(file) == "-":
            continue
        there = os.path.exists(file)
        try:
            with open(file, "a", encoding="utf-8"):
                pass
        except OSError as reason:
            print(f"{name}: {file} cannot be written: {reason.strerror}", file=sys.stderr)
            sys.exit(2)
        if not there:
            os.remove(file)


class Arguments(argparse.ArgumentParser):
    """A parser whose --help is the program's own text, and which says in one line what it does not understand.
    With --understood the program ends when all was understood: ./dev asks so before it builds anything."""

    def __init__(self, name, text):
        super().__init__(usage=text, add_help=False, allow_abbrev=False)
        self.name, self.text = name, text
        self.add_argument("--help", "-h", action="store_true")
        self.add_argument("--understood", action="store_true")

    def error(self, message):
        print(f"{self.name}: {message.replace('unrecognized arguments:', 'not understood:')}; --help tells more",
              file=sys.stderr)
        sys.exit(2)

    def parse_args(self, *given):
        options = super().parse_args(*given)
        if options.help:
            print(self.text, end="")
            sys.exit(0)
        return options


def whole(least):
    """A kind of argument: a whole number that is not below `least`."""
    def kind(text):
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"wants a whole number, {least} or more, not \"{text}\"")
        return int(text)
    return kind


def several(least):
    """A kind of argument: such numbers with commas between them."""
    def kind(text):
        return [whole(least)(part) for part in text.split(",")]
    return kind


def above_zero(text):
    """A kind of argument: a number that need not be whole."""
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"wants a number above 0, not \"{text}\"")
    return value
