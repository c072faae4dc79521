// What is worth saying about a span in one line of a tree, beside its name: the model, its
// tokens, cost and request id, and why it failed.
//
//   FactsLine(span)    // "gpt-4 · tokens 812 in, 57 out · $0.0048 · req-xyz", or ""
//   FailureLines(span) // {"APITimeoutError: Request timed out. (2 times)"}
//
// Reads the names of OTel GenAI and of the guide, as printed and as meant.
//
// Thread safety  Free functions; may be called from any thread.
#pragma once

#include <string>
#include <vector>

#include "cli/api_answers.h"

namespace telltale {

std::string FactsLine(const ShownSpan& span);

// 1.8e-05 as $0.000018: people compare costs by their zeros. What is no number stays as it is.
std::string DollarText(const std::string& given);

// The span's exceptions in their order, equal ones once with their number, then its
// status message where no exception says the same. Safe to print, not cut.
std::vector<std::string> FailureLines(const ShownSpan& span);

}  // namespace telltale
