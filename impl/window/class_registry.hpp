// Window classes: what RegisterClass has made known to the process. Names are UTF-8 here and compared without regard
// to the case of ASCII letters; the A and W functions share them. It must not know windows, only count them.
#pragma once

#include <asyncselect/asyncselect.h>

#include <cstdint>
#include <string>

namespace asyncselect::window {

// How a program names a class: by its name, or by its atom when that is not 0.
struct ClassName {
    std::string text;
    std::uint16_t atom = 0;
};

struct WindowClass {
    std::string name;
    asyncselect_HINSTANCE instance = nullptr;
    asyncselect_WNDPROC procedure = nullptr;
    unsigned int style = 0;
    int class_extra = 0;   // bytes
    int window_extra = 0;  // bytes
    bool wide = false;     // registered by a W function: its procedure takes wide strings
    std::uint16_t atom = 0;
    std::size_t windows = 0;
};

// The functions below may be called by any thread. They return an error number of the public header, 0 for success.

// Sets `atom` to the new class's. ERROR_CLASS_ALREADY_EXISTS: this name with this instance;
// ERROR_NOT_ENOUGH_MEMORY: no atoms or no memory.
[[nodiscard]] std::uint32_t register_class(const WindowClass& wanted, std::uint16_t& atom) noexcept;

// ERROR_CLASS_DOES_NOT_EXIST, ERROR_CLASS_HAS_WINDOWS.
[[nodiscard]] std::uint32_t unregister_class(const ClassName& name, asyncselect_HINSTANCE instance) noexcept;

// Finds a class and counts one window more. Null when there is none. The class stays until as many
// `end_use_of_class` have followed. The instance only chooses among classes of the same name.
[[nodiscard]] const WindowClass* use_class(const ClassName& name, asyncselect_HINSTANCE instance) noexcept;
void end_use_of_class(const WindowClass& used) noexcept;

}  // namespace asyncselect::window
