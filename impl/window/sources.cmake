# The sources of the window layer, for whoever compiles them another time.
set(asyncselect_window_sources
    api.cpp
    class_registry.cpp
    companions.cpp
    handle_table.cpp
    objects.cpp
    objects_api.cpp
    queue.cpp
    sent_messages.cpp
    text.cpp
    timers.cpp
    window.cpp)
