// For tests: a terminal whose text can be read back, in a process whose clock is on UTC.
#pragma once

#include <cstdlib>
#include <ctime>
#include <sstream>

#include "cli/terminal.h"

namespace telltale {

struct TestTerminal {
  explicit TestTerminal(int width) : terminal{.out = out, .err = err, .color = false, .width = width} {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }

  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal;
};

}  // namespace telltale
