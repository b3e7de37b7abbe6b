// Questions, and how an answer reads.
#include "proofs/smt/solver.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

namespace asyncselect::proofs {

namespace {

namespace layout = core::layout;

constexpr std::array<const char*, core::event_count> names{
    "FD_CONNECT",
    "FD_ACCEPT",
    "FD_OOB",
    "FD_READ",
    "FD_WRITE",
    "FD_CLOSE",
    "FD_QOS",
    "FD_GROUP_QOS",
    "FD_ROUTING_INTERFACE_CHANGE",
    "FD_ADDRESS_LIST_CHANGE",
};

struct Flag {
    core::Word bits;
    const char* name;
};
// What has a name of its own.
const Flag flags[] = {
    {core::fact(core::events(core::Event::connect)), "a connection is established"},
    {layout::connect_failed, "the connect failed"},
    {core::fact(core::events(core::Event::oob)), "urgent data is inline"},
    {core::fact(core::events(core::Event::read)), "fact of FD_READ"},
    {core::fact(core::events(core::Event::write)), "there is room to send"},
    {core::fact(core::events(core::Event::close)), "the FIN has arrived"},
    {core::fact(core::events(core::Event::qos)), "fact of FD_QOS"},
    {core::fact(core::events(core::Event::group_qos)), "fact of FD_GROUP_QOS"},
    {core::fact(core::events(core::Event::routing_interface_change)), "a route change was asked for"},
    {core::fact(core::events(core::Event::address_list_change)), "an address list change was asked for"},
    {layout::refused, "waits for room in the queue"},
    {layout::aborted, "aborted"},
    {layout::unsendable, "no send is possible any more"},
    {layout::unreceivable, "receiving is shut down"},
    {layout::subsystem_failed, "the subsystem has failed"},
    {layout::route_unreachable, "the route leads nowhere"},
};

void append(std::string& text, const std::string& more) { text += (text.empty() ? "" : ", ") + more; }

core::Word value_of(const z3::model& model, const z3::expr& bits) {
    return model.eval(bits, true).get_numeral_uint64();
}

}  // namespace

std::string describe_lanes(core::Events lanes) {
    std::string text;
    for (std::size_t event = 0; event < names.size(); ++event)
        if ((lanes >> event & 1U) != 0) append(text, names.at(event));
    return text.empty() ? "nothing" : text;
}

std::string describe_word(core::Word word) {
    std::string text;
    for (std::size_t event = 0; event < names.size(); ++event) {
        const auto in = [word, event](unsigned lane) { return (word >> lane >> event & 1U) != 0; };
        const auto is = [&](unsigned lane, const char* what) {
            return in(lane) ? std::string{" "} + what : std::string{};
        };
        const auto said = is(layout::wanted, "wanted") + is(layout::enabled, "enabled") + is(layout::met, "met");
        if (!said.empty()) append(text, names.at(event) + said);
    }
    for (const auto& [bits, name] : flags)
        if ((word & bits) != 0) append(text, name);
    if (const auto index = (word & layout::error_bits) >> layout::error; index != 0)
        append(text, fmt::format("error {}", core::message_errors.at(index)));
    if (const auto owners = word >> layout::owners_bits; owners != 0)
        append(text, fmt::format("the owner's bits {:#x}", owners));
    return fmt::format("{:#x}: {}", word, text.empty() ? "nothing" : text);
}

z3::context& Question::shared_context() {
    static z3::context context;
    return context;
}

Bits Question::any_word(const std::string& name) {
    auto word = context_.bv_const(name.c_str(), 64);
    tell_word(name, word);
    return word;
}

Bits Question::any_lanes(const std::string& name) {
    auto lanes = context_.bv_const(name.c_str(), 64) & constant(core::all_events);
    tell_lanes(name, lanes);
    return lanes;
}

Stimulus Question::any_stimulus(const std::string& name) {
    const auto mask = [&](const char* which) { return context_.bv_const((name + which).c_str(), 64); };
    Stimulus stimulus{mask(" keep"), mask(" set"), mask(" occasion"), mask(" recall")};
    tell_stimulus(name, stimulus);
    return stimulus;
}

Stimulus Question::lifted(const core::Stimulus& stimulus) {
    return {constant(stimulus.keep), constant(stimulus.set), constant(stimulus.occasion), constant(stimulus.recall)};
}

Bits Question::constant(core::Word value) { return context_.bv_val(static_cast<std::uint64_t>(value), 64); }

void Question::tell_word(const std::string& name, const Bits& word) {
    tellers_.emplace_back([name, word](const z3::model& model) {
        return fmt::format("    {}: {}\n", name, describe_word(value_of(model, word)));
    });
}

void Question::tell_lanes(const std::string& name, const Bits& lanes) {
    tellers_.emplace_back([name, lanes](const z3::model& model) {
        return fmt::format("    {}: {}\n", name, describe_lanes(value_of(model, lanes)));
    });
}

void Question::tell_stimulus(const std::string& name, const Stimulus& stimulus) {
    tellers_.emplace_back([name, stimulus](const z3::model& model) {
        return fmt::format(
            "    {}:\n        forgets {}\n        sets {}\n        happens {}\n        recalls {}\n", name,
            describe_word(~value_of(model, stimulus.keep)), describe_word(value_of(model, stimulus.set)),
            describe_lanes(value_of(model, stimulus.occasion)), describe_lanes(value_of(model, stimulus.recall)));
    });
}

std::optional<std::string> Question::refute(const z3::expr& condition) {
    solver_.push();
    solver_.add(!condition);
    const auto answer = solver_.check();
    std::optional<std::string> found;
    if (answer == z3::unknown) throw std::runtime_error{"the solver gives up: " + solver_.reason_unknown()};
    if (answer == z3::sat) {
        const auto model = solver_.get_model();
        found = "";
        for (const auto& teller : tellers_) *found += teller(model);
    }
    solver_.pop();
    return found;
}

}  // namespace asyncselect::proofs
