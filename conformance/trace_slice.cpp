// Leaving out. It must not know what is wrong.
#include "conformance/trace_slice.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace asyncselect::conformance {

namespace {

namespace seen = model::observation;
using model::Function;
using model::Handle;
using model::Observation;
using seen::PeerVerb;

// For each observation those before it without which it makes no sense.
class Dependencies {
  public:
    explicit Dependencies(const model::Trace& trace) : of_(trace.size()) {
        for (at_ = 0; at_ < trace.size(); ++at_) {
            if (const auto* const began = std::get_if<seen::Began>(&trace[at_])) {
                begun_[began->number] = at_;
            } else if (const auto* const ended = std::get_if<seen::Ended>(&trace[at_])) {
                if (const auto found = begun_.find(ended->number); found != begun_.end()) {
                    on(found->second);
                    of_[found->second].push_back(at_);  // and the other way round
                }
                std::visit([this](const auto& what) { take(what); }, ended->what);
            } else {
                std::visit([this](const auto& what) { take(what); }, trace[at_]);
            }
        }
    }

    // What must go where `index` goes.
    [[nodiscard]] const std::vector<std::vector<std::size_t>>& of() const { return of_; }
    // The observations that make a socket.
    [[nodiscard]] const std::vector<std::size_t>& makers() const { return makers_; }

  private:
    void on(std::size_t before) { of_[at_].push_back(before); }
    template <class Key>
    void on(const std::map<Key, std::size_t>& makers, const Key& key) {
        if (const auto found = makers.find(key); found != makers.end()) on(found->second);
    }

    void take(const seen::Call& call) {
        if (call.socket != model::invalid_handle) on(sockets_, call.socket);
        if (call.window != 0) on(windows_, call.window);
        if (!call.connection.empty()) on(connections_, call.connection);
        if (call.in_callback) in_callback_.push_back(at_);
        if (call.function == Function::accept) {
            // What a condition function did, it did while this ran.
            for (const std::size_t inside : std::exchange(in_callback_, {})) of_[inside].push_back(at_);
        }
        if (call.function == Function::connect) attempts_[call.socket] = at_;
        // A peer reaches only what is bound and listens.
        if (call.function == Function::listen) on(bound_, call.socket);
        if (call.failed()) return;
        if (call.function == Function::bind) bound_[call.socket] = at_;
        if (call.function == Function::listen) listening_[call.socket] = at_;
        if (call.function == Function::create_window) {
            windows_[call.created] = at_;
        } else if (call.function == Function::socket || call.function == Function::accept) {
            sockets_[call.created] = at_;
            makers_.push_back(at_);
        }
    }
    void take(const seen::Message& message) {
        on(sockets_, message.socket);
        on(windows_, message.window);
    }
    void take(const seen::Peer& peer) {
        if (peer.socket != model::invalid_handle) on(sockets_, peer.socket);
        switch (peer.verb) {
            case PeerVerb::connect:
                on(listening_, peer.socket);
                connections_[peer.connection] = at_;
                break;
            case PeerVerb::datagram:
                on(bound_, peer.socket);
                break;
            case PeerVerb::established:
                connections_[peer.connection] = at_;
                on(attempts_, peer.socket);
                break;
            case PeerVerb::refused:
                on(attempts_, peer.socket);
                break;
            default:
                on(connections_, peer.connection);
                break;
        }
    }
    template <class Other>
    void take(const Other& /*other*/) {}

    std::size_t at_ = 0;
    std::vector<std::vector<std::size_t>> of_;
    std::vector<std::size_t> makers_;
    std::map<Handle, std::size_t> sockets_;
    std::map<Handle, std::size_t> windows_;
    std::map<Handle, std::size_t> attempts_;
    std::map<Handle, std::size_t> bound_;
    std::map<Handle, std::size_t> listening_;
    std::map<std::string, std::size_t> connections_;
    std::map<std::uint64_t, std::size_t> begun_;
    std::vector<std::size_t> in_callback_;
};

class Slicer {
  public:
    Slicer(const model::Trace& trace, const WrongAtItsEnd& wrong, std::size_t most_considered)
        : trace_(trace), wrong_(wrong), dependencies_(trace), kept_(trace.size(), true), left_(most_considered) {}

    Slice slice() {
        keep_what_the_end_needs();
        leave_out_sockets();
        while (leave_out_runs()) {
        }
        return {what_is_kept(kept_), left_ == 0, considered_};
    }

  private:
    [[nodiscard]] model::Trace what_is_kept(const std::vector<bool>& kept) const {
        model::Trace trace;
        for (std::size_t index = 0; index < kept.size(); ++index) {
            if (kept[index]) trace.push_back(trace_[index]);
        }
        return trace;
    }

    // Leaves out also what depends on it. Whether that worked.
    bool attempt(std::vector<bool> kept) {
        if (kept == kept_) return false;
        // What something depends on comes before it, but for the two ends of what overlaps.
        for (bool changed = true; changed;) {
            changed = false;
            for (std::size_t index = 0; index < kept.size(); ++index) {
                if (!kept[index]) continue;
                for (const std::size_t needed : dependencies_.of()[index]) {
                    if (kept[needed]) continue;
                    kept[index] = false;
                    changed = true;
                    break;
                }
            }
        }
        if (kept.empty() || !kept.back()) return false;
        const model::Trace trial = what_is_kept(kept);
        if (trial.size() > left_) {
            left_ = 0;
            return false;
        }
        left_ -= trial.size();
        considered_ += trial.size();
        if (!wrong_(trial)) return false;
        kept_ = std::move(kept);
        return true;
    }

    // A first guess, which is often right: what the last observation needs, in turn, and what names the same sockets.
    void keep_what_the_end_needs() {
        std::vector<bool> kept(trace_.size(), false);
        std::vector<std::size_t> wanted{trace_.size() - 1};
        while (!wanted.empty()) {
            const std::size_t index = wanted.back();
            wanted.pop_back();
            if (kept[index]) continue;
            kept[index] = true;
            for (const std::size_t needed : dependencies_.of()[index]) wanted.push_back(needed);
        }
        const std::vector<bool> needed = kept;
        for (std::size_t index = 0; index < trace_.size(); ++index) {
            const std::vector<std::size_t>& of = dependencies_.of()[index];
            const bool about_the_same =
                of.empty() || std::ranges::any_of(of, [&](std::size_t other) { return needed[other]; });
            if (about_the_same) kept[index] = true;
        }
        attempt(std::move(kept));
    }

    void leave_out_sockets() {
        const std::vector<std::size_t>& makers = dependencies_.makers();
        // Many at once, then fewer.
        for (std::size_t size = std::max<std::size_t>(1, makers.size() / 2);; size /= 2) {
            for (std::size_t first = 0; first < makers.size() && left_ > 0; first += size) {
                std::vector<bool> kept = kept_;
                for (std::size_t index = first; index < std::min(first + size, makers.size()); ++index)
                    kept[makers[index]] = false;
                attempt(std::move(kept));
            }
            if (size <= 1 || left_ == 0) return;
        }
    }

    // Whether anything was left out.
    bool leave_out_runs() {
        bool any = false;
        std::size_t count = static_cast<std::size_t>(std::ranges::count(kept_, true));
        for (std::size_t size = std::max<std::size_t>(1, count / 2);; size /= 2) {
            // From the end: what is there for the sake of what comes later goes after it.
            std::vector<std::size_t> places = kept_places();
            for (std::size_t end = places.size() - 1; end > 0 && left_ > 0;) {
                const std::size_t first = end > size ? end - size : 0;
                std::vector<bool> kept = kept_;
                for (std::size_t index = first; index < end; ++index) kept[places[index]] = false;
                any = attempt(std::move(kept)) || any;
                end = first;
            }
            if (size <= 1 || left_ == 0) break;
        }
        return any && left_ > 0;
    }
    [[nodiscard]] std::vector<std::size_t> kept_places() const {
        std::vector<std::size_t> places;
        for (std::size_t index = 0; index < kept_.size(); ++index) {
            if (kept_[index]) places.push_back(index);
        }
        return places;
    }

    const model::Trace& trace_;
    const WrongAtItsEnd& wrong_;
    Dependencies dependencies_;
    std::vector<bool> kept_;
    std::size_t left_;
    std::size_t considered_ = 0;
};

}  // namespace

Slice smallest_slice(const model::Trace& trace, const WrongAtItsEnd& wrong, std::size_t most_considered) {
    if (trace.empty()) return {};
    return Slicer(trace, wrong, most_considered).slice();
}

}  // namespace asyncselect::conformance
