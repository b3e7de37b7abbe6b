// The adapter's protocol, seen from this side. It must not know scenarios or clauses, nor how processes are made.
#include "conformance/exec_provider.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "conformance/agent.hpp"
#include "conformance/child_process.hpp"

namespace asyncselect::conformance {

namespace {

using model::Function;
using nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

// Hangs, after which an adapter is not started again: each takes the watchdog's time.
constexpr int most_hangs = 5;

std::string cut(std::string_view line) {
    constexpr std::size_t most = 200;
    return line.size() <= most ? std::string(line) : std::string(line.substr(0, most)) + "...";
}

// What an adapter has written that it must not.
struct Nonsense : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// ---- fields of a line ---------------------------------------------------------------------------------------------

template <class T>
T number(const ordered_json& line, const char* name, std::optional<T> usual = std::nullopt) {
    const auto found = line.find(name);
    if (found == line.end()) {
        if (usual) return *usual;
        throw Nonsense("the field \"" + std::string(name) + "\" is missing");
    }
    if (found->is_number_unsigned()) {
        if (const auto wide = found->get<std::uint64_t>(); std::in_range<T>(wide)) return static_cast<T>(wide);
    } else if (found->is_number_integer()) {
        if (const auto wide = found->get<std::int64_t>(); std::in_range<T>(wide)) return static_cast<T>(wide);
    }
    throw Nonsense("the field \"" + std::string(name) + "\" is a number from " +
                   std::to_string(std::numeric_limits<T>::min()) + " to " +
                   std::to_string(std::numeric_limits<T>::max()));
}

// INVALID_SOCKET is -1.
Handle handle(const ordered_json& line, const char* name) {
    if (line.contains(name) && line[name].is_number_integer() && line[name] == -1) return model::invalid_handle;
    return number<Handle>(line, name);
}
ordered_json json_of(Handle handle) {
    return handle == model::invalid_handle ? ordered_json(-1) : ordered_json(handle);
}

std::string text(const ordered_json& line, const char* name, std::optional<std::string> usual = std::nullopt) {
    const auto found = line.find(name);
    if (found == line.end() && usual) return *usual;
    if (found == line.end()) throw Nonsense("the field \"" + std::string(name) + "\" is missing");
    if (!found->is_string()) throw Nonsense("the field \"" + std::string(name) + "\" is a text");
    return found->get<std::string>();
}

bool flag(const ordered_json& line, const char* name) {
    const auto found = line.find(name);
    if (found == line.end()) return false;
    if (!found->is_boolean()) throw Nonsense("the field \"" + std::string(name) + "\" is true or false");
    return found->get<bool>();
}

std::string in_digits(bool ipv6, const AddressBytes& bytes) {
    std::array<char, INET6_ADDRSTRLEN> digits{};
    ::inet_ntop(ipv6 ? AF_INET6 : AF_INET, bytes.data(), digits.data(), digits.size());
    return digits.data();
}

// ---- the conversation ---------------------------------------------------------------------------------------------

struct Hello {
    std::string provider;
    std::string version;
    bool eager = false;
    bool ours = false;
    std::map<std::string, std::string> cannot;
};

Hello hello_in(const ordered_json& line) {
    if (const int version = number<int>(line, "adapter"); version != adapter_version) {
        throw Nonsense("it speaks version " + std::to_string(version) + " of the protocol; version " +
                       std::to_string(adapter_version) + " is understood here");
    }
    Hello hello;
    hello.provider = text(line, "provider");
    if (hello.provider.empty()) throw Nonsense("the field \"provider\" is a name");
    hello.version = text(line, "version", "");
    hello.eager = flag(line, "eager");
    hello.ours = flag(line, "ours");
    constexpr std::array<std::string_view, 6> known{"adapter", "provider", "version", "eager", "ours", "cannot"};
    for (const auto& [name, value] : line.items()) {
        if (std::ranges::find(known, name) == known.end()) {
            throw Nonsense("the field \"" + name + "\" is not known in the first line");
        }
        if (name != "cannot") continue;
        if (!value.is_object()) throw Nonsense("the field \"cannot\" is an object");
        for (const auto& [what, why] : value.items()) {
            if (what != "fail-subsystem" && what != "queue-urgent") {
                throw Nonsense("\"cannot\" speaks of fail-subsystem and queue-urgent, not of \"" + what + '"');
            }
            hello.cannot[what] = text(value, what.c_str());
        }
    }
    return hello;
}

// One run of the adapter, from its start to its end. Shared with every thread that has spoken to it, which takes leave
// when it ends.
class Conversation : public std::enable_shared_from_this<Conversation> {
  public:
    explicit Conversation(const ExecOptions& options)
        : options_(options),
          child_(options.command, {[this](std::string_view line) { take(line); },
                                   [this](const std::string& how, const std::string& error) { ended(how, error); }}) {}
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    // What it says first. Throws std::runtime_error.
    Hello hello() {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, options_.start, [this] { return hello_ || !why_.empty(); });
        if (why_.empty() && !hello_) {
            why_ = "says nothing within " + std::to_string(options_.start.count()) +
                   " ms; its first line is {\"adapter\":1,\"provider\":\"NAME\"}";
            lock.unlock();
            child_.end("said nothing");
            lock.lock();
            changed_.wait(lock, [this] { return over_; });
        }
        if (!why_.empty()) throw std::runtime_error("the adapter " + why_);
        return *hello_;
    }

    // Asks for something and waits for the answer, which has no "unsupported". Meanwhile it may ask for what
    // `condition` says. Throws Unsupported, or std::runtime_error once it has ended.
    ordered_json ask(ordered_json request, const ConditionFunction* condition = nullptr) {
        take_leave_later();
        const std::string thread = this_thread();
        const std::shared_ptr<Waiting> waiting = std::make_shared<Waiting>();
        std::unique_lock lock(mutex_);
        check_alive();
        const std::uint64_t id = ++last_id_;
        waiting->request = request.at(request.contains("call") ? "call" : "ask").get<std::string>();
        waiting->asks = condition != nullptr;
        waiting_[id] = waiting;
        lock.unlock();

        ordered_json line;
        line["id"] = id;
        line.update(request);
        line["thread"] = thread;
        if (inside() != 0) line["inside"] = inside();
        send(line);
        lock.lock();
        ordered_json reply;
        while (true) {
            waiting->changed.wait(lock, [&] { return !waiting->lines.empty() || !why_.empty(); });
            if (waiting->lines.empty()) break;
            reply = std::move(waiting->lines.front());
            waiting->lines.pop_front();
            if (!reply.contains("asking")) break;
            lock.unlock();
            answer(id, thread, reply, *condition);
            lock.lock();
            reply = nullptr;
        }
        waiting_.erase(id);
        if (reply.is_null()) check_alive();
        lock.unlock();
        if (reply.contains("unsupported")) throw Unsupported(reply["unsupported"].get<std::string>());
        return reply;
    }

    // Every call that waits throws; whoever asks for something later is told why.
    void end(const std::string& why) {
        {
            const std::lock_guard lock(mutex_);
            if (why_.empty()) why_ = why;
            wake();
        }
        child_.end(why);
    }

    [[nodiscard]] bool alive() {
        const std::lock_guard lock(mutex_);
        return why_.empty();
    }

    // The adapter need not keep a thread that nobody will ask for any more.
    void leave(const std::string& thread) {
        ordered_json line;
        {
            const std::lock_guard lock(mutex_);
            if (!why_.empty()) return;
            line["id"] = ++last_id_;
            unanswered_.insert(last_id_);
        }
        line["ask"] = "end-thread";
        line["thread"] = thread;
        child_.send(line.dump(), Clock::now() + options_.taking);
    }

  private:
    struct Waiting {
        std::condition_variable changed;
        std::deque<ordered_json> lines;
        std::string request;  // in words
        bool asks = false;
    };

    // ---- the thread that speaks ----

    static const std::string& this_thread() {
        static std::atomic<unsigned> others{0};
        thread_local const std::string name =
            Agent::current_name().empty() ? "thread " + std::to_string(++others) : Agent::current_name();
        return name;
    }

    // The WSAAccept whose condition function this thread runs; 0: none.
    static std::uint64_t& inside() {
        thread_local std::uint64_t id = 0;
        return id;
    }

    // Takes leave for a thread when it ends.
    struct Leave {
        std::weak_ptr<Conversation> from;
        std::string thread;

        Leave() = default;
        Leave(const Leave&) = delete;
        Leave& operator=(const Leave&) = delete;
        ~Leave() {
            if (const std::shared_ptr<Conversation> conversation = from.lock()) conversation->leave(thread);
        }
    };
    void take_leave_later() {
        thread_local Leave leave;
        leave.from = weak_from_this();
        leave.thread = this_thread();
    }

    void send(const ordered_json& line) {
        const std::string text = line.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
        if (!child_.send(text, Clock::now() + options_.taking)) {
            child_.end("reads no more of what it is asked");  // unless it has ended already
        }
    }

    void answer(std::uint64_t id, const std::string& thread, const ordered_json& asking,
                const ConditionFunction& condition) {
        const bool ipv6 = flag(asking, "ipv6");
        const Endpoint caller{ipv6, number<std::uint16_t>(asking, "port")};
        const std::uint64_t outer = std::exchange(inside(), id);
        const model::Condition said = condition(caller);
        inside() = outer;
        ordered_json line;
        line["answer"] = id;
        line["thread"] = thread;
        line["condition"] = said == model::Condition::reject  ? "CF_REJECT"
                            : said == model::Condition::defer ? "CF_DEFER"
                                                              : "CF_ACCEPT";
        send(line);
    }

    // With the mutex.
    void check_alive() const {
        if (!why_.empty()) throw std::runtime_error("the adapter " + why_);
    }
    void wake() {
        changed_.notify_all();
        for (auto& [id, waiting] : waiting_) waiting->changed.notify_all();
    }

    // ---- the thread that listens ----

    void take(std::string_view line) {
        {
            const std::lock_guard lock(mutex_);
            if (!why_.empty()) return;
            try {
                take_one(line);
                return;
            } catch (const Nonsense& nonsense) {
                why_ = "wrote what is no answer: " + std::string(nonsense.what()) + "; the line is: " + cut(line);
            }
            wake();
        }
        child_.end("wrote what is no answer");
    }

    // With the mutex.
    void take_one(std::string_view text) {
        ordered_json line;
        try {
            line = ordered_json::parse(text);
        } catch (const ordered_json::parse_error&) {
            throw Nonsense("it is no JSON");
        }
        if (!line.is_object()) throw Nonsense("it is no JSON object");
        if (!hello_) {
            hello_ = hello_in(line);
            changed_.notify_all();
            return;
        }
        if (line.contains("asking")) {
            Waiting& waiting = waiting_for(number<std::uint64_t>(line, "asking"));
            if (!waiting.asks)
                throw Nonsense("a " + waiting.request + " has no condition function that could be asked");
            check_fields(line, {"asking", "ipv6", "port"});
            flag(line, "ipv6");
            number<std::uint16_t>(line, "port");
            waiting.lines.push_back(std::move(line));
            waiting.changed.notify_all();
            return;
        }
        const auto id = number<std::uint64_t>(line, "id");
        if (unanswered_.erase(id) != 0) return;
        Waiting& waiting = waiting_for(id);
        check_reply(line);
        waiting.lines.push_back(std::move(line));
        waiting.changed.notify_all();
        waiting_.erase(id);  // there is one answer
    }

    Waiting& waiting_for(std::uint64_t id) {
        const auto found = waiting_.find(id);
        if (found == waiting_.end()) throw Nonsense("nothing waits for an answer to " + std::to_string(id));
        return *found->second;
    }

    static void check_fields(const ordered_json& line, std::initializer_list<std::string_view> known) {
        for (const auto& [name, value] : line.items()) {
            if (std::ranges::find(known, name) != known.end()) continue;
            throw Nonsense("the field \"" + name + "\" is not known here");
        }
    }

    static void check_reply(const ordered_json& line) {
        if (line.contains("unsupported")) {
            check_fields(line, {"id", "unsupported"});
            if (text(line, "unsupported").empty()) throw Nonsense("the field \"unsupported\" says why");
            return;
        }
        if (line.contains("message")) {
            check_fields(line, {"id", "message", "window", "socket", "event", "error", "lparam"});
            message_in(line);
            return;
        }
        check_fields(line, {"id", "result", "error", "created", "ipv6", "port"});
        number<std::int64_t>(line, "result");
        number<int>(line, "error", 0);
        if (line.contains("created")) handle(line, "created");
        number<std::uint16_t>(line, "port", std::uint16_t{0});
        flag(line, "ipv6");
    }

  public:
    static WindowMessage message_in(const ordered_json& line) {
        WindowMessage message;
        message.number = number<std::uint32_t>(line, "message");
        message.window = number<Handle>(line, "window");
        message.wparam = handle(line, "socket");
        message.event = number<std::uint32_t>(line, "event");
        message.error = number<std::uint32_t>(line, "error", 0U);
        message.lparam =
            number<std::uint32_t>(line, "lparam", (message.event & 0xffffU) | (message.error & 0xffffU) << 16U);
        return message;
    }

  private:
    void ended(const std::string& how, const std::string& error) {
        const std::lock_guard lock(mutex_);
        // Why it was ended is known better here.
        if (why_.empty()) why_ = hello_ ? how : how + " before its first line";
        if (!error.empty()) why_ += "; the last line of its standard error: " + error;
        over_ = true;
        wake();
    }

    const ExecOptions options_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Hello> hello_;
    std::string why_;    // why there is nobody to speak to
    bool over_ = false;  // all that can be known of its end is known
    std::uint64_t last_id_ = 0;
    std::map<std::uint64_t, std::shared_ptr<Waiting>> waiting_;
    std::set<std::uint64_t> unanswered_;  // nobody waits for these
    ChildProcess child_;                  // last: its thread speaks to the rest
};

// ---- the provider -------------------------------------------------------------------------------------------------

std::optional<RemoteAddress> of_family(const std::vector<RemoteAddress>& addresses, bool ipv6) {
    const auto found = std::ranges::find(addresses, ipv6, &RemoteAddress::ipv6);
    return found == addresses.end() ? std::nullopt : std::optional(*found);
}

ordered_json call(Function function) { return {{"call", model::name_of(function)}}; }
ordered_json call(Function function, Handle socket) {
    ordered_json request = call(function);
    request["socket"] = json_of(socket);
    return request;
}

class ExecProvider final : public Provider {
  public:
    explicit ExecProvider(ExecOptions options) : options_(std::move(options)) {
        start();
        hello_ = conversation_->hello();
    }

    std::string_view name() const override { return hello_.provider; }
    std::string_view version() const override { return hello_.version; }
    bool ours() const override { return hello_.ours; }
    bool eager() const override { return hello_.eager; }

    void prepare() override {
        if (conversation_->alive()) return;
        if (!gone_.empty()) throw std::runtime_error(gone_);
        if (hangs_ >= most_hangs) {
            gone_ = "the adapter was not started again: calls have hung " + std::to_string(hangs_) + " times";
            throw std::runtime_error(gone_);
        }
        try {
            start();
            const Hello again = conversation_->hello();
            if (again.provider != hello_.provider || again.version != hello_.version || again.eager != hello_.eager ||
                again.ours != hello_.ours) {
                conversation_->end("calls itself otherwise than before it was started again");
                throw std::runtime_error("the adapter calls itself otherwise than before it was started again");
            }
        } catch (const std::runtime_error& error) {
            gone_ = std::string("the adapter was started again in vain: ") + error.what();
            throw std::runtime_error(gone_);
        }
    }
    bool end_calls() override {
        if (conversation_->alive()) ++hangs_;
        conversation_->end("was ended, because a call does not return");
        return true;
    }

    Endpoint peers_at(bool ipv6) const override {
        const std::optional<RemoteAddress> at = address_of(options_.peers_at, ipv6, "--peers-at");
        return at ? Endpoint{ipv6, 0, at->bytes} : Endpoint{ipv6, 0};
    }
    std::chrono::milliseconds out_of_sight() const override {
        return options_.provider_at.empty() ? std::chrono::milliseconds{} : options_.out_of_sight;
    }

    Result startup() override { return result(call(Function::startup)); }
    Result cleanup() override { return result(call(Function::cleanup)); }
    int last_error() override { return static_cast<int>(result(call(Function::get_last_error)).value); }
    void set_last_error(int error) override {
        ordered_json request = call(Function::set_last_error);
        request["value"] = error;
        result(request);
    }

    Result open_stream(bool ipv6) override { return open(false, ipv6); }
    Result open_datagram(bool ipv6) override { return open(true, ipv6); }
    Result bind(Handle socket, Endpoint at, bool any) override {
        ordered_json request = call(Function::bind, socket);
        const bool elsewhere = address_of(options_.provider_at, at.ipv6, "--provider-at").has_value();
        if (any || elsewhere) {
            put_address(request, {at.ipv6, {}, at.port});
        } else {
            put_address(request, at);
        }
        return result(request);
    }
    Result listen(Handle socket, int backlog) override {
        ordered_json request = call(Function::listen, socket);
        request["backlog"] = backlog;
        return result(request);
    }
    Result connect(Handle socket, Endpoint to) override {
        ordered_json request = call(Function::connect, socket);
        request["function"] = "connect";
        put_address(request, to);
        return result(request);
    }
    Result wsa_connect(Handle socket, Endpoint to, std::uint32_t flow) override {
        ordered_json request = call(Function::connect, socket);
        request["function"] = "WSAConnect";
        put_address(request, to);
        put_flow(request, flow);
        return result(request);
    }
    Result accept(Handle socket, Endpoint& peer) override {
        ordered_json request = call(Function::accept, socket);
        request["function"] = "accept";
        return accepted(conversation_->ask(std::move(request)), peer);
    }
    Result accept_wild(Handle socket) override {
        ordered_json request = call(Function::accept, socket);
        request["function"] = "accept";
        request["wild"] = true;
        Endpoint unknown;
        return accepted(conversation_->ask(std::move(request)), unknown);
    }
    Result wsa_accept(Handle socket, Endpoint& peer, const ConditionFunction& condition) override {
        ordered_json request = call(Function::accept, socket);
        request["function"] = "WSAAccept";
        if (condition) request["asks"] = true;
        return accepted(conversation_->ask(std::move(request), condition ? &condition : nullptr), peer);
    }
    Result join(Handle socket, const RemoteAddress& group, bool sends, bool receives, std::uint32_t flow) override {
        ordered_json request = call(Function::join_leaf, socket);
        put_address(request, group);
        request["sends"] = sends;
        request["receives"] = receives;
        put_flow(request, flow);
        return result(request);
    }
    Result receive(Handle socket, std::span<char> into, int length, std::uint32_t flags, Way way) override {
        constexpr std::array<std::string_view, 4> functions{"recv", "recvfrom", "WSARecv", "WSARecvFrom"};
        return result(transfer(Function::recv, functions, socket, into.data(), length, flags, way));
    }
    Result send(Handle socket, std::span<const char> from, int length, std::uint32_t flags, Way way,
                std::optional<Endpoint> to) override {
        constexpr std::array<std::string_view, 4> functions{"send", "sendto", "WSASend", "WSASendTo"};
        ordered_json request = transfer(Function::send, functions, socket, from.data(), length, flags, way);
        if (to) put_address(request, *to);
        return result(request);
    }
    Result shut_down(Handle socket, int how) override { return with_value(Function::shutdown, socket, how); }
    Result close(Handle socket) override { return result(call(Function::closesocket, socket)); }
    Result set_nonblocking(Handle socket, std::uint32_t value) override {
        return with_value(Function::set_nonblocking, socket, value);
    }
    Result bytes_available(Handle socket) override { return result(call(Function::bytes_available, socket)); }
    Result set_oob_inline(Handle socket, bool on) override {
        return with_value(Function::set_oob_inline, socket, on ? 1 : 0);
    }
    Result set_buffer(Handle socket, bool sending, int bytes) override {
        ordered_json request = call(Function::set_option, socket);
        request["option"] = sending ? "SO_SNDBUF" : "SO_RCVBUF";
        request["value"] = bytes;
        return result(request);
    }
    Result set_qos(Handle socket, std::uint32_t number) override {
        return with_value(Function::set_qos, socket, number);
    }
    Result get_qos(Handle socket, bool wild) override { return perhaps_wild(Function::get_qos, socket, wild); }
    Result get_group_qos(Handle socket, bool wild) override {
        return perhaps_wild(Function::get_group_qos, socket, wild);
    }
    Result watch_route(Handle socket, const RemoteAddress& destination) override {
        ordered_json request = call(Function::routing_interface_change, socket);
        put_address(request, destination);
        return result(request);
    }
    Result watch_addresses(Handle socket) override { return result(call(Function::address_list_change, socket)); }
    std::optional<Endpoint> local(Handle socket) override {
        const ordered_json reply = conversation_->ask({{"ask", "getsockname"}, {"socket", json_of(socket)}});
        if (number<std::int64_t>(reply, "result") != 0) return std::nullopt;
        const bool ipv6 = flag(reply, "ipv6");
        const std::optional<RemoteAddress> at = address_of(options_.provider_at, ipv6, "--provider-at");
        const auto port = number<std::uint16_t>(reply, "port", std::uint16_t{0});
        return at ? Endpoint{ipv6, port, at->bytes} : Endpoint{ipv6, port};
    }
    Result async_select(Handle socket, Handle window, std::uint32_t message, std::uint32_t mask) override {
        ordered_json request = call(Function::async_select, socket);
        request["window"] = window;
        request["message"] = message;
        request["events"] = mask;
        return result(request);
    }
    Result event_select(Handle socket, std::uint32_t mask) override {
        ordered_json request = call(Function::event_select, socket);
        request["events"] = mask;
        return result(request);
    }

    Result create_window() override { return result(call(Function::create_window)); }
    Result destroy_window(Handle window) override {
        ordered_json request = call(Function::destroy_window);
        request["window"] = window;
        return result(request);
    }
    bool post(Handle window, std::uint32_t number) override {
        return result({{"ask", "post"}, {"window", window}, {"message", number}}).value != 0;
    }
    std::optional<WindowMessage> peek(bool remove) override {
        const ordered_json reply = conversation_->ask({{"ask", remove ? "take" : "peek"}});
        if (!reply.contains("message")) return std::nullopt;
        return Conversation::message_in(reply);
    }
    void wait(int milliseconds) override { result({{"ask", "wait"}, {"milliseconds", milliseconds}}); }

    std::optional<std::string> cannot_fail_subsystem() const override { return cannot("fail-subsystem"); }
    bool fail_subsystem() override { return result({{"ask", "fail-subsystem"}}).value != 0; }
    void restore_subsystem() override { result({{"ask", "restore-subsystem"}}); }
    std::optional<std::string> cannot_queue_urgent() const override { return cannot("queue-urgent"); }

  private:
    void start() {
        conversation_.reset();
        conversation_ = std::make_shared<Conversation>(options_);
    }

    static Result result_in(const ordered_json& reply) {
        Result result;
        result.value = number<std::int64_t>(reply, "result");
        result.error = number<int>(reply, "error", 0);
        if (result.ok() && reply.contains("created")) {
            result.value = static_cast<std::int64_t>(handle(reply, "created"));
        }
        return result;
    }
    Result result(ordered_json request) { return result_in(conversation_->ask(std::move(request))); }

    static Result accepted(const ordered_json& reply, Endpoint& peer) {
        const Result result = result_in(reply);
        if (result.ok()) peer = {flag(reply, "ipv6"), number<std::uint16_t>(reply, "port", std::uint16_t{0})};
        return result;
    }
    Result open(bool datagram, bool ipv6) {
        ordered_json request = call(Function::socket);
        request["datagram"] = datagram;
        request["ipv6"] = ipv6;
        return result(request);
    }
    Result with_value(Function function, Handle socket, std::int64_t value) {
        ordered_json request = call(function, socket);
        request["value"] = value;
        return result(request);
    }
    Result perhaps_wild(Function function, Handle socket, bool wild) {
        ordered_json request = call(function, socket);
        if (wild) request["wild"] = true;
        return result(request);
    }
    static ordered_json transfer(Function function, const std::array<std::string_view, 4>& functions, Handle socket,
                                 const char* buffer, int length, std::uint32_t flags, Way way) {
        ordered_json request = call(function, socket);
        request["function"] = functions.at(static_cast<std::size_t>(way));
        request["length"] = length;
        if (flags != 0) request["flags"] = flags;
        // A buffer in the first page is there to be not accessible; the adapter has a page of that kind itself.
        constexpr std::uintptr_t page = 4096;
        if (buffer != nullptr && std::bit_cast<std::uintptr_t>(buffer) < page) request["wild"] = true;
        return request;
    }

    static void put_address(ordered_json& request, const RemoteAddress& address) {
        request["ipv6"] = address.ipv6;
        request["address"] = in_digits(address.ipv6, address.bytes);
        request["port"] = address.port;
    }
    static void put_address(ordered_json& request, const Endpoint& endpoint) {
        RemoteAddress address{endpoint.ipv6, {}, endpoint.port};
        if (endpoint.address) {
            address.bytes = *endpoint.address;
        } else if (endpoint.ipv6) {
            address.bytes[15] = 1;
        } else {
            address.bytes = {127, 0, 0, 1};
        }
        put_address(request, address);
    }
    static void put_flow(ordered_json& request, std::uint32_t flow) {
        if (flow != 0) request["value"] = flow;
    }

    // Of a family, where addresses were given at all.
    static std::optional<RemoteAddress> address_of(const std::vector<RemoteAddress>& given, bool ipv6,
                                                   const char* option) {
        const std::optional<RemoteAddress> found = of_family(given, ipv6);
        if (!found && !given.empty()) {
            throw Unsupported(std::string(option) + " gives no address of IPv" + (ipv6 ? '6' : '4'));
        }
        return found;
    }

    [[nodiscard]] std::optional<std::string> cannot(const std::string& what) const {
        const auto found = hello_.cannot.find(what);
        return found == hello_.cannot.end() ? std::nullopt : std::optional(found->second);
    }

    const ExecOptions options_;
    std::shared_ptr<Conversation> conversation_;
    Hello hello_;
    std::atomic<int> hangs_{0};
    std::string gone_;  // why it is not started any more
};

}  // namespace

std::optional<RemoteAddress> address_in(const std::string& text) {
    RemoteAddress address;
    if (::inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) return address;
    address.ipv6 = true;
    if (::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) return address;
    return std::nullopt;
}

std::unique_ptr<Provider> make_exec_provider(ExecOptions options) {
    return std::make_unique<ExecProvider>(std::move(options));
}

}  // namespace asyncselect::conformance
