// Writes the made-up outcomes of the tests in one of the forms of the report: for checks in other languages.
// report_example FORM [FILE]. It must not check anything.
#include "conformance/report_example.hpp"

#include <iostream>
#include <string_view>

#include "conformance/known.hpp"
#include "conformance/proved.hpp"
#include "conformance/report.hpp"
#include "conformance/report_html.hpp"
#include "conformance/report_junit.hpp"

int main(int argc, char** argv) {
    using namespace asyncselect::conformance;
    const std::string_view form = argc > 1 ? argv[1] : "";
    std::vector<SuiteOutcome> outcomes = examples();
    if (form == "html") outcomes.push_back(example_with_a_path());
    outcomes[0].chosen_as = "exec:./one --it's";
    // The second provider has a list: one thing is known, one is not, one is there no more.
    outcomes[1].comparison = compare(
        {"other", "spec", {{"AS-CLOSE-5", "W-2", {}, "as \"Windows\" does <&>"}, {"AS-READ-1", "fails", {}, ""}}},
        outcomes[1]);
    if (form == "text") {
        std::cout << text_report(outcomes, false);
    } else if (form == "json") {
        std::cout << json_report(outcomes);
    } else if (form == "junit") {
        std::cout << junit_report(outcomes);
    } else if (form == "html") {
        std::cout << html_report(
            outcomes, {{"smt.one", "What <is> proved.", "z3 4.8.12", "proved", {"AS-READ-1", "AS-ENABLE-1"}, true},
                       {"smt.other", "What is refuted.", "z3 4.8.12", "refuted", {"AS-ENABLE-1"}, true},
                       {"smt.third", "What passes with a fault too.", "z3 4.8.12", "proved", {"AS-CLOSE-5"}, false}});
    } else {
        std::cerr << "usage: report_example text|json|junit|html\n";
        return 2;
    }
    return 0;
}
