// See fuzz/trace_mutator.hpp.
#include "fuzz/trace_mutator.hpp"

#include <array>
#include <optional>
#include <vector>

#include "conformance/json_line.hpp"
#include "conformance/trace_fields.hpp"
#include "conformance/trace_file.hpp"
#include "fuzz/lines.hpp"
#include "model/event.hpp"
#include "model/trace.hpp"

namespace asyncselect::fuzz {

namespace {

namespace seen = model::observation;
using conformance::JsonField;

// How often a change is tried until it yields an observation.
constexpr int most_attempts = 8;

std::vector<JsonField> fields_of(const std::string& line) {
    try {
        return conformance::fields_of_line(line, 1);
    } catch (const conformance::TraceError&) {
        return {};
    }
}

// Texts here have no characters that JSON wants escaped, or are read as another text: either is a trace.
std::string line_of(const std::vector<JsonField>& fields) {
    std::string line = "{";
    for (const JsonField& field : fields) {
        line += (line.size() > 1 ? ",\"" : "\"") + field.name + "\":";
        switch (field.kind) {
            case JsonField::Kind::text:
                line += '"' + field.text + '"';
                break;
            case JsonField::Kind::number:
                line += (field.negative ? "-" : "") + std::to_string(field.magnitude);
                break;
            case JsonField::Kind::truth:
                line += field.truth ? "true" : "false";
        }
    }
    return line + '}';
}

bool is_observation(const std::string& line) {
    try {
        static_cast<void>(conformance::parse_observation(line));
        return true;
    } catch (const conformance::TraceError&) {
        return false;
    }
}

// The handles of most traces here.
model::Handle some_socket(Chance& chance) { return chance.one_in(20) ? model::invalid_handle : 5 + chance.below(4); }

seen::Call some_call(Chance& chance) {
    static constexpr std::array<int, 10> errors{0, 0, 0, 0, 10014, 10022, 10035, 10038, 10054, 11002};
    const auto last = static_cast<std::size_t>(conformance::trace_fields::last_function);
    seen::Call call;
    if (chance.one_in(8)) call.thread = "t";
    call.function = static_cast<model::Function>(chance.below(last + 1));
    call.socket = some_socket(chance);
    call.window = 1 + chance.below(2);
    call.message = 1025 + static_cast<std::uint32_t>(chance.below(2));
    call.mask = chance.one_in(2) ? model::every_event : static_cast<std::uint32_t>(chance.below(1024));
    call.length = static_cast<std::int64_t>(chance.below(200));
    if (chance.one_in(4)) call.flags = static_cast<std::uint32_t>(1 + chance.below(3));
    call.value = static_cast<std::int64_t>(chance.below(3));
    call.datagram = chance.one_in(3);
    call.condition = static_cast<model::Condition>(chance.below(4));
    call.destination = chance.one_in(2) ? "red" : "blue";
    call.error = errors[chance.below(errors.size())];
    call.result = call.error != 0 ? model::socket_error : static_cast<std::int64_t>(chance.below(200));
    if (call.error == 0) call.created = some_socket(chance);
    return call;
}

seen::Peer some_doing(Chance& chance) {
    seen::Peer peer;
    peer.connection = chance.one_in(3) ? "q" : "p";
    peer.verb = conformance::trace_fields::verbs[chance.below(conformance::trace_fields::verbs.size())].first;
    peer.socket = some_socket(chance);
    peer.bytes = static_cast<std::uint32_t>(chance.below(200));
    if (peer.verb == seen::PeerVerb::refused) peer.error = 10061;
    return peer;
}

seen::Change some_change(Chance& chance) {
    seen::Change change;
    change.what = conformance::trace_fields::changes[chance.below(conformance::trace_fields::changes.size())].first;
    if (change.what == seen::Change::What::route) change.destination = chance.one_in(2) ? "red" : "blue";
    return change;
}

std::string any_line(Chance& chance, const Lines& /*all*/) {
    const auto write = [](const model::Observation& what) { return conformance::write_observation(what); };
    switch (chance.below(12)) {
        case 0:
            return write(seen::Quiet{});
        case 1:
            return write(seen::QueueLimit{chance.one_in(2)});
        case 2:
            return write(seen::Began{1 + chance.below(3), chance.one_in(2) ? "t" : "main", ""});
        case 3:
            return write(seen::Ended{1 + chance.below(3), some_call(chance)});
        case 4:
        case 5:
            return write(some_doing(chance));
        case 6:
            return write(some_change(chance));
        case 7:
        case 8:
            return write(seen::message(1, 1025, some_socket(chance),
                                       model::bit_of(model::events_in_posting_order[chance.below(model::event_count)]),
                                       chance.one_in(4) ? 10054 : 0));
        default:
            return write(some_call(chance));
    }
}

// A field of that name from another line, or any.
std::optional<JsonField> borrowed(Chance& chance, const Lines& all, const std::string& name) {
    std::vector<JsonField> found;
    for (const std::string& line : all)
        for (JsonField& field : fields_of(line))
            if (name.empty() || field.name == name) found.push_back(std::move(field));
    if (found.empty()) return std::nullopt;
    return chance.one_of(found);
}

void change_value(Chance& chance, JsonField& field, const Lines& all) {
    if (const auto other = borrowed(chance, all, field.name); other && chance.one_in(2)) {
        field = *other;
        return;
    }
    switch (field.kind) {
        case JsonField::Kind::text:
            if (chance.one_in(10))
                field.text = chance.one_in(2) ? "" : field.text + field.text;
            else if (const auto other = borrowed(chance, {any_line(chance, all)}, field.name))
                field = *other;
            break;
        case JsonField::Kind::number:
            if (chance.one_in(3))
                field.magnitude += chance.one_in(2) ? 1 : ~std::uint64_t{0};
            else
                field.magnitude = chance.number();
            if (field.negative && field.magnitude > std::uint64_t{1} << 63U) field.negative = false;
            break;
        case JsonField::Kind::truth:
            field.truth = !field.truth;
    }
}

std::string changed(Chance& chance, const std::string& line, const Lines& all) {
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        auto fields = fields_of(line);
        if (fields.empty()) return any_line(chance, all);
        const std::size_t place = chance.below(fields.size());
        switch (chance.below(8)) {
            case 0:
                fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(place));
                break;
            case 1:
                if (auto other = borrowed(chance, all, "")) fields.push_back(std::move(*other));
                break;
            default:
                change_value(chance, fields[place], all);
        }
        std::string made = line_of(fields);
        // Now and then what is no observation.
        if (made != line && (is_observation(made) || chance.one_in(50))) return made;
    }
    return line;
}

const LineLanguage& language() {
    static const LineLanguage of_traces{1, 64, any_line, changed};
    return of_traces;
}

std::string some_header(Chance& chance) {
    conformance::TraceHeader header;
    header.provider = "fuzzed";
    header.ours = chance.one_in(2);
    header.unobserved_peers = chance.one_in(4);
    return conformance::write_header(header);
}

Lines trace_of(std::string_view text, Chance& chance) {
    Lines lines = lines_of(text);
    if (lines.empty() || chance.one_in(20)) {
        if (!lines.empty()) lines.erase(lines.begin());
        lines.insert(lines.begin(), some_header(chance));
    }
    return lines;
}

}  // namespace

std::string mutated_trace(std::string_view text, std::uint64_t seed) {
    Chance chance(seed);
    return text_of(mutated(trace_of(text, chance), chance, language()));
}

std::string crossed_traces(std::string_view one, std::string_view other, std::uint64_t seed) {
    Chance chance(seed);
    return text_of(crossed(trace_of(one, chance), lines_of(other), chance, language()));
}

}  // namespace asyncselect::fuzz
