#!/usr/bin/env python3
"""The report as JUnit XML, read by a strict parser: report_junit_test.py <report_example>. Only the standard library."""
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ElementTree

EXAMPLE = sys.argv.pop(1)
# What may stand in each element, in this order.
INSIDE = {
    "testsuites": ["testsuite"],
    "testsuite": ["properties", "testcase"],
    "properties": ["property"],
    "testcase": ["properties", "skipped", "error", "failure", "system-out"],
}


def well_formed(element):
    """Why an element is none of JUnit's, or nothing."""
    allowed = INSIDE.get(element.tag, [])
    places = [allowed.index(child.tag) if child.tag in allowed else -1 for child in element]
    if -1 in places or places != sorted(places):
        return f"{element.tag} holds {[child.tag for child in element]}"
    if element.tag == "testcase" and sum(child.tag in ("skipped", "error", "failure") for child in element) > 1:
        return "a case has one result"
    return next(filter(None, map(well_formed, element)), None)


class JUnit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = subprocess.run([EXAMPLE, "junit"], check=True, capture_output=True).stdout
        cls.root = ElementTree.fromstring(cls.text)

    def case(self, suite, name):
        found = [case for case in self.root[suite].findall("testcase") if case.get("name") == name]
        self.assertEqual(len(found), 1, name)
        return found[0]

    def test_is_of_the_form(self):
        self.assertIsNone(well_formed(self.root))
        self.assertEqual([suite.get("name") for suite in self.root], ["one", "other"])

    def test_counts_what_is_there(self):
        for suite in self.root:
            cases = suite.findall("testcase")
            self.assertEqual(int(suite.get("tests")), len(cases))
            for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                self.assertEqual(int(suite.get(attribute)), sum(case.find(tag) is not None for case in cases))
            names = [(case.get("classname"), case.get("name")) for case in cases]
            self.assertEqual(len(names), len(set(names)))

    def test_names_versions_and_hashes(self):
        properties = {one.get("name"): one.get("value") for one in self.root[0].find("properties")}
        self.assertEqual(properties["profile"], "spec")
        self.assertRegex(properties["suite.version"], r"^\d+\.\d+\.\d+$")
        self.assertRegex(properties["scripts.sha256"], "^[0-9a-f]{64}$")
        self.assertRegex(properties["clauses.sha256"], "^[0-9a-f]{64}$")

    def test_a_failure_tells_reason_and_steps(self):
        case = self.case(0, "AS-ENABLE-1")
        self.assertEqual(case.get("classname"), "No flooding, and re-enabling")
        failure = case.find("failure")
        self.assertEqual(failure.get("type"), "violation")
        self.assertIn("due no further FD_READ until recv", failure.get("message"))
        self.assertIn("\n    peer s send 10\n", failure.text)
        self.assertIn("\n      > message 1025", failure.text)

    def test_a_deviation_passes_and_is_told(self):
        case = self.case(0, "AS-CLOSE-5")
        self.assertEqual({tag.tag for tag in case}, {"properties", "system-out"})
        self.assertIn(("verdict", "deviates (W-2)"), [(p.get("name"), p.get("value")) for p in case.find("properties")])

    def test_what_is_skipped_has_a_reason(self):
        self.assertEqual(self.case(0, "R-29").find("skipped").get("message"),
                         "skipped: a network namespace: Operation not permitted")
        self.assertIn("not possible: there is no means", self.case(0, "AS-API-3").find("skipped").get("message"))

    def test_an_error_of_the_suite_is_one(self):
        self.assertIsNotNone(self.case(0, "read-late claims AS-READ-2 but did not exercise it").find("error"))

    def test_what_is_fixed_fails(self):
        self.assertEqual(self.case(1, "AS-READ-1").find("failure").get("type"), "fixed")
        self.assertIn(("news", "known"),
                      [(p.get("name"), p.get("value")) for p in self.case(1, "AS-CLOSE-5").find("properties")])

    def test_the_parser_is_strict(self):
        # Without the whole document among what is told of a failure.
        self.longMessage = False
        for broken in (self.text.replace(b"&quot;", b'"', 1), self.text.replace(b"&lt;", b"<", 1),
                       self.text + b"more", self.text.replace(b"spec", b"\x01", 1), self.text.replace(b"spec", b"\xff", 1)):
            self.assertNotEqual(broken, self.text)
            with self.assertRaises(ElementTree.ParseError):
                ElementTree.fromstring(broken)
        self.assertIsNotNone(well_formed(ElementTree.fromstring(self.text.replace(b"testcase", b"case"))))


if __name__ == "__main__":
    unittest.main()
