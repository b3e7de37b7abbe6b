# Draws what was measured as SVG, readable at a glance: a dot for each median, a bar for its quartiles, a line where raw epoll
# is. It must not know how anything was measured.
import math
from xml.sax.saxutils import escape

ours, others, faint, ink = "#c2410c", "#475569", "#cbd5e1", "#0f172a"
left, panel, gap, line, head, foot = 210, 360, 40, 24, 96, 44


def text(x, y, what, size=13, anchor="start", colour=ink, weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" '
            f'font-weight="{weight}">{escape(what)}</text>')


def scale(rows, key):
    """From a ratio to a place in the panel; and where the marks stand."""
    values = [value for row in rows for value in row[key]] + [1.0]
    low, high = min(values), max(values)
    step = next(step for step in (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10) if (high - low) / step <= 6)
    first, last = int(low / step) * step, (int(high / step) + 1) * step
    marks = [first + i * step for i in range(round((last - first) / step) + 1)]
    return (lambda value: (value - first) / (last - first) * panel), marks


def grouped(rows):
    groups = []
    for row in rows:
        if not groups or groups[-1][0] != row["connections"]:
            groups.append((row["connections"], []))
        groups[-1][1].append(row)
    return groups


def canvas(width, height, title, below, machine):
    return [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" width="{width}" height="{height:.0f}" '
            f'font-family="DejaVu Sans, Helvetica, Arial, sans-serif"><rect width="100%" height="100%" fill="white"/>',
            text(20, 30, title, 17, weight="bold"), text(20, 50, below, 11, colour=others),
            text(20, height - 14, machine, 9, colour=others)]


def names_of(groups):
    out = []
    y = head
    for connections, members in groups:
        y += line
        out.append(text(20, y, f"{connections:,} connection{'s' if connections != 1 else ''}", 13, weight="bold"))
        for row in members:
            y += line
            is_ours = row["name"] == "ours"
            out.append(text(left - 14, y, row["title"], 13, "end", ours if is_ours else ink, "bold" if is_ours else "normal"))
        y += line * 0.6
    return out


def height_of(groups):
    return head + sum(line * (len(members) + 1.6) for _, members in groups) + foot


def marks_across(out, begin, marks, bottom, strong):
    for mark, x in marks:
        out.append(f'<line x1="{begin + x:.1f}" x2="{begin + x:.1f}" y1="{head - 4}" y2="{bottom:.1f}" '
                   f'stroke="{ink if mark == strong else faint}" stroke-width="{1.5 if mark == strong else 0.7}"/>')
        out.append(text(begin + x, head - 8, mark, 10, "middle", others))


def each_place(groups):
    y = head
    for _, members in groups:
        y += line
        for row in members:
            y += line
            yield row, y - 4, ours if row["name"] == "ours" else others
        y += line * 0.6


def echo(rows, rounds, machine):
    """A row that is `aside` has its figure in place of a dot: the scale is the others'."""
    groups = grouped(rows)
    height, width = height_of(groups), left + 2 * panel + gap + 40
    out = canvas(width, height, "Echo of 64 bytes, compared with level-triggered epoll written by hand",
                 f"medians and quartiles of {rounds} pairs, each side by side", machine)
    for index, (key, title) in enumerate((("rates", "round trips a second (more is better)"),
                                          ("times", "processor time a round trip (less is better)"))):
        begin = left + index * (panel + gap)
        place, marks = scale([row for row in rows if row[key] and not row["aside"]], key)
        out.append(text(begin + panel / 2, head - 24, title, 12, "middle", weight="bold"))
        marks_across(out, begin, [(f"{mark:g}" if abs(mark) >= 1e-9 else "0", place(mark)) for mark in marks], height - foot, "1")
        for row, y, colour in each_place(groups):
            if not row[key]:
                continue
            low, middle, high = row[key]
            if row["aside"]:
                out.append(text(begin, y + 4, f"{middle:.2f}", 12, colour=colour))
                continue
            out.append(f'<line x1="{begin + place(low):.1f}" x2="{begin + place(high):.1f}" y1="{y:.1f}" y2="{y:.1f}" '
                       f'stroke="{colour}" stroke-width="5" stroke-opacity="0.35"/>')
            out.append(f'<circle cx="{begin + place(middle):.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/>')
    return "\n".join([*out, *names_of(groups), "</svg>", ""])


def latency(rows, rounds, machine):
    """From the median to the message of a thousand that takes longest, on a scale of powers of ten."""
    groups = grouped(rows)
    across = 2 * panel + gap
    height, width = height_of(groups), left + across + 40
    out = canvas(width, height, "How long a message is under way, there and back",
                 f"medians of {rounds} runs; the dot is the median, the thick line ends at 90 %, the thin one at 99 %, the mark "
                 "is 99.9 %", machine)
    values = [value for row in rows for value in row["latency"].values()]
    first, last = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def place(value):
        return (math.log10(value) - first) / (last - first) * across

    def in_words(nanoseconds):
        return f"{nanoseconds / 1e3:g} µs" if nanoseconds < 1e6 else f"{nanoseconds / 1e6:g} ms"

    steps = (1, 2, 5) if last - first < 4 else (1,)
    marks = [(in_words(step * 10 ** power), place(step * 10 ** power))
             for power in range(first, last) for step in steps] + [(in_words(10 ** last), across)]
    marks_across(out, left, marks, height - foot, None)
    for row, y, colour in each_place(groups):
        half, most, nearly, last_of_all = (left + place(row["latency"][share]) for share in ("median", "p90", "p99", "p999"))
        out.append(f'<line x1="{half:.1f}" x2="{most:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}" stroke-width="5" '
                   'stroke-opacity="0.35"/>')
        out.append(f'<line x1="{half:.1f}" x2="{nearly:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}" stroke-width="1.5"/>')
        out.append(f'<line x1="{last_of_all:.1f}" x2="{last_of_all:.1f}" y1="{y - 5:.1f}" y2="{y + 5:.1f}" stroke="{colour}" '
                   'stroke-width="1.5"/>')
        out.append(f'<circle cx="{half:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/>')
    return "\n".join([*out, *names_of(groups), "</svg>", ""])
