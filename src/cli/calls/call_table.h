// Calls as a table that fits the terminal, or as CSV.
//
//   PrintCalls(page.items, now, terminal);
//   terminal.out << CallsCsv(page.items);
//
// TRACE_ID/SPAN_ID, as `telltale prices explain` takes it, is always whole: where a row would
// be wider than the terminal it has a line of its own, with kind and service where that alone
// does not do.
//
// Thread safety  One thread at a time per terminal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/api_answers.h"
#include "cli/terminal.h"

namespace telltale {

// The table on stdout; what its marks mean, where there are any, on stderr.
void PrintCalls(const std::vector<ListedCall>& calls, uint64_t now_unix_nanos, Terminal& terminal);

// RFC 4180: a header, then a line a call, CRLF at each end. What is not known is empty.
std::string CallsCsv(const std::vector<ListedCall>& calls);

}  // namespace telltale
