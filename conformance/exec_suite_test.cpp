// The whole suite through the example adapter: what it asks for is what its page tells, and peers may live on another
// host. Under no sanitizer: exec_provider_test is, with the same calls.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conformance/exec_provider.hpp"
#include "conformance/network.hpp"
#include "conformance/providers.hpp"
#include "conformance/report.hpp"
#include "conformance/suite.hpp"

namespace asyncselect::conformance {
namespace {

using std::chrono::milliseconds;

// Before any thread is started.
const std::optional<std::string> no_network = network::enter_namespace();

const std::string adapter = ASYNCSELECT_ADAPTER;

// The rows of a table of docs/adapter.md that begin with this name, in one text; empty if there is none.
std::string rows_of(const std::vector<std::string>& page, const std::string& name) {
    const std::string quoted = '`' + name + '`';
    std::string rows;
    for (const std::string& line : page) {
        if (line.starts_with("| `") && line.substr(0, line.find(" |", 2)).find(quoted) != std::string::npos)
            rows += line + '\n';
    }
    return rows;
}

TEST(ExampleAdapter, IsAskedForNothingThatItsPageDoesNotTell) {
    std::vector<std::string> page;
    std::ifstream document(ASYNCSELECT_ADAPTER_DOCUMENT);
    for (std::string line; std::getline(document, line);) page.push_back(line);
    ASSERT_FALSE(page.empty());
    ASSERT_EQ(rows_of(page, "no such call"), "");

    const std::string asked = ::testing::TempDir() + "asked_" + std::to_string(::getpid());
    {
        ExecOptions exec;
        exec.command = "tee " + asked + " | " + adapter;
        const std::unique_ptr<Provider> provider = make_exec_provider(exec);
        SuiteOptions options;
        options.no_network = no_network.value_or("");
        run(embedded_suite(), *provider, options);
    }
    const std::set<std::string> everywhere{"id", "thread", "call", "ask", "inside"};
    std::set<std::string> names;
    std::ifstream requests(asked);
    for (std::string line; std::getline(requests, line);) {
        const nlohmann::json request = nlohmann::json::parse(line);
        if (request.contains("answer")) continue;
        const std::string name = request.at(request.contains("call") ? "call" : "ask").get<std::string>();
        const std::string rows = rows_of(page, name);
        EXPECT_NE(rows, "") << name;
        for (const auto& [field, value] : request.items()) {
            if (everywhere.contains(field)) continue;
            EXPECT_NE(rows.find('`' + field + '`'), std::string::npos) << name << " has the field " << field;
        }
        names.insert(name);
    }
    EXPECT_GE(names.size(), 30U);
    std::filesystem::remove(asked);
}

// ---- peers elsewhere ----------------------------------------------------------------------------------------------

SuiteOutcome ipv4_suite(Provider& provider) {
    std::vector<Script> scripts;
    for (Script& script : embedded_suite()) {
        // Routes and addresses are this host's.
        if (needs_of(script).empty()) scripts.push_back(std::move(script));
    }
    return run(scripts, provider, {});
}

void expect_ipv4_to_conform(const SuiteOutcome& outcome) {
    EXPECT_EQ(outcome.count(Status::fails), 0U) << text_report({outcome}, false);
    // How much fits into a connection between two hosts is not known, so that full buffers do not stay full.
    for (const std::string& error : outcome.errors) {
        EXPECT_TRUE(error.find("did not exercise") != std::string::npos && error.find("full") != std::string::npos)
            << error;
    }
    EXPECT_GT(outcome.count(Status::conforms), 80U) << text_report({outcome}, false);
    std::size_t not_possible = 0;
    for (const ScenarioOutcome& scenario : outcome.scenarios) {
        if (scenario.reason.empty()) continue;
        ++not_possible;
        EXPECT_NE(scenario.reason.find(" gives no address of IPv6"), std::string::npos) << scenario.reason;
    }
    EXPECT_GT(not_possible, 5U);
}

TEST(Elsewhere, OtherAddressesOfThisHost) {
    ExecOptions options;
    options.command = adapter;
    options.peers_at = {*address_in("127.0.0.2")};
    options.provider_at = {*address_in("127.0.0.1")};
    options.out_of_sight = milliseconds(1);
    const std::unique_ptr<Provider> provider = make_exec_provider(options);
    EXPECT_EQ(provider->peers_at(false).address, address_in("127.0.0.2")->bytes);
    EXPECT_THROW(provider->peers_at(true), Unsupported);
    expect_ipv4_to_conform(ipv4_suite(*provider));
}

// The adapter runs in another namespace, whose tables cannot be seen from here.
TEST(Elsewhere, AnotherHost) {
    if (no_network) GTEST_SKIP() << "needs a network of our own: " << *no_network;
    network::add_interfaces("here", "there");
    network::Host host;
    host.take("there");
    network::add_address("here", "192.0.2.1/24");
    std::unique_ptr<Provider> provider;
    host.run([&] {
        network::set_up("lo", true);
        network::set_up("there", true);
        network::add_address("there", "192.0.2.2/24");
        ExecOptions options;
        options.command = adapter + " --eager";
        options.peers_at = {*address_in("192.0.2.1")};
        options.provider_at = {*address_in("192.0.2.2")};
        options.out_of_sight = milliseconds(20);
        provider = make_exec_provider(options);
    });
    expect_ipv4_to_conform(ipv4_suite(*provider));
}

}  // namespace
}  // namespace asyncselect::conformance
