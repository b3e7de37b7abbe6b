// Objects, their handles, and the waits for them.
#include "impl/window/objects.hpp"

#include <limits.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>
#include <optional>
#include <vector>

#include "impl/window/immortal.hpp"
#include "impl/window/queue.hpp"

namespace asyncselect::window {

namespace {
class Wait;
}

// All of it is guarded by the lock of all objects, except where it says otherwise.
class Object {
  public:
    enum class Kind : std::uint8_t { event, thread };

    Object(Kind kind, bool manual_reset, bool signaled) noexcept
        : kind{kind}, manual_reset{manual_reset}, signaled{signaled} {}

    const Kind kind;
    const bool manual_reset;
    bool signaled;
    std::uint32_t exit_code = asyncselect_STILL_ACTIVE;
    std::atomic<std::uint32_t> thread{0};  // its id, once it runs; without the lock
    std::vector<Wait*> waits;              // the longest waiting first
};

namespace {

// ---- handles

// The index, then the generation, which begins with 1: no handle is 0.
constexpr unsigned index_shift = 2;
constexpr unsigned index_bits = 18;
constexpr unsigned generation_shift = index_shift + index_bits;
constexpr std::uint32_t index_limit = 1U << index_bits;
constexpr std::uint32_t last_generation = (1U << (31 - generation_shift)) - 1;
// A closed handle rests until so many others are free.
constexpr std::size_t free_before_reuse = 1'000;

struct Entry {
    ObjectReference object;
    std::uint32_t generation = 0;
};

struct AllObjects {
    std::mutex mutex;
    std::vector<Entry> entries;
    std::deque<std::uint32_t> free;
    pthread_key_t key{};
    bool has_key = false;
};

AllObjects& all() noexcept {
    static Immortal<AllObjects> instance;
    return *instance;
}

// With the lock held. Throws std::bad_alloc.
ObjectHandle add(ObjectReference object) {
    auto& objects = all();
    if (objects.free.size() <= free_before_reuse && objects.entries.size() < index_limit) {
        // In front: a number that was never used goes before one that rests.
        objects.free.push_front(static_cast<std::uint32_t>(objects.entries.size()));
        try {
            objects.entries.emplace_back();
        } catch (const std::bad_alloc&) {
            objects.free.pop_front();
            throw;
        }
    }
    if (objects.free.empty()) throw std::bad_alloc{};
    const auto index = objects.free.front();
    objects.free.pop_front();
    auto& entry = objects.entries[index];
    entry.generation = entry.generation == last_generation ? 1 : entry.generation + 1;
    entry.object = std::move(object);
    return ObjectHandle{entry.generation} << generation_shift | ObjectHandle{index} << index_shift;
}

// With the lock held.
Entry* entry_of(ObjectHandle handle) noexcept {
    const auto index = handle >> index_shift & (index_limit - 1);
    auto& entries = all().entries;
    const bool well_formed = (handle & ((1U << index_shift) - 1)) == 0 && index < entries.size();
    if (!well_formed || handle >> generation_shift != entries[index].generation) return nullptr;
    return entries[index].object != nullptr ? &entries[index] : nullptr;
}

// ---- waits

// One thread's wait, known to its objects as long as it lives. All functions but the constructor with the lock held.
class Wait {
  public:
    // `queue`: whose owner waits there, and is to look by itself when told; null: waits here.
    Wait(bool all, Queue* queue) noexcept : all_{all}, queue_{queue} {}
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;

    // An error number, 0 for success. Throws std::bad_alloc.
    std::uint32_t begin(std::span<const ObjectHandle> handles) {
        for (const auto handle : handles) {
            const auto* const entry = entry_of(handle);
            if (entry == nullptr) return asyncselect_ERROR_INVALID_HANDLE;
            const auto taken = objects();
            if (all_ && std::find(taken.begin(), taken.end(), entry->object) != taken.end())
                return asyncselect_ERROR_INVALID_PARAMETER;
            objects_[count_++] = entry->object;
        }
        try {
            for (const auto& object : objects()) object->waits.push_back(this);
        } catch (const std::bad_alloc&) {
            end();
            throw;
        }
        return asyncselect_ERROR_SUCCESS;
    }

    void end() noexcept {
        for (const auto& object : objects()) std::erase(object->waits, this);
    }

    // Takes what it waits for, if that is signaled.
    bool take() noexcept {
        const auto waited_for = objects();
        const auto is_signaled = [](const auto& object) { return object->signaled; };
        if (all_) {
            if (!std::all_of(waited_for.begin(), waited_for.end(), is_signaled)) return false;
            for (const auto& object : waited_for) object->signaled = object->manual_reset;
            satisfied_ = 0;
            return true;
        }
        const auto first = std::find_if(waited_for.begin(), waited_for.end(), is_signaled);
        if (first == waited_for.end()) return false;
        (*first)->signaled = (*first)->manual_reset;
        satisfied_ = static_cast<std::uint32_t>(first - waited_for.begin());
        return true;
    }

    // One of its objects was signaled. True if that was all it waited for.
    bool tell() noexcept {
        // Messages are to be there too, and only the owner of the queue knows.
        const bool over = (queue_ == nullptr || !all_) && take();
        if (queue_ != nullptr)
            queue_->tell_of_objects();
        else if (over)
            changed_.notify_one();
        return over;
    }

    [[nodiscard]] std::optional<std::uint32_t> satisfied() const noexcept { return satisfied_; }

    void sleep(std::unique_lock<std::mutex>& lock, std::uint32_t milliseconds) {
        if (milliseconds == asyncselect_INFINITE) {
            changed_.wait(lock, [this] { return satisfied_.has_value(); });
        } else {
            const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds{milliseconds};
            changed_.wait_until(lock, deadline, [this] { return satisfied_.has_value(); });
        }
    }

  private:
    [[nodiscard]] std::span<const ObjectReference> objects() const noexcept { return {objects_.data(), count_}; }

    std::array<ObjectReference, wait_limit> objects_;
    std::size_t count_ = 0;
    bool all_;
    Queue* queue_;
    std::optional<std::uint32_t> satisfied_;
    std::condition_variable changed_;
};

// With the lock held.
void signal(Object& object) noexcept {
    object.signaled = true;
    for (std::size_t i = 0; i < object.waits.size() && object.signaled;) {
        auto* const wait = object.waits[i];
        if (wait->tell())
            wait->end();  // leaves this object's list too
        else
            ++i;
    }
}

// ---- threads

// What a thread begins with, and keeps to its end.
struct Start {
    asyncselect_THREAD_START_ROUTINE routine;
    void* parameter;
    ObjectReference object;
};

thread_local Object* object_of_this_thread = nullptr;

void end_of_thread(void* of_thread) noexcept {
    const std::unique_ptr<Start> start{static_cast<Start*>(of_thread)};
    object_of_this_thread = nullptr;
    const std::scoped_lock lock{all().mutex};
    signal(*start->object);
}

// Runs when the thread ends, in turns with the destructor of the queue's key: after it, so that the windows are gone.
extern "C" void asyncselect_window_end_of_thread_object(void* of_thread) {
    if (detail::queue_of_this_thread == nullptr || pthread_setspecific(all().key, of_thread) != 0)
        end_of_thread(of_thread);
}

void finish(std::uint32_t code) noexcept {
    if (object_of_this_thread == nullptr) return;
    const std::scoped_lock lock{all().mutex};
    object_of_this_thread->exit_code = code;
}

extern "C" void* asyncselect_window_thread(void* given) {
    const auto& start = *static_cast<const Start*>(given);
    auto& object = *start.object;
    object_of_this_thread = &object;
    const bool is_told = pthread_setspecific(all().key, given) == 0;
    object.thread.store(static_cast<std::uint32_t>(gettid()));
    object.thread.notify_all();
    finish(start.routine(start.parameter));
    if (!is_told) end_of_thread(given);
    return nullptr;
}

}  // namespace

// ---- what others see

ObjectHandle make_event(bool manual_reset, bool signaled) noexcept try {
    auto object = std::make_shared<Object>(Object::Kind::event, manual_reset, signaled);
    const std::scoped_lock lock{all().mutex};
    return add(std::move(object));
} catch (const std::bad_alloc&) {
    return no_object;
}

ObjectReference event_of(ObjectHandle handle) noexcept {
    const std::scoped_lock lock{all().mutex};
    const auto* const entry = entry_of(handle);
    return entry != nullptr && entry->object->kind == Object::Kind::event ? entry->object : nullptr;
}

void set_event(Object& event) noexcept {
    const std::scoped_lock lock{all().mutex};
    signal(event);
}

void reset_event(Object& event) noexcept {
    const std::scoped_lock lock{all().mutex};
    event.signaled = false;
}

bool close_object(ObjectHandle handle) noexcept {
    ObjectReference closed;  // ends after the lock
    auto& objects = all();
    const std::scoped_lock lock{objects.mutex};
    auto* const entry = entry_of(handle);
    if (entry == nullptr) return false;
    closed = std::move(entry->object);
    entry->object = nullptr;
    try {
        objects.free.push_back(static_cast<std::uint32_t>(entry - objects.entries.data()));
    } catch (const std::bad_alloc&) {
        // Its number is lost.
    }
    return true;
}

ObjectHandle start_thread(std::size_t stack, asyncselect_THREAD_START_ROUTINE routine, void* parameter,
                          std::uint32_t& thread) noexcept try {
    const auto object = std::make_shared<Object>(Object::Kind::thread, true, false);
    auto start = std::make_unique<Start>(Start{routine, parameter, object});
    ObjectHandle handle = no_object;
    {
        auto& objects = all();
        const std::scoped_lock lock{objects.mutex};
        if (!objects.has_key) {
            if (pthread_key_create(&objects.key, &asyncselect_window_end_of_thread_object) != 0) return no_object;
            objects.has_key = true;
        }
        handle = add(object);
    }
    pthread_attr_t wanted;
    pthread_attr_init(&wanted);
    pthread_attr_setdetachstate(&wanted, PTHREAD_CREATE_DETACHED);
    bool started = true;
    if (stack != 0) {
        const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        const auto least = static_cast<std::size_t>(PTHREAD_STACK_MIN);
        const auto rounded = (std::max(stack, least) + page - 1) / page * page;
        started = rounded >= stack && pthread_attr_setstacksize(&wanted, rounded) == 0;
    }
    pthread_t made{};
    started = started && pthread_create(&made, &wanted, &asyncselect_window_thread, start.get()) == 0;
    pthread_attr_destroy(&wanted);
    if (!started) {
        static_cast<void>(close_object(handle));
        return no_object;
    }
    static_cast<void>(start.release());  // the thread's now
    object->thread.wait(0);
    thread = object->thread.load();
    return handle;
} catch (const std::bad_alloc&) {
    return no_object;
}

void exit_thread(std::uint32_t code) {
    finish(code);
    pthread_exit(nullptr);
}

bool exit_code_of(ObjectHandle handle, std::uint32_t& code) noexcept {
    const std::scoped_lock lock{all().mutex};
    const auto* const entry = entry_of(handle);
    if (entry == nullptr || entry->object->kind != Object::Kind::thread) return false;
    code = entry->object->signaled ? entry->object->exit_code : std::uint32_t{asyncselect_STILL_ACTIVE};
    return true;
}

std::uint32_t wait_for_objects(std::span<const ObjectHandle> handles, bool all_of_them, std::uint32_t milliseconds,
                               std::uint32_t& error) noexcept try {
    Wait wait{all_of_them, nullptr};
    std::unique_lock lock{all().mutex};
    error = wait.begin(handles);
    if (error == asyncselect_ERROR_SUCCESS && !wait.take() && milliseconds != 0) wait.sleep(lock, milliseconds);
    wait.end();
    if (error != asyncselect_ERROR_SUCCESS) return wait_failed;
    return wait.satisfied().value_or(wait_timed_out);
} catch (const std::bad_alloc&) {
    error = asyncselect_ERROR_NOT_ENOUGH_MEMORY;
    return wait_failed;
}

std::uint32_t wait_for_objects_or_input(Queue& queue, std::span<const ObjectHandle> handles, bool all_of_them,
                                        std::uint32_t milliseconds, std::uint32_t wake_mask, bool seen_counts,
                                        std::uint32_t& error) noexcept try {
    struct Both {
        Wait wait;
        bool all;
    } both{{all_of_them, &queue}, all_of_them};
    {
        const std::scoped_lock lock{all().mutex};
        error = both.wait.begin(handles);
        if (error != asyncselect_ERROR_SUCCESS) {
            both.wait.end();
            return wait_failed;
        }
        if (!all_of_them && both.wait.take()) both.wait.end();
    }
    using Over = Queue::Over;
    const auto is_over = [](void* context, bool input) noexcept {
        auto& [wait, everything] = *static_cast<Both*>(context);
        const std::scoped_lock lock{all().mutex};
        if (everything) return input && wait.take() ? Over::by_input : Over::no;
        if (wait.satisfied().has_value()) return Over::by_objects;
        return input ? Over::by_input : Over::no;
    };
    const bool over = queue.wait_for_input(milliseconds, wake_mask, seen_counts, {is_over, &both});
    const std::scoped_lock lock{all().mutex};
    both.wait.end();
    queue.told_of_objects();
    if (const auto satisfied = both.wait.satisfied(); satisfied.has_value()) return *satisfied;
    return over ? static_cast<std::uint32_t>(handles.size()) : wait_timed_out;
} catch (const std::bad_alloc&) {
    error = asyncselect_ERROR_NOT_ENOUGH_MEMORY;
    return wait_failed;
}

}  // namespace asyncselect::window
