// A TraceQL query as a command's argument: read here, so that a mistake is shown at its place
// before any server is asked.
//
//   const auto query = ReadQueryArgument(options.query, terminal);
//   if (!query) return kExitUsage;                    // said on terminal.err, with the place marked
//
// Thread safety  One thread at a time per terminal.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/terminal.h"

namespace telltale {

struct QueryArgument {
  std::string text;        // empty: every trace
  bool is_metric = false;  // the answer is series over time
};

std::optional<QueryArgument> ReadQueryArgument(std::string_view text, Terminal& terminal);

}  // namespace telltale
