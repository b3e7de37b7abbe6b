// The specification profile and its named departures: switches that guards consult over the same tables.
#pragma once

namespace asyncselect::model {

struct Profile {
    bool close_at_fin = false;                  // W-1
    bool reset_tells_aborted = false;           // W-2
    bool no_connect_at_select = false;          // W-3
    bool datagram_connect_posts_write = false;  // W-4
    bool urgent_bytes_queue = false;            // W-5

    friend bool operator==(const Profile&, const Profile&) = default;
};

// The page with the readings of CLAUSES.md.
inline constexpr Profile spec_profile{};

// What was published of Windows 10 and 11: all five departures.
inline constexpr Profile windows_profile{true, true, true, true, true};

}  // namespace asyncselect::model
