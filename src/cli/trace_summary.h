// A trace as the guide's JSON summary (its section 3), with more members:
//
//   {"trace_id":"abc123", ..., "spans":[
//   {"name":"prompt_build","duration_ms":45,"attributes":{"prompt.tokens":78}, ...},
//   ...
//   ]}
//
// Spans are in tree order, one a line. Attributes are plain JSON values. Absent values
// (status_message, events, links) are left out.
//
// Thread safety  Free function; may be called from any thread.
#pragma once

#include <string>

#include "cli/api_answers.h"

namespace telltale {

std::string TraceSummaryJson(const ShownTrace& trace);

}  // namespace telltale
