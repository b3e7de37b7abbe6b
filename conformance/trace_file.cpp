// Reading and writing traces. It must not judge what it reads.
#include "conformance/trace_file.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "conformance/trace_fields.hpp"

namespace asyncselect::conformance {

namespace {

using model::Condition;
using model::Function;
using model::Handle;
using model::Observation;
using model::observation::Call;
using model::observation::Change;
using model::observation::PeerVerb;
using nlohmann::ordered_json;
namespace seen = model::observation;
using namespace trace_fields;

// ---- writing ------------------------------------------------------------------------------------------------------

// INVALID_SOCKET is -1: a number that every reader can hold.
ordered_json json_of(Handle handle) {
    return handle == model::invalid_handle ? ordered_json(-1) : ordered_json(handle);
}

template <class T>
void put(ordered_json& object, const char* name, const T& value, const T& usual) {
    if (value != usual) object[name] = value;
}

void put(ordered_json& object, const Call& call) {
    const unsigned fields = fields_of(call.function);
    const auto has = [fields](Field field) { return (fields & field) != 0; };
    object["call"] = model::name_of(call.function);
    put(object, "thread", call.thread, std::string("main"));
    put(object, "inside", call.in_callback, false);
    if (has(has_socket)) object["socket"] = json_of(call.socket);
    if (has(has_window)) object["window"] = call.window;
    if (has(has_message)) object["message"] = call.message;
    if (has(has_events)) object["events"] = call.mask;
    if (has(has_length)) object["length"] = call.length;
    if (has(has_flags)) put(object, "flags", call.flags, 0U);
    if (has(has_value)) put(object, "value", call.value, std::int64_t{0});
    if (has(has_kind)) {
        put(object, "datagram", call.datagram, false);
        put(object, "ipv6", call.ipv6, false);
    }
    if (has(has_condition) && call.condition != Condition::none) object["condition"] = model::name_of(call.condition);
    if (has(has_destination)) object["destination"] = call.destination;
    if (has(has_connection)) put(object, "connection", call.connection, std::string());
    object["result"] = call.result;
    put(object, "error", call.error, 0);
    if (has(has_created) && call.created != model::invalid_handle) object["created"] = call.created;
}

void put(ordered_json& object, const seen::Message& message) {
    object["message"] = message.message;
    put(object, "thread", message.thread, std::string("main"));
    object["window"] = message.window;
    object["socket"] = json_of(message.socket);
    object["event"] = message.event;
    put(object, "error", message.error, 0U);
    const std::uint32_t usual = (message.event & 0xffffU) | message.error << 16U;
    put(object, "lparam", message.lparam, usual);
}

template <class T, std::size_t N>
std::string_view name_in(const std::array<std::pair<T, std::string_view>, N>& names, T value) {
    return std::ranges::find(names, value, &std::pair<T, std::string_view>::first)->second;
}

void put(ordered_json& object, const seen::Peer& peer) {
    object["peer"] = peer.connection;
    object["does"] = name_in(verbs, peer.verb);
    if (names_a_socket(peer.verb) || peer.socket != model::invalid_handle) object["socket"] = json_of(peer.socket);
    put(object, "bytes", peer.bytes, 0U);
    put(object, "error", peer.error, 0);
}

void put(ordered_json& object, const Change& change) {
    object["change"] = name_in(changes, change.what);
    if (change.what == Change::What::route) object["destination"] = change.destination;
    put(object, "ipv6", change.ipv6, false);
    put(object, "error", change.error, 0);
}

void put(ordered_json& object, const seen::Quiet& /*quiet*/) { object["quiet"] = true; }
void put(ordered_json& object, const seen::QueueLimit& limit) { object["limit"] = limit.on; }
void put(ordered_json& object, const seen::Clock& clock) { object["clock"] = clock.microseconds; }
void put(ordered_json& object, const seen::Began& began) {
    object["begin"] = began.number;
    put(object, "thread", began.thread, std::string("main"));
    put(object, "what", began.what, std::string());
}
void put(ordered_json& object, const seen::Ended& ended) {
    std::visit([&object](const auto& what) { put(object, what); }, ended.what);
    object["end"] = ended.number;
}

// Text that is no UTF-8 is no reason to lose a line.
std::string line_of(const ordered_json& object) {
    return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// ---- reading ------------------------------------------------------------------------------------------------------

}  // namespace

// One line, taken apart field by field. What is left over at the end was not known.
class TraceReader::Fields {
  public:
    Fields(std::string_view text, std::size_t line)
        : line_(line), length_(text.size()), fields_(fields_of_line(text, line)) {}

    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }

    // At the name of the field; where it is not there, at the beginning.
    [[noreturn]] void fail(std::string_view name, const std::string& what) const {
        const JsonField* const field = find(name);
        throw TraceError(line_, field == nullptr ? 1 : field->name_column, what);
    }

    std::string text(std::string_view name) {
        const JsonField& field = take(name);
        if (field.kind != JsonField::Kind::text) fail_value(field, " is a text");
        return field.text;
    }
    std::string text(std::string_view name, const std::string& usual) { return has(name) ? text(name) : usual; }

    bool flag(std::string_view name) {
        if (!has(name)) return false;
        const JsonField& field = take(name);
        if (field.kind != JsonField::Kind::truth) fail_value(field, " is true or false");
        return field.truth;
    }

    template <class T>
    T number(std::string_view name) {
        const JsonField& field = take(name);
        constexpr auto least = std::numeric_limits<T>::min();
        constexpr auto most = std::numeric_limits<T>::max();
        if (field.kind == JsonField::Kind::number) {
            if (!field.negative || field.magnitude == 0) {
                if (std::in_range<T>(field.magnitude)) return static_cast<T>(field.magnitude);
            } else if (field.magnitude <= std::uint64_t{1} << 63U) {
                // The least number has no opposite.
                const auto value = -static_cast<std::int64_t>(field.magnitude - 1) - 1;
                if (std::in_range<T>(value)) return static_cast<T>(value);
            }
        }
        fail_value(field, " is a number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    template <class T>
    T number(std::string_view name, T usual) {
        return has(name) ? number<T>(name) : usual;
    }

    Handle handle(std::string_view name) {
        const JsonField* const field = find(name);
        if (field != nullptr && field->kind == JsonField::Kind::number && field->negative && field->magnitude == 1) {
            take(name);
            return model::invalid_handle;
        }
        return number<Handle>(name);
    }

    template <class T, std::size_t N>
    T one_of(std::string_view name, const std::array<std::pair<T, std::string_view>, N>& names) {
        const std::string word = text(name);
        std::string known;
        for (const auto& [value, text] : names) {
            if (text == word) return value;
            known += (known.empty() ? "" : ", ") + std::string(text);
        }
        fail(name, "\"" + word + "\" is not one of " + known);
    }

    void end() const {
        for (std::size_t index = 0; index < fields_.size(); ++index) {
            if ((taken_ >> index & 1U) == 0)
                fail(fields_[index].name, "the field \"" + fields_[index].name + "\" is not known here");
        }
    }

  private:
    [[nodiscard]] const JsonField* find(std::string_view name) const {
        const auto found = std::ranges::find(fields_, name, &JsonField::name);
        return found == fields_.end() ? nullptr : &*found;
    }

    [[noreturn]] void fail_value(const JsonField& field, const std::string& what) const {
        throw TraceError(line_, field.value_column, '"' + field.name + '"' + what);
    }

    const JsonField& take(std::string_view name) {
        const JsonField* const field = find(name);
        if (field == nullptr)
            throw TraceError(line_, length_ + 1, "the field \"" + std::string(name) + "\" is missing");
        taken_ |= std::uint64_t{1} << static_cast<std::size_t>(field - fields_.data()) % 64;
        return *field;
    }

    std::size_t line_;
    std::size_t length_;
    std::vector<JsonField> fields_;
    std::uint64_t taken_ = 0;  // bits; a line that is known has far fewer fields
};

namespace {

using Fields = TraceReader::Fields;

Function function_in(Fields& fields) {
    const std::string word = fields.text("call");
    for (std::uint8_t number = 0; number <= static_cast<std::uint8_t>(last_function); ++number) {
        const auto function = static_cast<Function>(number);
        if (model::name_of(function) == word) return function;
    }
    fields.fail("call", "\"" + word + "\" is no function that a trace tells of");
}

Call call_in(Fields& fields) {
    Call call;
    call.function = function_in(fields);
    const unsigned present = fields_of(call.function);
    const auto has = [present](Field field) { return (present & field) != 0; };
    call.thread = fields.text("thread", "main");
    call.in_callback = fields.flag("inside");
    if (has(has_socket)) call.socket = fields.handle("socket");
    if (has(has_window)) call.window = fields.number<Handle>("window");
    if (has(has_message)) call.message = fields.number<std::uint32_t>("message");
    if (has(has_events)) call.mask = fields.number<std::uint32_t>("events");
    if (has(has_length)) call.length = fields.number<std::int64_t>("length");
    if (has(has_flags)) call.flags = fields.number<std::uint32_t>("flags", 0);
    if (has(has_value)) call.value = fields.number<std::int64_t>("value", 0);
    if (has(has_kind)) {
        call.datagram = fields.flag("datagram");
        call.ipv6 = fields.flag("ipv6");
    }
    if (has(has_condition) && fields.has("condition")) call.condition = fields.one_of("condition", conditions);
    if (has(has_destination)) call.destination = fields.text("destination");
    if (has(has_connection)) call.connection = fields.text("connection", "");
    call.result = fields.number<std::int64_t>("result");
    call.error = fields.number<int>("error", 0);
    if (has(has_created) && fields.has("created")) call.created = fields.handle("created");
    if (makes_something(call.function) && !call.failed() && call.created == model::invalid_handle)
        fields.fail("call", "what has succeeded here has made something: the field \"created\" is missing");
    return call;
}

seen::Message message_in(Fields& fields) {
    seen::Message message;
    message.message = fields.number<std::uint32_t>("message");
    message.thread = fields.text("thread", "main");
    message.window = fields.number<Handle>("window");
    message.socket = fields.handle("socket");
    message.event = fields.number<std::uint32_t>("event");
    message.error = fields.number<std::uint32_t>("error", 0);
    message.lparam = fields.number<std::uint32_t>("lparam", (message.event & 0xffffU) | message.error << 16U);
    return message;
}

seen::Peer peer_in(Fields& fields) {
    seen::Peer peer;
    peer.connection = fields.text("peer");
    peer.verb = fields.one_of("does", verbs);
    if (names_a_socket(peer.verb) || fields.has("socket")) peer.socket = fields.handle("socket");
    peer.bytes = fields.number<std::uint32_t>("bytes", 0);
    peer.error = fields.number<int>("error", 0);
    return peer;
}

Change change_in(Fields& fields) {
    Change change;
    change.what = fields.one_of("change", changes);
    if (change.what == Change::What::route) change.destination = fields.text("destination");
    if (change.what == Change::What::address_list) change.ipv6 = fields.flag("ipv6");
    change.error = fields.number<int>("error", 0);
    return change;
}

Observation with_end(Fields& fields, auto what) {
    if (!fields.has("end")) return what;
    seen::Ended ended;
    ended.number = fields.number<std::uint64_t>("end");
    ended.what = std::move(what);
    return ended;
}

Observation observation_in(Fields& fields) {
    if (fields.has("call")) return with_end(fields, call_in(fields));
    if (fields.has("peer")) return with_end(fields, peer_in(fields));
    if (fields.has("change")) return with_end(fields, change_in(fields));
    if (fields.has("message")) return with_end(fields, message_in(fields));
    if (fields.has("begin")) {
        seen::Began began;
        began.number = fields.number<std::uint64_t>("begin");
        began.thread = fields.text("thread", "main");
        began.what = fields.text("what", "");
        return began;
    }
    if (fields.has("limit")) return seen::QueueLimit{fields.flag("limit")};
    if (fields.has("clock")) return seen::Clock{fields.number<std::uint64_t>("clock")};
    if (fields.has("quiet")) {
        if (!fields.flag("quiet")) fields.fail("quiet", "\"quiet\" is true");
        return seen::Quiet{};
    }
    fields.fail("", "a line has one of the fields call, message, peer, change, quiet, limit, clock, begin, note");
}

}  // namespace

std::string write_header(const TraceHeader& header) {
    ordered_json object;
    object["trace"] = trace_version;
    put(object, "provider", header.provider, std::string());
    put(object, "version", header.provider_version, std::string());
    put(object, "script", header.script, std::string());
    put(object, "ours", header.ours, false);
    if (header.unobserved_peers) object["peers"] = "unobserved";
    return line_of(object);
}

std::string write_observation(const Observation& observation) {
    ordered_json object;
    std::visit([&object](const auto& what) { put(object, what); }, observation);
    return line_of(object);
}

std::string write_note(std::string_view text) { return line_of(ordered_json{{"note", text}}); }

Observation parse_observation(std::string_view line) {
    Fields fields(line, 1);
    Observation observation = observation_in(fields);
    fields.end();
    return observation;
}

TraceReader::TraceReader(std::istream& in) : in_(in) {
    if (!read_line()) throw TraceError(1, 1, "the trace is empty: its first line is {\"trace\":1}");
    if (text_.starts_with("\xef\xbb\xbf")) text_.erase(0, 3);  // a byte order mark, as programs for Windows write it
    if (text_.starts_with("\xff\xfe") || text_.starts_with("\xfe\xff"))
        throw TraceError(1, 1, "this is UTF-16: write traces in UTF-8");
    Fields fields = fields_of_this_line();
    if (!fields.has("trace")) fields.fail("", "the first line of a trace says which version it is: {\"trace\":1}");
    if (const auto version = fields.number<std::int64_t>("trace"); version != trace_version) {
        fields.fail("trace", "this is version " + std::to_string(version) + " of the form of traces; version " +
                                 std::to_string(trace_version) + " is understood here");
    }
    header_.provider = fields.text("provider", "");
    header_.provider_version = fields.text("version", "");
    header_.script = fields.text("script", "");
    header_.ours = fields.flag("ours");
    if (fields.has("peers")) header_.unobserved_peers = fields.one_of("peers", peer_kinds);
    fields.end();
}

// Whether there was a line. At most `most_bytes` of it are held.
bool TraceReader::read_line() {
    constexpr int end_of_file = std::istream::traits_type::eof();
    std::streambuf& from = *in_.rdbuf();
    text_.clear();
    int byte = from.sbumpc();
    if (byte == end_of_file) return false;
    ++line_;
    for (; byte != end_of_file && byte != '\n'; byte = from.sbumpc()) {
        if (text_.size() == most_bytes) {
            throw TraceError(line_, most_bytes + 1,
                             "a line has at most " + std::to_string(most_bytes) +
                                 " bytes: is this a trace, one observation a line?");
        }
        text_ += static_cast<char>(byte);
    }
    complete_ = byte == '\n';
    return true;
}

Fields TraceReader::fields_of_this_line() const {
    if (complete_) return {text_, line_};
    try {
        return {text_, line_};
    } catch (const TraceError& error) {
        throw TraceError(
            error.line, error.column,
            std::string(error.what()) + ". It is the last line and has no newline: perhaps the trace was cut off here");
    }
}

std::optional<TraceLine> TraceReader::next_line() {
    while (read_line()) {
        if (text_.find_first_not_of(" \t\r") == std::string::npos) continue;
        Fields fields = fields_of_this_line();
        if (fields.has("note")) {
            Note note{fields.text("note")};
            fields.end();
            return note;
        }
        if (fields.has("trace")) fields.fail("trace", "a trace begins within another one: a file has one trace");
        Observation observation = observation_in(fields);
        fields.end();
        check_sequence(observation, fields);
        return observation;
    }
    return std::nullopt;
}

std::optional<Observation> TraceReader::next() {
    while (std::optional<TraceLine> line = next_line()) {
        if (auto* const observation = std::get_if<Observation>(&*line)) return std::move(*observation);
    }
    return std::nullopt;
}

void TraceReader::check_sequence(const Observation& observation, const Fields& fields) {
    if (const auto* clock = std::get_if<seen::Clock>(&observation)) {
        if (clock->microseconds < clock_) fields.fail("clock", "the clock runs back, from " + std::to_string(clock_));
        clock_ = clock->microseconds;
    } else if (const auto* began = std::get_if<seen::Began>(&observation)) {
        if (!begun_.emplace(began->number, began->thread).second)
            fields.fail("begin", "#" + std::to_string(began->number) + " has begun already and not ended");
    } else if (const auto* ended = std::get_if<seen::Ended>(&observation)) {
        if (begun_.erase(ended->number) == 0)
            fields.fail("end", "#" + std::to_string(ended->number) + " ends and has not begun");
        // What a peer does at the same moment comes before or after it.
        const auto* const peer = std::get_if<seen::Peer>(&ended->what);
        if (peer != nullptr && peer->verb != PeerVerb::send && peer->verb != PeerVerb::urgent)
            check_peer(*peer, fields);
    } else if (const auto* call = std::get_if<Call>(&observation); call != nullptr && !call->in_callback) {
        for (const auto& [number, thread] : begun_) {
            if (thread == call->thread)
                fields.fail("call",
                            "the thread " + thread + " calls while its #" + std::to_string(number) + " has not ended");
        }
    } else if (const auto* peer = std::get_if<seen::Peer>(&observation)) {
        check_peer(*peer, fields);
    } else if (std::holds_alternative<seen::Quiet>(observation)) {
        gone_.clear();
    }
}

// A peer that has closed its end does nothing more with it. Of ends that were closed before a moment of quiet nothing
// is remembered.
void TraceReader::check_peer(const seen::Peer& peer, const Fields& fields) {
    switch (peer.verb) {
        case PeerVerb::connect:
        case PeerVerb::established:
            gone_.erase(peer.connection);
            break;
        case PeerVerb::send:
        case PeerVerb::urgent:
            if (gone_.contains(peer.connection))
                fields.fail("does", "the peer " + peer.connection + " has closed its end and cannot send any more");
            break;
        case PeerVerb::close:
        case PeerVerb::reset:
            gone_.insert(peer.connection);
            break;
        default:
            break;
    }
}

}  // namespace asyncselect::conformance
