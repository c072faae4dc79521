// What main's commands need of the process: signals, the ready file, memory, errors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace telltale {

// Call before any thread starts: SIGINT and SIGTERM are then held for WaitForStopSignal,
// and a reader that went away is an error of write(), not the end of us.
void HoldSignals();

// Blocks until SIGINT, SIGTERM, or `milliseconds` have passed (negative: for ever);
// true when a signal came.
bool WaitForStopSignal(int milliseconds = -1);

// {"pid": ..., "NAME": "ADDR:PORT", ...}; names with an empty address are left out.
// Written under another name first: whoever waits for the file never reads half.
Status WriteReady(const std::filesystem::path& path,
                  const std::vector<std::pair<std::string, std::string>>& addresses);

uint64_t ResidentBytes();

// Says what failed, and the hint if there is one, on stderr; gives the exit code 1.
int Report(const Error& error);

}  // namespace telltale
