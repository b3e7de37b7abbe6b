// What the report's page can do: filter the matrix, and draw the evidence behind a verdict when it is asked for.
"use strict";
(() => {
    const data = JSON.parse(document.getElementById("data").textContent);
    const svg_namespace = "http://www.w3.org/2000/svg";
    const main = document.getElementById("matrix");
    const columns = Object.keys(data.providers).length + 1;

    // ---- making elements ----
    const fill = (element, attributes, children) => {
        for (const [name, value] of Object.entries(attributes || {})) {
            if (name === "on") for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
            else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
        }
        element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
        return element;
    };
    const h = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
    const s = (name, attributes, ...children) => fill(document.createElementNS(svg_namespace, name), attributes, children);

    // ---- reading the data ----
    // The observations of a trace, as objects.
    const observations = (trace) =>
        trace.map(([step, kind, lane, text, number]) => ({step, kind: data.texts[kind], lane: data.texts[lane], text: data.texts[text], number}));
    const step_texts = (script) => script.steps.map((text) => data.texts[text]);
    const machine_of = (key) => {
        if (!key.startsWith("socket-")) return key.replace(/-\d+$/, "");
        return Object.values(data.machines).find((machine) => key.endsWith("-" + machine) &&
            !Object.values(data.machines).some((other) => other.length > machine.length && key.endsWith("-" + other)));
    };
    const event_of = (machine) => Object.keys(data.machines).find((event) => data.machines[event] === machine);

    // How many calls stand before the first step: every script begins with WSAStartup and a window.
    const opening_calls = (seen) => ["WSAStartup(", "CreateWindow("].every((name, index) => seen[index] && seen[index].step === 0 && seen[index].text.startsWith(name)) ? 2 : 0;

    // ---- the sequence diagram ----
    function sequence(name, provider, told) {
        const seen = observations(told.trace);
        const script = data.scripts[name];
        const steps = step_texts(script);
        const threads = [], peers = [];
        let network = false;
        const note = (list, lane) => { if (!list.includes(lane)) list.push(lane); };
        for (const one of seen) {
            if (["call", "message", "began"].includes(one.kind)) note(threads, one.lane);
            if (["peer", "receives"].includes(one.kind)) note(peers, one.lane);
            network = network || one.kind === "change";
        }
        const lanes = [...threads.map((lane) => ({key: "thread " + lane, title: threads.length > 1 || lane !== "main" ? "thread " + lane : "application"})),
            {key: "queue", title: "window queue"}, {key: "sockets", title: "sockets of " + provider},
            ...peers.map((lane) => ({key: "peer " + lane, title: "peer " + lane})),
            ...(network ? [{key: "network", title: "network"}] : [])];
        const gap = lanes.length > 5 ? 150 : 178, box = gap - 24, left = box / 2 + 4, top = 42;
        const letters = Math.floor(box / 8.2), width = left * 2 + gap * (lanes.length - 1);
        const x = (key) => left + gap * lanes.findIndex((lane) => lane.key === key);
        const parts = [], bars = [], open = new Map(), opening = opening_calls(seen);
        let y = top + 8, section = null;

        const arrow = (from, to, label, classes, dashed) => {
            const [a, b] = [x(from), x(to)], way = Math.sign(b - a) || 1;
            // A label that is longer than its arrow moves until the diagram has room for it.
            const half = label.length * 3.25, middle = Math.max(half + 4, Math.min(width - half - 4, (a + b) / 2));
            return [s("path", {class: "arrow", d: `M${a},${y}H${b - way * 7}`, "stroke-dasharray": dashed ? "5 4" : null}),
                s("path", {class: "head", d: `M${b},${y}l${-way * 9},-4.5v9z`}),
                s("text", {class: "label", x: middle, y: y - 7, "text-anchor": "middle"}, label)];
        };
        seen.forEach((one, index) => {
            const now = index < opening ? -1 : one.step;
            if (now !== section) {
                section = now;
                y += 22;
                parts.push(s("line", {class: "rule", x1: 0, x2: width, y1: y - 13, y2: y - 13}),
                    s("text", {class: "step", x: 2, y}, now < 0 ? "before the first step" : steps[now] || ""));
            }
            y += 31;
            const here = told.violation && told.violation.at === index;
            const group = s("g", {class: [one.kind, here ? "here" : "", here && told.violation.deviates ? "deviates" : ""].join(" ").trim(), "data-observation": index});
            if (here) group.append(s("rect", {class: "band", x: 1, width: width - 2, y: y - 23, height: 33, rx: 6}));
            if (one.number && one.kind !== "began" && open.has(one.number)) {
                bars.push([open.get(one.number), y]);
                open.delete(one.number);
            }
            const mark = here ? (told.violation.deviates ? "\u2248 " : "\u2717 ") : "";
            if (one.kind === "call") group.append(...arrow("thread " + one.lane, "sockets", mark + one.text, ""));
            else if (one.kind === "message") group.append(...arrow("queue", "thread " + one.lane, mark + one.text.replace(/^message \d+ to window \d+: /, ""), ""));
            else if (one.kind === "peer") group.append(...arrow("peer " + one.lane, "sockets", mark + one.text, ""));
            else if (one.kind === "receives") group.append(...arrow("sockets", "peer " + one.lane, mark + one.text, "", true));
            else if (one.kind === "change") group.append(...arrow("network", "sockets", mark + one.text, ""));
            else if (one.kind === "began") {
                open.set(one.number, {x: x("thread " + one.lane), y});
                group.append(s("circle", {class: "head", cx: x("thread " + one.lane), cy: y, r: 4}),
                    s("text", {class: "label", x: x("thread " + one.lane) + 12, y: y + 4}, mark + one.text));
            } else if (one.kind === "quiet") {
                group.append(s("line", {class: "quiet", x1: left / 2, x2: width - left / 2, y1: y - 4, y2: y - 4}),
                    s("text", {class: "label quiet-word", x: width / 2, y, "text-anchor": "middle"}, mark + "quiet"));
            } else group.append(s("text", {class: "label", x: width / 2, y, "text-anchor": "middle"}, mark + one.text));
            parts.push(group);
        });
        for (const from of open.values()) bars.push([from, y]);
        const height = y + 22;
        const heads = lanes.map((lane) => s("g", {}, s("line", {class: "life", x1: x(lane.key), x2: x(lane.key), y1: top - 6, y2: height}),
            s("rect", {class: "box", x: x(lane.key) - box / 2, y: 4, width: box, height: 30, rx: 7}),
            s("text", {class: "lane", x: x(lane.key), y: 24, "text-anchor": "middle"}, lane.title.length > letters ? lane.title.slice(0, letters - 1) + "\u2026" : lane.title)));
        const drawn_bars = bars.map(([from, end]) => s("rect", {class: "bar", x: from.x - 4, y: from.y, width: 8, height: Math.max(4, end - from.y), rx: 3}));
        return h("div", {class: "drawing", tabindex: 0, role: "group", "aria-label": "Sequence diagram; the trace tells the same in words"},
            s("svg", {class: "sequence", role: "img", "aria-label": `What was observed while ${name} was played on ${provider}`,
                width, height, viewBox: `0 0 ${width} ${height}`}, ...heads, ...drawn_bars, ...parts));
    }

    // ---- the state diagram ----
    // The diagram with its rows told apart: each is a group .line with its key.
    function machine_diagram(machine) {
        const source = document.getElementById("machine-" + machine);
        if (!source) return null;
        const parsed = new DOMParser().parseFromString(source.textContent, "image/svg+xml").documentElement;
        const diagram = document.importNode(parsed, true);
        for (const group of diagram.querySelectorAll("g.node, g.edge")) {
            const keys = [...group.classList].filter((name) => /-\d+$/.test(name));
            let line = null, count = 0;
            for (const text of [...group.querySelectorAll(":scope > text")]) {
                // A row begins with the clause that it cites.
                if (text.getAttribute("fill") === "#2f7d32") {
                    line = s("g", {class: "line", "data-row": keys[count]});
                    count += 1;
                    group.insertBefore(line, text);
                }
                if (line) line.append(text);
            }
            group.setAttribute("data-rows", count);
            group.setAttribute("data-keys", keys.length);
            group.setAttribute("data-name", group.querySelector("title") ? group.querySelector("title").textContent : "");
        }
        for (const title of diagram.querySelectorAll("title")) title.remove();
        for (const element of [diagram, ...diagram.querySelectorAll("[id]")]) element.removeAttribute("id");
        const box = diagram.viewBox.baseVal;
        diagram.removeAttribute("height");
        diagram.setAttribute("width", Math.round(box.width * 0.92));
        diagram.classList.add("machine");
        diagram.style.maxWidth = "100%";
        return diagram;
    }
    // Draws these transitions boldly, and marks the last ones among them.
    function mark(diagram, taken, last) {
        for (const line of diagram.querySelectorAll(".line")) {
            const key = line.getAttribute("data-row");
            if (!taken.has(key)) continue;
            line.classList.add("taken");
            if (last.has(key)) line.classList.add("last");
            const group = line.parentNode;
            group.classList.add("taken");
            for (const state of group.getAttribute("data-name").split("->")) {
                for (const node of diagram.querySelectorAll("g.node")) if (node.getAttribute("data-name") === state) node.classList.add("visited");
            }
        }
    }
    function state_diagram(machine, told) {
        const diagram = machine_diagram(machine);
        if (!diagram) return null;
        const fired = told.path.fired.filter(([key]) => machine_of(key) === machine);
        const last = new Set(told.path.last.filter((key) => machine_of(key) === machine));
        mark(diagram, new Set(fired.map(([key]) => key)), last);
        diagram.setAttribute("role", "img");
        diagram.setAttribute("aria-label", `The machine of ${event_of(machine)}; the list below tells the path`);
        // What the drawing marks beside its weight and colour: a frame, once it is where it can be measured.
        const frame = () => {
            for (const line of diagram.querySelectorAll(".line.last")) {
                if (line.querySelector("rect")) continue;
                const box = line.getBBox();
                if (box.width > 0) line.prepend(s("rect", {x: box.x - 4, y: box.y - 1, width: box.width + 8, height: box.height + 2, rx: 3}));
            }
        };
        requestAnimationFrame(frame);
        const seen = observations(told.trace);
        return h("div", {},
            h("div", {class: "drawing", tabindex: 0, role: "group", "aria-label": `State diagram of ${event_of(machine)}`}, diagram),
            h("ol", {class: "path"}, fired.map(([key, at]) => h("li", {class: last.has(key) ? "last" : null, "data-row": key},
                data.rows[key], ", at ", h("code", {}, seen[at].text), last.has(key) ? ": fired last" : ""))));
    }
    function state_diagrams(clause, told) {
        const machines = [...new Set(told.path.fired.map(([key]) => machine_of(key)))];
        if (machines.length === 0) return null;
        const order = Object.values(data.machines);
        machines.sort((a, b) => order.indexOf(a) - order.indexOf(b));
        const words = told.violation ? `${data.clauses[clause].event} ${told.violation.came} ${told.violation.due}` : data.clauses[clause].event;
        const meant = words.match(/FD_[A-Z_]+/g) || [];
        const first = meant.map((event) => data.machines[event]).find((machine) => machines.includes(machine)) || machines[0];
        const place = h("div", {});
        const tabs = machines.map((machine) => h("button", {type: "button", "aria-pressed": "false", "data-machine": machine,
            on: {click: () => show(machine)}}, event_of(machine)));
        const show = (machine) => {
            for (const tab of tabs) tab.setAttribute("aria-pressed", String(tab.dataset.machine === machine));
            place.replaceChildren(state_diagram(machine, told) || "");
        };
        show(first);
        return [h("h4", {}, "State diagram: the transitions that fired are drawn boldly, the last one is framed"),
            h("div", {class: "tabs", role: "group", "aria-label": "Machines that moved"}, tabs), place];
    }

    // ---- the evidence of one scenario ----
    function code(text) {
        const button = h("button", {type: "button"}, "Copy");
        const pre = h("pre", {}, text);
        button.addEventListener("click", async () => {
            try {
                await navigator.clipboard.writeText(text);
                button.textContent = "Copied";
            } catch {
                getSelection().selectAllChildren(pre);
                button.textContent = "Selected";
            }
            setTimeout(() => { button.textContent = "Copy"; }, 2000);
        });
        return h("div", {class: "code"}, pre, button);
    }
    function trace_list(name, told) {
        const steps = step_texts(data.scripts[name]), seen = observations(told.trace);
        const reached = seen.length > 0 ? seen[seen.length - 1].step : -1;
        const line = (one, index) => {
            const here = told.violation && told.violation.at === index;
            const who = ["call", "message", "began"].includes(one.kind) && one.lane !== "main" ? one.lane + ": "
                : ["peer", "receives"].includes(one.kind) ? `peer ${one.lane} ` : "";
            return h("li", {class: here ? "here" + (told.violation.deviates ? " deviates" : "") : null},
                here ? (told.violation.deviates ? "\u2248 here it deviates: " : "\u2717 here it fails: ") : "", who + one.text);
        };
        const count = opening_calls(seen);
        const under = (step) => seen.map((one, index) => [one, index]).filter(([one, index]) => one.step === step && index >= count).map(([one, index]) => line(one, index));
        return h("ol", {class: "steps"},
            count > 0 ? h("li", {class: "before"}, h("span", {class: "step beyond"}, "before the first step"), h("ul", {}, seen.slice(0, count).map(line))) : null,
            steps.map((text, step) => {
                const lines = under(step);
                return h("li", {}, h("span", {class: step > reached && told.violation ? "step beyond" : "step"}, text + (step > reached && told.violation ? "  (not reached)" : "")),
                    lines.length > 0 ? h("ul", {}, lines) : null);
            }));
    }
    function judgement(told) {
        const violation = told.violation;
        const states = violation.states.length > 0 ? [h("dt", {}, "States"), h("dd", {}, h("ul", {}, violation.states.map((state) => h("li", {}, state))))] : [];
        return h("dl", {class: "judgement " + (violation.deviates ? "deviates" : "fails")},
            h("dt", {}, "Verdict"), h("dd", {}, (violation.deviates ? `deviates (${violation.deviations.join(", ")})` : "fails") + (violation.known ? ", known" : "") + `, ${data.profile} profile`),
            h("dt", {}, "Due or allowed"), h("dd", {}, violation.due), h("dt", {}, "Came"), h("dd", {}, violation.came || "nothing"), states);
    }
    function scenario_body(clause, provider, name, told) {
        const script = data.scripts[name];
        const profile = data.profile === "spec" ? "" : ` --profile ${data.profile}`;
        const options = `--provider ${data.providers[provider].chosen_as}${profile}`;
        const file_name = data.given ? `${name}.script` : name;
        const commands = [data.given ? `asyncselect conformance ${options} --scenario ${file_name} --verbose` : `asyncselect play ${file_name} ${options} --judge`,
            `asyncselect conformance ${options} --only ${clause}`];
        if (told.violation && !told.violation.deviates) commands.push(`asyncselect play ${file_name} ${options} --export-c fault.c`);
        const file = `# ${script.title}\nclauses ${script.clauses.join(" ")}\n${script.only ? `only ${script.only}\n` : ""}\n${step_texts(script).join("\n")}\n`;
        return [told.violation ? judgement(told) : null,
            told.trouble ? h("p", {}, h("b", {}, "It could not be played to its end: "), told.trouble) : null,
            told.minimized ? [h("h4", {}, "The shortest script that shows it"), told.minimized_remark ? h("p", {}, told.minimized_remark) : null, code(told.minimized)] : null,
            h("h4", {}, "Reproduce"), code(commands.join("\n")),
            h("h4", {}, "Script, and under each step what was observed"), trace_list(name, told),
            h("h4", {}, "Sequence diagram"), sequence(name, provider, told),
            state_diagrams(clause, told),
            h("details", {}, h("summary", {}, h("h4", {style: "display:inline"}, "The script as a file")), code(file))];
    }
    function scenario(clause, provider, name, open) {
        const told = data.providers[provider].traces[name], script = data.scripts[name];
        const broken = told.violation && told.violation.clause === clause;
        const details = h("details", {class: "scenario", "data-scenario": name},
            h("summary", {}, h("b", {}, name), broken ? h("span", {class: "tag " + (told.violation.deviates ? "deviates" : "fails")}, told.violation.deviates ? "\u2248 deviates" : "\u2717 fails") : null,
                h("span", {}, script.title)));
        let drawn = false;
        const draw = () => {
            if (drawn || !details.open) return;
            drawn = true;
            details.append(...scenario_body(clause, provider, name, told).flat().filter((part) => part));
        };
        details.addEventListener("toggle", draw);
        if (open) {
            details.open = true;
            draw();
        }
        return details;
    }

    // ---- the evidence of a verdict ----
    function panel(cell, clause, provider, wanted) {
        const verdict = data.providers[provider].cells[clause];
        const style = cell.dataset.verdict;
        const known = verdict.scenarios.filter((name) => data.providers[provider].traces[name]);
        const claims = known.filter((name) => style === "fails" || style === "deviates" || data.scripts[name].clauses.includes(clause));
        const others = known.filter((name) => !claims.includes(name));
        if (claims.length === 0) claims.push(...others.splice(0, 1));
        const first = known.includes(wanted) ? wanted : claims[0];
        const heading = `${clause} on ${provider}: ${verdict.words}, ${data.profile} profile`;
        return h("section", {class: "panel " + style, role: "region", "aria-label": "Evidence: " + heading, tabindex: -1, id: "evidence-" + clause + "-" + provider},
            h("header", {}, h("div", {}, h("h3", {}, heading), h("p", {}, data.clauses[clause].text)),
                h("button", {type: "button", class: "close", on: {click: () => close(cell, true)}}, "Close")),
            verdict.reason ? h("p", {}, verdict.reason) : null,
            known.length === 0 && !verdict.reason ? h("p", {}, "No scenario that was played has shown this clause.") : null,
            claims.map((name) => scenario(clause, provider, name, name === first)),
            others.length > 0 ? h("details", {class: "others", open: others.includes(first)},
                h("summary", {}, `${others.length} more ${others.length === 1 ? "scenario has" : "scenarios have"} exercised it in passing`),
                others.map((name) => scenario(clause, provider, name, name === first))) : null);
    }
    const cells = [...document.querySelectorAll("a.cell")];
    const parts_of = (name) => {
        const comma = name.indexOf(",");
        return [name.slice(0, comma), name.slice(comma + 1)];
    };
    const row_of = (cell) => document.getElementById("row-" + cell.dataset.cell);
    function open(cell, wanted) {
        const [clause, provider] = parts_of(cell.dataset.cell);
        let row = row_of(cell);
        if (row && wanted && !row.querySelector(`[data-scenario="${CSS.escape(wanted)}"][open]`)) {
            row.remove();
            row = null;
        }
        if (!row) {
            row = h("tr", {class: "evidence", id: "row-" + cell.dataset.cell}, h("td", {colspan: columns}, panel(cell, clause, provider, wanted)));
            // Behind what is open already of the same clause, in the order of the providers.
            let after = cell.closest("tr");
            for (const other of cell.closest("tr").querySelectorAll("a.cell")) {
                if (other === cell) break;
                after = row_of(other) || after;
            }
            after.after(row);
        }
        cell.setAttribute("aria-expanded", "true");
        cell.setAttribute("aria-controls", row.id);
        return row;
    }
    function close(cell, by_hand) {
        const row = row_of(cell);
        if (row) row.remove();
        cell.setAttribute("aria-expanded", "false");
        cell.removeAttribute("aria-controls");
        if (!by_hand) return;
        if (decodeURIComponent(location.hash).startsWith("#cell=" + cell.dataset.cell)) history.replaceState(null, "", location.pathname + location.search);
        cell.focus();
    }
    // #cell=AS-READ-2,pump and, for one of its scenarios, #cell=AS-READ-2,pump,read-once.
    function follow_link() {
        const hash = decodeURIComponent(location.hash);
        if (!hash.startsWith("#cell=")) return;
        const [clause, provider, wanted] = hash.slice(6).split(",");
        const cell = cells.find((one) => one.dataset.cell === `${clause},${provider}`);
        if (!cell) return;
        cell.closest("tr").hidden = false;
        cell.closest("tbody").hidden = false;
        const row = open(cell, wanted);
        const scenario = wanted && row.querySelector(`[data-scenario="${CSS.escape(wanted)}"]`);
        (scenario || cell.closest("tr")).scrollIntoView({block: "start"});
        row.querySelector(".panel").focus({preventScroll: true});
    }
    for (const cell of cells) {
        cell.setAttribute("aria-expanded", "false");
        cell.addEventListener("click", (event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            if (row_of(cell)) {
                close(cell, true);
                return;
            }
            open(cell);
            history.replaceState(null, "", "#cell=" + cell.dataset.cell);
        });
    }
    main.addEventListener("keydown", (event) => {
        const row = event.key === "Escape" && event.target.closest("tr.evidence");
        const cell = row && cells.find((one) => row_of(one) === row);
        if (cell) close(cell, true);
    });

    // ---- the transitions that were exercised ----
    function covered_row(machine, provider) {
        const exercised = new Set(data.providers[provider].exercised);
        const diagram = machine_diagram(machine);
        if (diagram) {
            mark(diagram, exercised, new Set());
            diagram.setAttribute("role", "img");
            diagram.setAttribute("aria-label", `The machine of ${event_of(machine)}; the list below tells what was not exercised`);
        }
        const missing = Object.keys(data.rows).filter((key) => machine_of(key) === machine && !exercised.has(key));
        return h("tr", {class: "evidence"}, h("td", {colspan: columns},
            diagram ? h("div", {class: "drawing", tabindex: 0, role: "group", "aria-label": `State diagram of ${event_of(machine)}`}, diagram) : null,
            missing.length > 0 ? [h("h4", {}, `Not exercised by ${provider}`), h("ul", {}, missing.map((key) => h("li", {"data-row": key}, data.rows[key])))]
                : h("p", {}, `${provider} has exercised all of them.`)));
    }
    for (const link of document.querySelectorAll("a.covered")) {
        link.setAttribute("aria-expanded", "false");
        link.addEventListener("click", (event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            const row = link.closest("tr"), was_open = link.getAttribute("aria-expanded") === "true";
            for (const other of row.querySelectorAll("a.covered")) other.setAttribute("aria-expanded", "false");
            if (row.nextElementSibling && row.nextElementSibling.classList.contains("evidence")) row.nextElementSibling.remove();
            if (was_open) return;
            row.after(covered_row(...parts_of(link.dataset.covered)));
            link.setAttribute("aria-expanded", "true");
        });
    }

    // ---- filters ----
    const search = document.getElementById("search"), found = document.getElementById("found");
    const buttons = [...document.querySelectorAll("[data-filter]")];
    function filter() {
        const wanted = new Set(buttons.filter((button) => button.getAttribute("aria-pressed") === "true").map((button) => button.dataset.filter));
        const words = search.value.toLowerCase().split(/\s+/).filter((word) => word);
        let shown = 0;
        for (const body of document.querySelectorAll(".matrix tbody")) {
            let any = false;
            const section = body.querySelector(".section").textContent.toLowerCase();
            for (const row of body.querySelectorAll("tr.clause")) {
                const text = row.textContent.toLowerCase() + " " + section;
                const matches = words.every((word) => text.includes(word)) &&
                    (wanted.size === 0 || [...row.querySelectorAll(".cell")].some((cell) => wanted.has(cell.dataset.verdict)));
                row.hidden = !matches;
                for (const cell of row.querySelectorAll(".cell")) if (row_of(cell)) row_of(cell).hidden = !matches;
                any = any || matches;
                shown += matches ? 1 : 0;
            }
            body.hidden = !any;
        }
        found.textContent = shown === 0 ? "no clause fits" : `${shown} ${shown === 1 ? "clause" : "clauses"}`;
    }
    for (const button of buttons) {
        button.addEventListener("click", () => {
            button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
            filter();
        });
    }
    search.addEventListener("input", filter);
    document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
    document.querySelector(".filters").hidden = false;
    filter();

    // What fails is open from the beginning: nobody need look for it, and it is printed.
    for (const cell of cells) if (cell.dataset.verdict === "fails" && cell.dataset.news !== "known") open(cell);
    follow_link();
    addEventListener("hashchange", follow_link);
})();
