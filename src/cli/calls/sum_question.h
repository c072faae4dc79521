// Sums over calls, asked and shown: `telltale calls --by` and `telltale cost` differ only in
// how they draw them.
//
//   return AskAndPrintSums(options, PrintSums, terminal);
//
// Thread safety  One thread at a time per terminal.
// Failure        As ApiClient; kInvalidInput: a flag that cannot work.
#pragma once

#include <vector>

#include "base/result.h"
#include "cli/calls/sum_table.h"
#include "cli/commands.h"
#include "cli/terminal.h"

namespace telltale {

// --limit 0, or two forms at once.
Status CheckForm(const CallsOptions& options);

using DrawSums = void (*)(const SumTable&, Terminal&);
// By --json and --csv the two are the same.
Status AskAndPrintSums(const CallsOptions& options, DrawSums draw, Terminal& terminal);

void SayNoCallsMatch(const CallsOptions& options, Terminal& terminal);

// An array, an item a line, each as it came.
template <typename Item>
void PrintItemsAsJson(const std::vector<Item>& items, Terminal& terminal) {
  terminal.out << '[';
  for (size_t i = 0; i < items.size(); ++i) terminal.out << (i > 0 ? ",\n" : "\n") << items[i].json;
  terminal.out << (items.empty() ? "]\n" : "\n]\n");
}

}  // namespace telltale
