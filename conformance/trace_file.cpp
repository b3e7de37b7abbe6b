// Reading and writing traces. It must not judge what it reads.
#include "conformance/trace_file.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

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

// ---- names --------------------------------------------------------------------------------------------------------

constexpr auto last_function = Function::destroy_window;
constexpr std::array<std::pair<PeerVerb, std::string_view>, 10> verbs{{{PeerVerb::connect, "connect"},
                                                                       {PeerVerb::established, "established"},
                                                                       {PeerVerb::refused, "refused"},
                                                                       {PeerVerb::send, "send"},
                                                                       {PeerVerb::datagram, "datagram"},
                                                                       {PeerVerb::urgent, "urgent"},
                                                                       {PeerVerb::shutdown, "shutdown"},
                                                                       {PeerVerb::close, "close"},
                                                                       {PeerVerb::reset, "reset"},
                                                                       {PeerVerb::receive, "receive"}}};
constexpr std::array<std::pair<Change::What, std::string_view>, 3> changes{{{Change::What::route, "route"},
                                                                            {Change::What::address_list, "addresses"},
                                                                            {Change::What::subsystem, "subsystem"}}};
constexpr std::array<std::pair<Condition, std::string_view>, 3> conditions{
    {{Condition::accept, "CF_ACCEPT"}, {Condition::reject, "CF_REJECT"}, {Condition::defer, "CF_DEFER"}}};

// ---- which fields a call has --------------------------------------------------------------------------------------

enum Field : unsigned {
    has_socket = 1U << 0U,
    has_window = 1U << 1U,
    has_message = 1U << 2U,
    has_events = 1U << 3U,
    has_length = 1U << 4U,
    has_flags = 1U << 5U,
    has_value = 1U << 6U,
    has_kind = 1U << 7U,  // datagram, ipv6
    has_condition = 1U << 8U,
    has_destination = 1U << 9U,
    has_created = 1U << 10U,
    has_connection = 1U << 11U,
};

constexpr unsigned fields_of(Function function) {
    switch (function) {
        case Function::startup:
        case Function::cleanup:
        case Function::get_last_error:
            return 0;
        case Function::set_last_error:
            return has_value;
        case Function::socket:
            return has_kind | has_created;
        case Function::bind:
        case Function::listen:
        case Function::closesocket:
        case Function::bytes_available:
        case Function::get_qos:
        case Function::get_group_qos:
        case Function::address_list_change:
            return has_socket;
        case Function::connect:
        case Function::shutdown:
        case Function::set_nonblocking:
        case Function::set_oob_inline:
        case Function::set_option:
        case Function::set_qos:
            return has_socket | has_value;
        case Function::join_leaf:
            return has_socket | has_value | has_created;
        case Function::accept:
            return has_socket | has_kind | has_condition | has_connection | has_created;
        case Function::recv:
        case Function::send:
            return has_socket | has_length | has_flags;
        case Function::async_select:
            return has_socket | has_window | has_message | has_events;
        case Function::event_select:
            return has_socket | has_events;
        case Function::routing_interface_change:
            return has_socket | has_destination;
        case Function::create_window:
            return has_created;
        case Function::destroy_window:
            return has_window;
    }
    return 0;
}

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
    put(object, "socket", peer.socket, model::invalid_handle);
    put(object, "bytes", peer.bytes, 0U);
    put(object, "error", peer.error, 0);
}

void put(ordered_json& object, const Change& change) {
    object["change"] = name_in(changes, change.what);
    put(object, "destination", change.destination, std::string());
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

// One line, taken apart field by field. What is left over at the end was not known.
class Fields {
  public:
    Fields(std::string_view text, std::size_t line) : text_(text), line_(line) {
        try {
            object_ = ordered_json::parse(text);
        } catch (const ordered_json::parse_error& error) {
            std::string what = error.what();
            if (const std::size_t colon = what.rfind(": "); colon != std::string::npos) what.erase(0, colon + 2);
            throw TraceError(line, std::clamp<std::size_t>(error.byte, 1, text.size() + 1), "this is no JSON: " + what);
        }
        if (!object_.is_object()) throw TraceError(line, 1, "a line is a JSON object: {\"quiet\":true}");
    }

    [[nodiscard]] bool has(const char* name) const { return object_.contains(name); }

    [[noreturn]] void fail(std::string_view field, const std::string& what) const {
        const std::size_t at = text_.find('"' + std::string(field) + '"');
        throw TraceError(line_, at == std::string_view::npos ? 1 : at + 1, what);
    }

    std::string text(const char* name) {
        const ordered_json value = take(name);
        if (!value.is_string()) fail(name, quoted(name) + " is a text");
        return value.get<std::string>();
    }
    std::string text(const char* name, const std::string& usual) { return has(name) ? text(name) : usual; }

    bool flag(const char* name) {
        if (!has(name)) return false;
        const ordered_json value = take(name);
        if (!value.is_boolean()) fail(name, quoted(name) + " is true or false");
        return value.get<bool>();
    }

    template <class T>
    T number(const char* name) {
        const ordered_json value = take(name);
        const auto range = [&]() {
            return quoted(name) + " is a number from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
                   std::to_string(std::numeric_limits<T>::max());
        };
        if (value.is_number_unsigned()) {
            if (const auto wide = value.get<std::uint64_t>(); std::in_range<T>(wide)) return static_cast<T>(wide);
        } else if (value.is_number_integer()) {
            if (const auto wide = value.get<std::int64_t>(); std::in_range<T>(wide)) return static_cast<T>(wide);
        }
        fail(name, range());
    }
    template <class T>
    T number(const char* name, T usual) {
        return has(name) ? number<T>(name) : usual;
    }

    Handle handle(const char* name) {
        if (has(name) && object_[name].is_number_integer() && object_[name] == -1) {
            take(name);
            return model::invalid_handle;
        }
        return number<Handle>(name);
    }

    template <class T, std::size_t N>
    T one_of(const char* name, const std::array<std::pair<T, std::string_view>, N>& names) {
        const std::string word = text(name);
        std::string known;
        for (const auto& [value, text] : names) {
            if (text == word) return value;
            known += (known.empty() ? "" : ", ") + std::string(text);
        }
        fail(name, "\"" + word + "\" is not one of " + known);
    }

    void end() const {
        if (!object_.empty())
            fail(object_.begin().key(), "the field " + quoted(object_.begin().key()) + " is not known here");
    }

  private:
    static std::string quoted(std::string_view name) { return '"' + std::string(name) + '"'; }

    ordered_json take(const char* name) {
        const auto found = object_.find(name);
        if (found == object_.end())
            throw TraceError(line_, text_.size() + 1, "the field " + quoted(name) + " is missing");
        ordered_json value = std::move(*found);
        object_.erase(found);
        return value;
    }

    std::string_view text_;
    std::size_t line_;
    ordered_json object_;
};

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
    const bool makes = has(has_created) && call.function != Function::join_leaf;
    if (makes && !call.failed() && call.created == model::invalid_handle)
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
    const bool names_a_socket = peer.verb == PeerVerb::connect || peer.verb == PeerVerb::established ||
                                peer.verb == PeerVerb::refused || peer.verb == PeerVerb::datagram;
    if (names_a_socket || fields.has("socket")) peer.socket = fields.handle("socket");
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
    if (!std::getline(in_, text_)) throw TraceError(1, 1, "the trace is empty: its first line is {\"trace\":1}");
    line_ = 1;
    Fields fields(text_, 1);
    if (!fields.has("trace")) fields.fail("", "the first line of a trace says which version it is: {\"trace\":1}");
    if (const auto version = fields.number<std::int64_t>("trace"); version != trace_version) {
        fields.fail("trace", "this is version " + std::to_string(version) + " of the form of traces; version " +
                                 std::to_string(trace_version) + " is understood here");
    }
    header_.provider = fields.text("provider", "");
    header_.provider_version = fields.text("version", "");
    header_.script = fields.text("script", "");
    header_.ours = fields.flag("ours");
    constexpr std::array<std::pair<bool, std::string_view>, 2> peers{{{false, "observed"}, {true, "unobserved"}}};
    if (fields.has("peers")) header_.unobserved_peers = fields.one_of("peers", peers);
    fields.end();
}

std::optional<Observation> TraceReader::next() {
    while (std::getline(in_, text_)) {
        ++line_;
        if (text_.find_first_not_of(" \t\r") == std::string::npos) continue;
        Fields fields(text_, line_);
        if (fields.has("note")) {
            fields.text("note");
            fields.end();
            continue;
        }
        Observation observation = observation_in(fields);
        fields.end();
        check_sequence(observation);
        return observation;
    }
    return std::nullopt;
}

void TraceReader::fail(std::string_view field, const std::string& what) const {
    const std::size_t at = text_.find('"' + std::string(field) + '"');
    throw TraceError(line_, at == std::string::npos ? 1 : at + 1, what);
}

void TraceReader::check_sequence(const Observation& observation) {
    if (const auto* clock = std::get_if<seen::Clock>(&observation)) {
        if (clock->microseconds < clock_) fail("clock", "the clock runs back, from " + std::to_string(clock_));
        clock_ = clock->microseconds;
    } else if (const auto* began = std::get_if<seen::Began>(&observation)) {
        if (!begun_.emplace(began->number, began->thread).second)
            fail("begin", "#" + std::to_string(began->number) + " has begun already and not ended");
    } else if (const auto* ended = std::get_if<seen::Ended>(&observation)) {
        if (begun_.erase(ended->number) == 0)
            fail("end", "#" + std::to_string(ended->number) + " ends and has not begun");
    } else if (const auto* call = std::get_if<Call>(&observation); call != nullptr && !call->in_callback) {
        for (const auto& [number, thread] : begun_) {
            if (thread == call->thread)
                fail("call", "the thread " + thread + " calls while its #" + std::to_string(number) + " has not ended");
        }
    }
}

}  // namespace asyncselect::conformance
