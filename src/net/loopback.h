// The machine's own addresses. "localhost" is 127.0.0.1 to some clients and ::1 to
// others: who listens for it listens on both.
//
// Thread safety  May be called from any thread.
#pragma once

#include <cstdint>

namespace telltale {

// False on a machine, or in a container, without IPv6.
bool HasIpv6Loopback();

// A port that was free on 127.0.0.1, and on ::1 where that exists, a moment ago: who
// finds it taken asks again. 0 when there is none.
uint16_t FindFreeLoopbackPort();

}  // namespace telltale
