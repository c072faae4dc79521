// A pipeline over the spans of one trace: which sets of spans it leaves.
//
//   std::vector<Spanset> sets = Evaluate(query, plan, trace);
//   if (!sets.empty()) Show(trace, sets);
//
// Relations are those of the whole trace, so a span that no condition takes still stands
// between a parent and its grandchild. A span whose parents are a circle has no ancestors.
//
// Thread safety  Pure.
// Cost           Linear in spans, for each operator; no recursion over spans.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "query/traceql/joined_rows.h"
#include "query/traceql/plan.h"
#include "traceql/ast.h"

namespace telltale::traceql {

struct Spanset {
  std::vector<uint32_t> spans;  // places in TraceTable::spans, ascending
  // What by() split by, and numbers that a filter computed: name and value.
  std::vector<std::pair<std::string, uint32_t>> keys;  // numbers of KeyTexts
  std::vector<std::pair<std::string, double>> numbers;
};

// Only of the stages; a metric is the caller's. Sets without spans are left out.
std::vector<Spanset> Evaluate(const Query& query, const Plan& plan, const TraceTable& trace);

// Places in a walk through the tree, as nestedSetLeft and the others name them: beside
// TraceTable::spans. Orphans stand beside the root, by start.
struct WalkNumbers {
  int32_t left = 0;
  int32_t right = 0;
  int32_t parent = -1;
};
std::vector<WalkNumbers> NumberWalk(const TraceTable& trace);

}  // namespace telltale::traceql
