#include "cli/span_tree.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace telltale {
namespace {

constexpr size_t kNone = TreeRow::kNoSpan;

// A place under which siblings stand: a span, or a heading.
struct Node {
  size_t span = kNone;
  std::string missing_parent;
  std::vector<size_t> children;  // nodes
  uint64_t start = 0;
};

class Forest {
 public:
  explicit Forest(const std::vector<ShownSpan>& spans) : spans_(spans) {
    nodes_.reserve(spans.size());
    // The first of spans that share an id gets the children.
    std::unordered_map<std::string_view, size_t> by_id;
    for (size_t i = 0; i < spans.size(); ++i) {
      nodes_.push_back({.span = i, .start = spans[i].start_unix_nano});
      by_id.emplace(spans[i].span_id, i);
    }
    for (size_t i = 0; i < spans.size(); ++i) Attach(i, by_id);
    CutRings();
    for (Node& node : nodes_) SortByStart(node.children);
    SortByStart(roots_);
  }

  const Node& node(size_t index) const { return nodes_[index]; }
  const std::vector<size_t>& roots() const { return roots_; }

  // Spans at and below `top`.
  size_t CountSpans(size_t top) const {
    size_t count = 0;
    std::vector<size_t> open = {top};
    while (!open.empty()) {
      const Node& node = nodes_[open.back()];
      open.pop_back();
      if (node.span != kNone) ++count;
      open.insert(open.end(), node.children.begin(), node.children.end());
    }
    return count;
  }

 private:
  void Attach(size_t index, const std::unordered_map<std::string_view, size_t>& by_id) {
    const std::string& parent = spans_[index].parent_span_id;
    if (parent.empty()) {
      roots_.push_back(index);
      return;
    }
    const auto found = by_id.find(parent);
    const size_t above = found != by_id.end() ? found->second : Heading(parent, nodes_[index].start);
    nodes_[above].children.push_back(index);
  }

  size_t Heading(const std::string& missing_parent, uint64_t start) {
    const auto [found, is_new] = headings_.emplace(missing_parent, nodes_.size());
    if (is_new) {
      nodes_.push_back({.missing_parent = missing_parent, .start = start});
      roots_.push_back(found->second);
    }
    Node& heading = nodes_[found->second];
    heading.start = std::min(heading.start, start);
    return found->second;
  }

  void MarkBelow(size_t top, std::vector<bool>& reached) const {
    std::vector<size_t> open = {top};
    while (!open.empty()) {
      const size_t at = open.back();
      open.pop_back();
      if (reached[at]) continue;
      reached[at] = true;
      open.insert(open.end(), nodes_[at].children.begin(), nodes_[at].children.end());
    }
  }

  // What no root reaches hangs on a ring of parents: its first span by start is put
  // under a heading, which opens the ring.
  void CutRings() {
    std::vector<bool> reached(nodes_.size() + 1, false);
    for (const size_t root : roots_) MarkBelow(root, reached);
    for (size_t i = 0; i < spans_.size(); ++i) {
      if (reached[i]) continue;
      const size_t in_ring = FindInRing(i);
      std::erase(nodes_[parent_of(in_ring)].children, in_ring);
      const size_t heading = Heading("ring", nodes_[in_ring].start);
      nodes_[heading].children.push_back(in_ring);
      MarkBelow(in_ring, reached);
    }
  }

  // A span of the ring that is above `start` or holds it.
  size_t FindInRing(size_t start) {
    if (parents_.empty()) {
      parents_.resize(nodes_.size(), kNone);
      for (size_t above = 0; above < nodes_.size(); ++above) {
        for (const size_t child : nodes_[above].children) parents_[child] = above;
      }
    }
    std::unordered_map<size_t, bool> seen;
    size_t at = start;
    while (seen.emplace(at, true).second) at = parents_[at];
    return at;
  }

  size_t parent_of(size_t index) const { return parents_[index]; }

  void SortByStart(std::vector<size_t>& siblings) const {
    std::ranges::sort(siblings, {}, [this](size_t index) { return std::pair(nodes_[index].start, index); });
  }

  const std::vector<ShownSpan>& spans_;
  std::vector<Node> nodes_;  // spans first, in their order, then headings
  std::vector<size_t> roots_;
  std::vector<size_t> parents_;
  std::unordered_map<std::string, size_t> headings_;
};

// One level of the walk: siblings and how far it has come among them.
struct Level {
  const std::vector<size_t>* siblings;
  size_t next = 0;
};

TreeRow Fold(const Forest& forest, const Level& level, int depth) {
  TreeRow row{.depth = depth, .is_last = true};
  row.folded = level.siblings->size() - level.next;
  for (size_t i = level.next; i < level.siblings->size(); ++i) {
    row.folded_spans += forest.CountSpans((*level.siblings)[i]);
  }
  return row;
}

}  // namespace

std::vector<TreeRow> OrderAsTree(const std::vector<ShownSpan>& spans, const TreeOptions& options) {
  const Forest forest(spans);
  std::vector<TreeRow> rows;
  rows.reserve(spans.size());
  std::vector<Level> open = {{&forest.roots()}};
  while (!open.empty()) {
    Level& level = open.back();
    const int depth = static_cast<int>(open.size()) - 1;
    if (level.next == level.siblings->size()) {
      open.pop_back();
      continue;
    }
    // A fold of one would take as much room as what it hides.
    if (level.next == options.children_max && level.siblings->size() > options.children_max + 1) {
      rows.push_back(Fold(forest, level, depth));
      open.pop_back();
      continue;
    }
    const Node& node = forest.node((*level.siblings)[level.next++]);
    rows.push_back({.span = node.span,
                    .depth = depth,
                    .is_last = level.next == level.siblings->size(),
                    .has_children = !node.children.empty(),
                    .missing_parent = node.missing_parent});
    if (!node.children.empty()) open.push_back({&node.children});
  }
  return rows;
}

}  // namespace telltale
