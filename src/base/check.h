// TELLTALE_CHECK(condition, "what was wrong: " + values): a broken promise of our
// own code. The server stops with the place and the values, because going on
// would store wrong data. Never use it for input: that gets an Error or a counter.
#pragma once

#include <string_view>

namespace telltale::internal {
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition, std::string_view message);
}  // namespace telltale::internal

#define TELLTALE_CHECK(condition, message)                                          \
  do {                                                                              \
    if (!(condition)) [[unlikely]]                                                  \
      ::telltale::internal::CheckFailed(__FILE__, __LINE__, #condition, (message)); \
  } while (false)
