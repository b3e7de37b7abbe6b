# Draws what was measured as SVG, readable at a glance: a dot for each median, a bar for its quartiles, a line where raw epoll
# is. It must not know how anything was measured.
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


def echo(rows, rounds, machine):
    groups = []
    for row in rows:
        if not groups or groups[-1][0] != row["connections"]:
            groups.append((row["connections"], []))
        groups[-1][1].append(row)
    height = head + sum(line * (len(members) + 1.6) for _, members in groups) + foot
    width = left + 2 * panel + gap + 40
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" width="{width}" height="{height:.0f}" '
           f'font-family="DejaVu Sans, Helvetica, Arial, sans-serif"><rect width="100%" height="100%" fill="white"/>',
           text(20, 30, "Echo of 64 bytes, compared with level-triggered epoll written by hand", 17, weight="bold"),
           text(20, 50, f"medians and quartiles of {rounds} pairs, each side by side", 11, colour=others),
           text(20, height - 14, machine, 9, colour=others)]
    bottom = height - foot
    for index, (key, title) in enumerate((("rates", "round trips a second (more is better)"),
                                          ("times", "processor time a round trip (less is better)"))):
        begin = left + index * (panel + gap)
        place, marks = scale(rows, key)
        out.append(text(begin + panel / 2, head - 24, title, 12, "middle", weight="bold"))
        for mark in marks:
            x = begin + place(mark)
            is_one = abs(mark - 1) < 1e-9
            out.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{head - 4}" y2="{bottom:.1f}" '
                       f'stroke="{ink if is_one else faint}" stroke-width="{1.5 if is_one else 0.7}"/>')
            out.append(text(x, head - 8, f"{mark:g}" if abs(mark) >= 1e-9 else "0", 10, "middle", others))
        y = head
        for _, members in groups:
            y += line
            for row in members:
                y += line
                low, middle, high = row[key]
                colour = ours if row["name"] == "ours" else others
                out.append(f'<line x1="{begin + place(low):.1f}" x2="{begin + place(high):.1f}" y1="{y - 4:.1f}" '
                           f'y2="{y - 4:.1f}" stroke="{colour}" stroke-width="5" stroke-opacity="0.35"/>')
                out.append(f'<circle cx="{begin + place(middle):.1f}" cy="{y - 4:.1f}" r="4.5" fill="{colour}"/>')
            y += line * 0.6
    y = head
    for connections, members in groups:
        y += line
        out.append(text(20, y, f"{connections:,} connection{'s' if connections != 1 else ''}", 13, weight="bold"))
        for row in members:
            y += line
            is_ours = row["name"] == "ours"
            out.append(text(left - 14, y, row["title"], 13, "end", ours if is_ours else ink, "bold" if is_ours else "normal"))
        y += line * 0.6
    return "\n".join([*out, "</svg>", ""])
