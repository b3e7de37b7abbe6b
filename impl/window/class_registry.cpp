// A list, searched from end to end: programs register a handful of classes and look them up when they make a window.
#include "impl/window/class_registry.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include "impl/window/immortal.hpp"

namespace asyncselect::window {

namespace {

constexpr std::uint16_t first_atom = 0xc000;
constexpr std::size_t class_limit = 0x3fff;  // atoms end at 0xffff

struct Registry {
    std::mutex mutex;
    std::vector<std::unique_ptr<WindowClass>> classes;
    std::uint16_t last_atom = 0xffff;
    bool predefined = false;
};
constinit Immortal<Registry> registry;

char lower(char letter) noexcept {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same_name(const std::string& one, const std::string& other) noexcept {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

bool named(const WindowClass& candidate, const ClassName& name) noexcept {
    return name.atom != 0 ? candidate.atom == name.atom : same_name(candidate.name, name.text);
}

// Everything below here is called with the registry locked.

WindowClass* find(const ClassName& name, asyncselect_HINSTANCE instance) noexcept {
    WindowClass* of_another_instance = nullptr;
    for (const auto& candidate : registry->classes) {
        if (!named(*candidate, name)) continue;
        if (candidate->instance == instance) return candidate.get();
        if (of_another_instance == nullptr) of_another_instance = candidate.get();
    }
    return of_another_instance;
}

std::uint16_t new_atom() noexcept {
    const auto taken = [](std::uint16_t atom) {
        return std::any_of(registry->classes.begin(), registry->classes.end(),
                           [&](const auto& candidate) { return candidate->atom == atom; });
    };
    do
        registry->last_atom =
            registry->last_atom == 0xffff ? first_atom : static_cast<std::uint16_t>(registry->last_atom + 1);
    while (taken(registry->last_atom));
    return registry->last_atom;
}

void add(WindowClass wanted) {
    wanted.atom = new_atom();
    wanted.windows = 0;
    registry->classes.push_back(std::make_unique<WindowClass>(std::move(wanted)));
}

// Programs make message-only windows of the system's own classes, for want of a class of theirs.
void add_predefined() {
    if (registry->predefined) return;
    for (const char* name : {"Message", "Static", "Button", "Edit"}) {
        WindowClass wanted;
        wanted.name = name;
        wanted.procedure = asyncselect_DefWindowProcA;
        add(wanted);
    }
    registry->predefined = true;
}

}  // namespace

std::uint32_t register_class(const WindowClass& wanted, std::uint16_t& atom) noexcept try {
    const std::scoped_lock lock{registry->mutex};
    const bool exists = std::any_of(registry->classes.begin(), registry->classes.end(), [&](const auto& candidate) {
        return candidate->instance == wanted.instance && same_name(candidate->name, wanted.name);
    });
    if (exists) return asyncselect_ERROR_CLASS_ALREADY_EXISTS;
    if (registry->classes.size() >= class_limit) return asyncselect_ERROR_NOT_ENOUGH_MEMORY;
    add(wanted);
    atom = registry->classes.back()->atom;
    return asyncselect_ERROR_SUCCESS;
} catch (const std::bad_alloc&) {
    return asyncselect_ERROR_NOT_ENOUGH_MEMORY;
}

std::uint32_t unregister_class(const ClassName& name, asyncselect_HINSTANCE instance) noexcept {
    const std::scoped_lock lock{registry->mutex};
    const WindowClass* found = find(name, instance);
    if (found == nullptr) return asyncselect_ERROR_CLASS_DOES_NOT_EXIST;
    if (found->windows != 0) return asyncselect_ERROR_CLASS_HAS_WINDOWS;
    std::erase_if(registry->classes, [&](const auto& candidate) { return candidate.get() == found; });
    return asyncselect_ERROR_SUCCESS;
}

const WindowClass* use_class(const ClassName& name, asyncselect_HINSTANCE instance) noexcept try {
    const std::scoped_lock lock{registry->mutex};
    WindowClass* found = find(name, instance);
    if (found == nullptr) {
        add_predefined();
        found = find(name, instance);
    }
    if (found != nullptr) ++found->windows;
    return found;
} catch (const std::bad_alloc&) {
    return nullptr;
}

void end_use_of_class(const WindowClass& used) noexcept {
    const std::scoped_lock lock{registry->mutex};
    for (const auto& candidate : registry->classes) {
        if (candidate.get() == &used) --candidate->windows;
    }
}

}  // namespace asyncselect::window
