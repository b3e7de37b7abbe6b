#!/usr/bin/env python3
"""The report's page in headless Chromium: report_page_test.py <report_example>. Only the standard library, which speaks the
WebDriver protocol to chromedriver. Exit code 77: there is no browser here."""
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ENTER, ESCAPE, TAB = "\ue007", "\ue00c", "\ue004"


class Browser:
    """A Chromium of its own, with a new profile."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="asyncselect-page-")
        self.driver = subprocess.Popen([shutil.which("chromedriver"), "--port=0"], stdout=subprocess.PIPE, text=True,
                                       stderr=subprocess.DEVNULL, env={**os.environ, "HOME": self.folder})
        for line in self.driver.stdout:
            if port := re.search(r"successfully on port (\d+)", line):
                self.url = f"http://127.0.0.1:{port[1]}/session"
                break
        arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                     "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-dev-shm-usage",
                     f"--user-data-dir={self.folder}/profile", "--window-size=1280,900"]
        capabilities = {"goog:chromeOptions": {"args": arguments, "binary": shutil.which("chromium")},
                        "goog:loggingPrefs": {"browser": "ALL"}}
        session = self.call("POST", "", {"capabilities": {"alwaysMatch": capabilities}})
        self.url += "/" + session["sessionId"]

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        # No proxy of the machine's stands between us and our own driver.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def close(self):
        try:
            self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()
            self.driver.stdout.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def open(self, url):
        self.call("POST", "/url", {"url": "about:blank"})
        self.call("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, selector):
        return self.call("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.call("POST", f"/element/{self.find(selector)}/click", {})

    def type(self, selector, keys):
        self.call("POST", f"/element/{self.find(selector)}/value", {"text": keys})

    def press(self, key):
        """To whatever has the focus."""
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": [
            {"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]}]})

    def devtools(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def shape(self, width, height, scale=1, phone=False):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale,
                      mobile=phone)

    def media(self, kind="", scheme="light"):
        self.devtools("Emulation.setEmulatedMedia", media=kind,
                      features=[{"name": "prefers-color-scheme", "value": scheme}])

    def complaints(self):
        return [entry["message"] for entry in self.call("POST", "/se/log", {"type": "browser"})
                if entry["level"] in ("SEVERE", "WARNING")]

    def picture(self, file, whole=True):
        area = self.devtools("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": area["width"], "height": min(area["height"], 4000), "scale": 1}
        shot = self.devtools("Page.captureScreenshot", **({"clip": clip, "captureBeyondViewport": True} if whole else {}))
        with open(file, "wb") as stream:
            stream.write(base64.b64decode(shot["data"]))


class Words(HTMLParser):
    """What can be read without a script: the words of each cell."""

    def __init__(self):
        super().__init__()
        self.cells, self.cell = {}, None

    def handle_starttag(self, tag, attributes):
        if "data-cell" in dict(attributes):
            self.cell = dict(attributes)["data-cell"]
            self.cells[self.cell] = ""

    def handle_endtag(self, tag):
        if tag == "a":
            self.cell = None

    def handle_data(self, data):
        if self.cell:
            self.cells[self.cell] += data


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = subprocess.run([EXAMPLE, "html"], check=True, capture_output=True).stdout.decode()
        cls.browser = Browser()
        cls.file = os.path.join(cls.browser.folder, "index.html")
        with open(cls.file, "w", encoding="utf-8") as stream:
            stream.write(cls.text)

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()

    def setUp(self):
        self.browser.devtools("Emulation.clearDeviceMetricsOverride")
        self.browser.media()
        self.load()

    def tearDown(self):
        self.assertEqual(self.browser.complaints(), [])

    def load(self, link=""):
        self.browser.open(f"file://{self.file}{link}")

    def cell(self, name):
        return f'a.cell[data-cell="{name}"]'

    def evidence(self, name):
        """The text of the open evidence of a cell, or None."""
        return self.browser.run("const row = document.getElementById(arguments[0]);"
                                "return row && row.getClientRects().length > 0 ? row.innerText : null", "row-" + name)

    def shown(self):
        return self.browser.run("return [...document.querySelectorAll('tr.clause')].filter((row) => row.getClientRects()"
                                ".length > 0).map((row) => row.dataset.clause)")

    def focused(self):
        return self.browser.run("return document.activeElement.dataset.cell || document.activeElement.id")

    def test_what_fails_is_open_with_its_evidence(self):
        text = self.evidence("AS-ENABLE-1,one")
        for words in ("no further FD_READ until recv", "FD_READ Posted", "here it fails", "peer s send 10",
                      "asyncselect play read-once --provider 'exec:./one --it'\\''s'", "--export-c fault.c", "spec profile"):
            self.assertIn(words, text)
        self.assertIsNone(self.evidence("AS-READ-1,one"))

    def test_a_click_on_a_failing_cell_shows_its_evidence(self):
        cell = self.cell("AS-ENABLE-1,one")
        self.browser.click(cell)
        self.assertIsNone(self.evidence("AS-ENABLE-1,one"))
        self.browser.click(cell)
        self.assertIn("no further FD_READ until recv", self.evidence("AS-ENABLE-1,one"))
        self.assertEqual(self.browser.run("return location.hash"), "#cell=AS-ENABLE-1,one")
        self.assertEqual(self.browser.run("return document.querySelector(arguments[0]).getAttribute('aria-expanded')", cell),
                         "true")

    def test_the_sequence_diagram_marks_the_step_that_fails(self):
        marked = self.browser.run("return [...document.querySelectorAll('#' + CSS.escape('row-AS-ENABLE-1,one') + "
                                  "' .sequence .here')].map((group) => [group.dataset.observation, group.textContent])")
        self.assertEqual([number for number, _ in marked], ["3"])
        self.assertIn("FD_READ", marked[0][1])
        lanes = self.browser.run("return [...document.querySelectorAll('.sequence .lane')].map((lane) => lane.textContent)")
        self.assertEqual(lanes, ["application", "window queue", "sockets of one", "peer s"])

    def test_the_state_diagram_shows_the_path(self):
        self.browser.click(self.cell("AS-CLOSE-5,path"))
        row = "#" + "row-AS-CLOSE-5,path".replace(",", r"\,")
        path = self.browser.run("return [...document.querySelectorAll(arguments[0] + ' .path li')].map((line) => "
                                "[line.dataset.row, line.className])", row)
        drawn = self.browser.run("return [...document.querySelectorAll(arguments[0] + ' .machine .line.taken')].map((line) => "
                                 "[line.dataset.row, line.classList.contains('last') ? 'last' : ''])", row)
        self.assertGreaterEqual(len(path), 2)
        self.assertEqual(sorted(drawn), sorted(entry for entry in path if not entry[0].startswith("socket-")))
        self.assertIn("last", [name for _, name in path])
        bold = self.browser.run("return getComputedStyle(document.querySelector(arguments[0] + ' .line.taken text')).fontWeight",
                                row)
        self.assertEqual(bold, "700")
        self.assertEqual(self.browser.run("return document.querySelector(arguments[0] + ' .tabs [aria-pressed=true]').textContent",
                                          row), "FD_CLOSE")

    def test_the_transitions_that_were_exercised_are_drawn_boldly(self):
        link = 'a.covered[data-covered="read,one"]'
        text = self.browser.run("return document.querySelector(arguments[0]).textContent", link)
        exercised, of = (int(number) for number in text.split(" of "))
        self.assertEqual(exercised, 1)
        self.browser.click(link)
        bold = self.browser.run("return [...document.querySelectorAll('.coverage .evidence .line.taken')].map((line) => line.dataset.row)")
        self.assertEqual(bold, ["read-1"])
        missing = self.browser.run("return [...document.querySelectorAll('.coverage .evidence li')].map((item) => item.dataset.row)")
        self.assertEqual(len(missing), of - 1)
        self.assertNotIn("read-1", missing)
        self.browser.click(link)
        self.assertEqual(self.browser.run("return document.querySelectorAll('.coverage .evidence').length"), 0)

    def test_every_line_of_a_diagram_has_its_key(self):
        diagrams = re.findall(r'<script type="image/svg\+xml" id="machine-(\w+)">(.*?)</script>', self.text, re.S)
        self.assertEqual(len(diagrams), 10)
        for name, svg in diagrams:
            for group in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}g"):
                keys = [key for key in group.get("class", "").split() if re.search(r"-\d+$", key)]
                rows = [text for text in group.findall("{http://www.w3.org/2000/svg}text") if text.get("fill") == "#2f7d32"]
                self.assertEqual(len(keys), len(rows), f"{name}: {group.get('id')}")

    def test_a_link_leads_into_the_depth(self):
        self.load("#cell=AS-CLOSE-5,other")
        self.assertIn("deviates (W-2)", self.evidence("AS-CLOSE-5,other"))
        self.assertIn("evidence-AS-CLOSE-5-other", self.focused())
        self.load("#cell=AS-CLOSE-5,path,reset-again")
        opened = self.browser.run("return [...document.querySelectorAll('[data-scenario][open]')].map((one) => one.dataset.scenario)")
        self.assertIn("reset-again", opened)
        self.assertNotIn("reset-once", opened)
        self.load("#cell=AS-NOTHING,nobody")

    def test_filters(self):
        everything = self.shown()
        self.assertEqual(len(everything), 10)
        self.browser.click('button[data-filter="fails"]')
        self.assertEqual(self.shown(), ["AS-ENABLE-1"])
        self.browser.click('button[data-filter="deviates"]')
        self.assertEqual(self.shown(), ["AS-ENABLE-1", "AS-CLOSE-5"])
        self.browser.click('button[data-filter="fails"]')
        self.browser.click('button[data-filter="deviates"]')
        self.assertEqual(self.shown(), everything)
        self.browser.type("#search", "reset peer")
        self.assertEqual(self.shown(), ["AS-CLOSE-5"])
        self.assertEqual(self.browser.run("return document.getElementById('found').textContent"), "1 clause")
        self.browser.type("#search", "nonsense")
        self.assertEqual(self.shown(), [])

    def test_the_keyboard_suffices(self):
        self.browser.run("document.querySelector(arguments[0]).focus()", self.cell("AS-READ-1,one"))
        self.browser.press(ENTER)
        self.assertIsNotNone(self.evidence("AS-READ-1,one"))
        outline = self.browser.run("return getComputedStyle(document.activeElement).outlineStyle")
        self.assertEqual(outline, "solid", "the focus can be seen")
        self.browser.press(TAB)
        self.assertEqual(self.focused(), "AS-READ-1,other")
        self.browser.run("document.querySelector('tr.evidence .panel').focus()")
        self.browser.press(ESCAPE)
        self.assertEqual(self.focused(), "AS-ENABLE-1,one")
        self.assertIsNone(self.evidence("AS-ENABLE-1,one"))

    def test_nothing_moves_sideways_on_a_phone(self):
        self.browser.shape(390, 844, 2, True)
        self.load("#cell=AS-CLOSE-5,path")
        self.assertEqual(self.browser.run("return document.documentElement.scrollWidth"), 390)
        beyond = self.browser.run("return [...document.querySelectorAll('.matrix .cell, .matrix th, .panel')].filter((one) => "
                                  "one.getBoundingClientRect().right > 390.5 && !one.closest('thead')).map((one) => one.textContent)")
        self.assertEqual(beyond, [])
        self.browser.run("document.querySelector('.matrix .section th').textContent = 'FD_ROUTING_INTERFACE_CHANGE'")
        self.assertEqual(self.browser.run("return document.documentElement.scrollWidth"), 390, "the longest name fits too")

    def test_the_verdicts_of_four_keep_apart_on_a_phone(self):
        self.browser.shape(390, 844, 2, True)
        self.load()
        self.browser.run("for (const row of document.querySelectorAll('.matrix .clause')) {"
                         " while (row.querySelectorAll('td').length < 4) row.append(row.lastElementChild.cloneNode(true)); }"
                         "document.getElementById('matrix').style.setProperty('--columns', 4)")
        beyond = self.browser.run("return [...document.querySelectorAll('.cell .word')].filter((word) => word.scrollWidth > "
                                  "word.clientWidth + 1 && word.clientWidth || word.getBoundingClientRect().right > "
                                  "word.closest('.cell').getBoundingClientRect().right).map((word) => word.textContent)")
        self.assertEqual(beyond, [])
        self.browser.run("document.querySelector('.matrix .section th').textContent = 'FD_ROUTING_INTERFACE_CHANGE'")
        self.assertEqual(self.browser.run("return document.documentElement.scrollWidth"), 390)

    def test_what_is_known_to_fail_is_closed(self):
        """Where much is known of a provider nobody would find the rest."""
        self.assertIsNotNone(self.evidence("AS-ENABLE-1,one"))
        file = os.path.join(self.browser.folder, "known.html")
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(re.sub(r'(data-verdict="fails") data-news="[a-z]*"', r'\1 data-news="known"', self.text))
        self.browser.open(f"file://{file}")
        self.assertIsNone(self.evidence("AS-ENABLE-1,one"))

    def test_paper_shows_the_matrix_and_what_is_open(self):
        self.browser.media("print")
        self.assertIsNotNone(self.evidence("AS-ENABLE-1,one"))
        self.assertEqual(len(self.shown()), 10)
        self.assertEqual(self.browser.run("return document.querySelector('.filters').getClientRects().length"), 0)
        pdf = base64.b64decode(self.browser.call("POST", "/print", {"background": True}))
        self.assertTrue(pdf.startswith(b"%PDF"))

    def test_light_and_dark(self):
        colours = []
        for scheme in ("light", "dark"):
            self.browser.media(scheme=scheme)
            colours.append(self.browser.run("return getComputedStyle(document.body).backgroundColor"))
        self.assertNotEqual(*colours)

    def test_it_needs_nothing_besides_itself(self):
        self.assertEqual(self.browser.run("return performance.getEntriesByType('resource').map((one) => one.name)"), [])
        addresses = set(re.findall(r"https?://[^\"'\s]+", self.text)) - {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
        self.assertEqual(addresses, set())

    def test_it_can_be_read_without_a_script(self):
        words = Words()
        words.feed(re.sub(r"<script.*?</script>", "", self.text, flags=re.S))
        self.assertEqual(len(words.cells), 30)
        self.assertIn("fails", words.cells["AS-ENABLE-1,one"])
        self.assertIn("deviatesW-2", words.cells["AS-CLOSE-5,one"])
        for text in words.cells.values():
            self.assertIn("spec profile", text)

    def test_clauses_tell_which_proofs_speak_of_them(self):
        def told(clause):
            return self.browser.run("const proofs = document.querySelector(`tr[data-clause=\"${arguments[0]}\"] .proofs`);"
                                    "if (!proofs) return null; proofs.open = true; return proofs.innerText", clause)
        self.assertIn("1 of 1 proof holds", told("AS-READ-1"))
        self.assertIn("smt.one What <is> proved. (proved, z3 4.8.12)", told("AS-READ-1"))
        self.assertIn("1 of 2 proofs hold", told("AS-ENABLE-1"))
        self.assertIn("smt.other What is refuted. (refuted", told("AS-ENABLE-1"))
        self.assertIn("(a control passes", told("AS-CLOSE-5"))
        self.assertIsNone(told("AS-READ-2"))

    def test_versions_and_hashes(self):
        text = self.browser.run("return document.querySelector('footer').innerText")
        self.assertEqual(len(re.findall(r"\b[0-9a-f]{64}\b", text)), 2)

    def test_a_complaint_would_be_noticed(self):
        self.browser.run("const script = document.createElement('script'); script.textContent = 'nonsense()';"
                         "document.body.append(script)")
        time.sleep(0.2)  # a complaint has no condition to wait for
        self.assertEqual(len(self.browser.complaints()), 1)


if __name__ == "__main__":
    if not shutil.which("chromium") or not shutil.which("chromedriver"):
        print("skipped: chromium and chromium-driver are not installed")
        sys.exit(77)
    EXAMPLE = sys.argv.pop(1)
    unittest.main()
