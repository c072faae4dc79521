// SpanTree: the spans of a trace in the order in which a tree shows them.
//
//   root                     depth 0
//   ├─ child                 depth 1
//   │  └─ grandchild         depth 2
//   └─ child                 depth 1
//   (missing parent 00f0...) a heading: missing_parent is set
//   └─ orphan                depth 1
//
//   const std::vector<TreeRow> rows = OrderAsTree(trace.spans, {.children_max = 200});
//
// Every span appears exactly once, or is counted in a fold: spans whose parent was not
// received stand under a heading with that parent's id, and so do spans whose parents
// form a ring. Siblings are ordered by start.
//
// Ownership      Rows name spans by index; `spans` is not kept.
// Thread safety  Free function.
// Cost           O(n log n) time, O(n) memory whatever the depth.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/api_answers.h"

namespace telltale {

struct TreeRow {
  static constexpr size_t kNoSpan = static_cast<size_t>(-1);

  size_t span = kNoSpan;  // kNoSpan: a heading or a fold
  int depth = 0;
  bool is_last = false;        // no sibling follows
  bool has_children = false;   // the next row is below this one
  std::string missing_parent;  // a heading: the id of the parent, or "ring" for a ring
  size_t folded = 0;           // a fold: so many siblings, with all below them, are not shown
  size_t folded_spans = 0;     // a fold: so many spans in all
};

struct TreeOptions {
  size_t children_max = static_cast<size_t>(-1);  // of one parent; more are folded
};

std::vector<TreeRow> OrderAsTree(const std::vector<ShownSpan>& spans, const TreeOptions& options);

}  // namespace telltale
