// Draws a trace for a terminal: what is known of it as a whole, then its tree.
//
//   trace 4bf9...  2026-11-25 11:14:36.120 UTC
//   3 spans, 1.26 s, 1 error, llm-service
//   complete
//
//   summarize [llm-service]           1.26 s  ━━━━━━━━━━━━
//   ├─ prompt_build                  45.0 ms  ━
//   └─ llm_request ERROR              1.20 s   ━━━━━━━━━━━
//         gpt-4 · tokens 78 in, 20 out · $0.0048
//         ! APITimeoutError: Request timed out.
//
//   DrawTrace(trace, {.children_max = 200}, terminal);
//
// Thread safety  One thread at a time per terminal.
// Cost           Linear in spans; the depth of a tree costs nothing.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/api_answers.h"
#include "cli/terminal.h"

namespace telltale {

struct TraceViewOptions {
  size_t children_max = static_cast<size_t>(-1);  // shown of one parent; the rest is one line
};

void DrawTrace(const ShownTrace& trace, const TraceViewOptions& options, Terminal& terminal);

// One sentence for each thing that is not whole; none for a complete trace.
std::vector<std::string> CompletenessNotes(const ShownTrace& trace);

}  // namespace telltale
