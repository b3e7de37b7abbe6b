// Making the schema. It must not read traces.
#include "conformance/trace_schema.hpp"

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "conformance/trace_fields.hpp"
#include "conformance/trace_file.hpp"

namespace asyncselect::conformance {

namespace {

using namespace trace_fields;
using model::Function;
using model::observation::PeerVerb;
using nlohmann::ordered_json;

ordered_json text() { return {{"type", "string"}}; }
ordered_json truth() { return {{"type", "boolean"}}; }
ordered_json constant(std::string_view word) { return {{"const", word}}; }
ordered_json described(ordered_json what, std::string_view text) {
    what["description"] = text;
    return what;
}

template <class T>
ordered_json number() {
    return {
        {"type", "integer"}, {"minimum", std::numeric_limits<T>::min()}, {"maximum", std::numeric_limits<T>::max()}};
}

// -1 is INVALID_SOCKET.
ordered_json handle() {
    return {{"type", "integer"}, {"minimum", -1}, {"maximum", std::numeric_limits<std::uint64_t>::max()}};
}

template <class T, std::size_t N>
ordered_json one_of(const std::array<std::pair<T, std::string_view>, N>& names) {
    ordered_json words = ordered_json::array();
    for (const auto& [value, word] : names) words.push_back(word);
    return {{"enum", std::move(words)}};
}

// A line with these fields, the first of which says what it is.
class Line {
  public:
    explicit Line(std::string_view description) { object_["description"] = description; }

    Line& must(const std::string& name, ordered_json what) {
        object_["required"].push_back(name);
        return may(name, std::move(what));
    }
    Line& may(const std::string& name, ordered_json what) {
        object_["properties"][name] = std::move(what);
        return *this;
    }
    Line& add(const std::string& keyword, ordered_json what) {
        object_[keyword] = std::move(what);
        return *this;
    }
    [[nodiscard]] ordered_json done() {
        object_["type"] = "object";
        object_["additionalProperties"] = false;
        return std::move(object_);
    }

  private:
    ordered_json object_;
};

ordered_json end() { return described(number<std::uint64_t>(), "ends what has begun with this number"); }

ordered_json header() {
    return Line("the first line")
        .must("trace", described({{"const", trace_version}}, "the version of the form of traces"))
        .may("provider", described(text(), "who was observed, as it calls itself"))
        .may("version", described(text(), "of the provider"))
        .may("script", described(text(), "what was played"))
        .may("ours", described(truth(), "the readings marked *ours* bind the provider"))
        .may("peers", described(one_of(peer_kinds), "whether the trace tells what peers did"))
        .done();
}

ordered_json call(Function function) {
    const unsigned fields = fields_of(function);
    const auto has = [fields](Field field) { return (fields & field) != 0; };
    Line line(std::string(model::name_of(function)) + ", and what it returned");
    line.must("call", constant(model::name_of(function)));
    line.may("thread", text()).may("inside", described(truth(), "made by a condition function, while it ran"));
    if (has(has_socket)) line.must("socket", handle());
    if (has(has_window)) line.must("window", number<std::uint64_t>());
    if (has(has_message)) line.must("message", number<std::uint32_t>());
    if (has(has_events)) line.must("events", number<std::uint32_t>());
    if (has(has_length)) line.must("length", number<std::int64_t>());
    if (has(has_flags)) line.may("flags", number<std::uint32_t>());
    if (has(has_value)) line.may("value", number<std::int64_t>());
    if (has(has_kind)) line.may("datagram", truth()).may("ipv6", truth());
    if (has(has_condition)) line.may("condition", one_of(conditions));
    if (has(has_destination)) line.must("destination", text());
    if (has(has_connection)) line.may("connection", text());
    line.must("result", number<std::int64_t>());
    line.may("error", number<std::int32_t>());
    if (has(has_created)) line.may("created", handle());
    line.may("end", end());
    if (makes_something(function)) {
        // What succeeds has made something.
        const ordered_json handle = {{"minimum", 0}, {"maximum", model::invalid_handle - 1}};
        const ordered_json made = {{"required", {"created"}}, {"properties", {{"created", handle}}}};
        const ordered_json failed = {{"required", {"error"}}, {"properties", {{"error", {{"not", {{"const", 0}}}}}}}};
        line.add("anyOf", {made, failed});
    }
    return line.done();
}

ordered_json message() {
    return Line("a message that was retrieved from a queue")
        .must("message", described(number<std::uint32_t>(), "wMsg"))
        .may("thread", text())
        .must("window", number<std::uint64_t>())
        .must("socket", described(handle(), "wParam"))
        .must("event", described(number<std::uint32_t>(), "WSAGETSELECTEVENT of lParam"))
        .may("error", described(number<std::uint32_t>(), "WSAGETSELECTERROR of lParam"))
        .may("lparam", described(number<std::uint32_t>(), "where it is not event and error as they stand"))
        .may("end", end())
        .done();
}

ordered_json peer(PeerVerb verb, std::string_view word) {
    Line line("what the other end of a connection did");
    line.must("peer", described(text(), "the name of the connection")).must("does", constant(word));
    if (names_a_socket(verb))
        line.must("socket", handle());
    else
        line.may("socket", handle());
    line.may("bytes", number<std::uint32_t>()).may("error", number<std::int32_t>()).may("end", end());
    return line.done();
}

ordered_json change(model::observation::Change::What what, std::string_view word) {
    Line line("what happened to this host's network");
    line.must("change", constant(word));
    if (what == model::observation::Change::What::route) line.must("destination", text());
    if (what == model::observation::Change::What::address_list) line.may("ipv6", truth());
    line.may("error", number<std::int32_t>()).may("end", end());
    return line.done();
}

}  // namespace

std::string trace_schema() {
    ordered_json lines = ordered_json::array();
    lines.push_back(header());
    for (std::uint8_t number = 0; number <= static_cast<std::uint8_t>(last_function); ++number)
        lines.push_back(call(static_cast<Function>(number)));
    lines.push_back(message());
    for (const auto& [verb, word] : verbs) lines.push_back(peer(verb, word));
    for (const auto& [what, word] : changes) lines.push_back(change(what, word));
    lines.push_back(Line("a moment of quiet").must("quiet", {{"const", true}}).done());
    lines.push_back(Line("whether queues may refuse messages from now on").must("limit", truth()).done());
    lines.push_back(Line("microseconds since the beginning").must("clock", number<std::uint64_t>()).done());
    lines.push_back(Line("something begins: it takes effect between here and its end")
                        .must("begin", number<std::uint64_t>())
                        .may("thread", text())
                        .may("what", text())
                        .done());
    lines.push_back(Line("for people").must("note", text()).done());
    const ordered_json schema = {
        {"$schema", "https://json-schema.org/draft/2020-12/schema"},
        {"title", "A line of a trace of WSAAsyncSelect"},
        {"description",
         "Version " + std::to_string(trace_version) +
             " of the form. A trace is a file of such lines, a JSON object each, the first of them with the field "
             "\"trace\" and no other one. Numbers are written without \".\" and \"e\"."},
        {"oneOf", std::move(lines)}};
    return schema.dump(1) + '\n';
}

}  // namespace asyncselect::conformance
