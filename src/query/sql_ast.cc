#include "query/sql_ast.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "query/sql_system.h"
#include "query/sql_views.h"

namespace telltale {
namespace {

constexpr size_t kNodesMax = 50'000;

// Not here, though SELECT has them: Set (SETTINGS), ColumnsApplyTransformer (APPLY names a
// function that the tree does not show), QueryParameter, SampleRatio.
constexpr std::string_view kKinds[] = {
    "ArrayJoin",
    "Asterisk",
    "ColumnsExceptTransformer",
    "ColumnsListMatcher",
    "ColumnsRegexpMatcher",
    "ColumnsReplaceTransformer",
    "ColumnsReplaceTransformer::Replacement",
    "ColumnsTransformerList",
    "ExpressionList",
    "Function",
    "Identifier",
    "InterpolateElement",
    "Literal",
    "OrderByElement",
    "QualifiedAsterisk",
    "QualifiedColumnsListMatcher",
    "QualifiedColumnsRegexpMatcher",
    "SelectIntersectExceptQuery",
    "SelectQuery",
    "SelectWithUnionQuery",
    "Subquery",
    "TableExpression",
    "TableIdentifier",
    "TableJoin",
    "TablesInSelectQuery",
    "TablesInSelectQueryElement",
    "WindowDefinition",
    "WindowListElement",
    "WithElement",
};

// All others stand alone on their line, but for an alias.
constexpr std::string_view kNamedKinds[] = {"Function", "Identifier", "InterpolateElement", "Literal",
                                            "TableIdentifier"};

constexpr std::string_view kDatabases[] = {"system", "information_schema", "telltale", "telltale_sql",
                                           "default"};

constexpr std::string_view kIns[] = {"in",     "notin",     "globalin",     "globalnotin",
                                     "nullin", "notnullin", "globalnullin", "globalnotnullin"};

constexpr std::string_view kTableFunction = "numbers";

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::unexpected<Error> Refuse(std::string message, std::string hint = {}) {
  return Fail(ErrorCode::kInvalidInput, "check the statement: " + message, std::move(hint));
}

std::unexpected<Error> RefuseTree(std::string_view why) {
  return Refuse("its syntax tree is not understood: " + std::string(why));
}

std::string Shown(std::string_view text) {
  return "'" + std::string(text.substr(0, 100)) + "'";
}

struct Node {
  size_t depth = 0;
  std::string_view kind;
  std::string_view name;  // what stands behind the kind: of a function its name
  std::string_view line;  // without indent
  size_t children = 0;
};

// `  Function sumIf (alias total) (children 1)`
bool ReadNodeUntrusted(std::string_view line, Node& node) {
  node.depth = std::min(line.find_first_not_of(' '), line.size());
  line.remove_prefix(node.depth);
  node.line = line;
  constexpr std::string_view kChildren = " (children ";
  node.children = 0;
  if (const size_t at = line.rfind(kChildren); at != line.npos && line.ends_with(')')) {
    const std::string_view number =
        line.substr(at + kChildren.size(), line.size() - at - kChildren.size() - 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), node.children);
    if (error == std::errc() && end == number.data() + number.size()) {
      line = line.substr(0, at);
    } else {
      node.children = 0;
    }
  }
  if (line.ends_with(')')) line = line.substr(0, line.find(" (alias "));
  const size_t space = std::min(line.find(' '), line.size());
  node.kind = line.substr(0, space);
  node.name = line.substr(std::min(space + 1, line.size()));
  return !node.kind.empty();
}

// Walks the lines once, with the nodes above the current one.
class Walker {
 public:
  explicit Walker(const std::set<std::string, std::less<>>& functions) : functions_(functions) {}

  Status Add(const Node& node) {
    if (++nodes_ > kNodesMax) return Refuse("it has more than " + std::to_string(kNodesMax) + " parts");
    if (node.depth > open_.size()) return RefuseTree("an indent");
    while (open_.size() > node.depth) TELLTALE_RETURN_IF_ERROR(Close());
    if (nodes_ == 1) {
      if (node.kind != "SelectWithUnionQuery" || node.children != 1) return RefuseKind(node);
    } else {
      if (open_.empty()) return RefuseTree("a second root");
      if (++open_.back().seen > open_.back().node.children) return RefuseTree("a child too many");
    }
    TELLTALE_RETURN_IF_ERROR(Check(node));
    open_.push_back({.node = node});
    return {};
  }

  Status End() {
    if (nodes_ == 0) return RefuseTree("it is empty");
    while (!open_.empty()) TELLTALE_RETURN_IF_ERROR(Close());
    return {};
  }

 private:
  struct Open {
    Node node;
    size_t seen = 0;
  };

  Status Close() {
    if (open_.back().seen != open_.back().node.children) return RefuseTree("a child too few");
    open_.pop_back();
    return {};
  }

  Status RefuseKind(const Node& node) const {
    if (node.kind == "Set") return Refuse("SETTINGS may not stand in it");
    if (node.kind == "ColumnsApplyTransformer")
      return Refuse("APPLY may not stand in it", "call the function on each column");
    if (node.kind == "QueryParameter")
      return Refuse("it has a parameter, and parameters have no values here");
    return Refuse(Shown(node.kind) + " may not stand in it", "only SELECT is answered");
  }

  Status Check(const Node& node) const {
    if (!std::ranges::binary_search(kKinds, node.kind)) return RefuseKind(node);
    if (!node.name.empty() && !std::ranges::binary_search(kNamedKinds, node.kind))
      return RefuseTree("a name where there is none");
    TELLTALE_RETURN_IF_ERROR(CheckCast(node));
    if (node.kind == "Function") return CheckFunction(node);
    if (node.kind == "TableIdentifier") return CheckTable(node.name);
    if (node.kind == "Identifier") return CheckIdentifier(node.name);
    if (node.kind == "Literal") return CheckLiteral(node.line);
    return {};
  }

  Status CheckFunction(const Node& node) const {
    if (open_.back().node.kind == "TableExpression") {
      if (Lower(node.name) == kTableFunction) return {};
      return Refuse("the table function " + Shown(node.name) + " is not available",
                    "behind FROM may stand a table, a sub-query, or numbers(n)");
    }
    // The second: what the engine makes of a parameter.
    if (IsSqlFunction(node.name) || node.name == "_CAST") return {};
    return Refuse("the function " + Shown(node.name) + " is not available",
                  "docs/reference/sql.md lists the functions that are");
  }

  // The function whose second argument is the next node, in lower case; empty: none.
  std::string SecondArgumentOf() const {
    if (open_.size() < 2 || open_.back().seen != 2) return {};
    const Node& function = open_[open_.size() - 2].node;
    return function.kind == "Function" ? Lower(function.name) : std::string();
  }

  // A type stands in plain sight, so that CheckLiteral sees it.
  Status CheckCast(const Node& node) const {
    if (node.kind == "Literal") return {};
    const std::string function = SecondArgumentOf();
    if (function != "cast" && function != "_cast" && !function.starts_with("accuratecast")) return {};
    return Refuse("the type that " + Shown(function) + " casts to is not a plain text",
                  "write the type as it is");
  }

  Status CheckTable(std::string_view name) const {
    const bool is_plain = !name.empty() && std::ranges::all_of(name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (is_plain) return {};  // A view, a WITH, or unknown to the engine.
    return Refuse("the table " + Shown(name) + " is not available",
                  "the tables are those of docs/reference/sql.md, without a database before them");
  }

  Status CheckIdentifier(std::string_view name) const {
    const size_t dot = name.find('.');
    if (dot != name.npos) {
      // The right side of IN may be a table.
      if (std::ranges::find(kIns, SecondArgumentOf()) != std::end(kIns)) return CheckTable(name);
      const std::string first = Lower(name.substr(0, dot));
      if (std::ranges::find(kDatabases, first) == std::end(kDatabases)) return {};
      return Refuse("the name " + Shown(name) + " is not available",
                    "columns stand without a database before them");
    }
    // A column wins over a function of its name; where it is none, database() has no arguments and
    // nothing to tell.
    if (IsSqlColumn(name) || IsSqlSystemColumn(name)) return {};
    if (const std::string lower = Lower(name); functions_.contains(lower) && !IsSqlFunction(lower)) {
      return Refuse("the function " + Shown(name) + " is not available",
                    "as the name of a column or an alias, choose another one");
    }
    return {};
  }

  // Such a value is memory of the engine's own; made from a text it could be anything.
  Status CheckLiteral(std::string_view text) const {
    if (!Lower(text).contains("aggregatefunction")) return {};
    return Refuse("the type AggregateFunction is not available");
  }

  const std::set<std::string, std::less<>>& functions_;
  std::vector<Open> open_;
  size_t nodes_ = 0;
};

}  // namespace

Status CheckSyntaxTreeUntrusted(std::string_view tree, const std::set<std::string, std::less<>>& functions) {
  Walker walker(functions);
  while (!tree.empty()) {
    const size_t end = std::min(tree.find('\n'), tree.size());
    const std::string_view line = tree.substr(0, end);
    tree.remove_prefix(std::min(end + 1, tree.size()));
    if (line.empty() && tree.empty()) break;
    Node node;
    if (!ReadNodeUntrusted(line, node)) return RefuseTree("a line");
    TELLTALE_RETURN_IF_ERROR(walker.Add(node));
  }
  return walker.End();
}

Status CheckNamesUntrusted(std::string_view canonical) {
  char quote = 0;
  for (size_t i = 0; i < canonical.size(); ++i) {
    const char c = canonical[i];
    if (quote == 0) {
      if (c == '\'' || c == '`' || c == '"') quote = c;
      continue;
    }
    if (c == '\\') {
      if (quote != '\'') return Refuse("a name has a character that needs an escape", "choose a plain name");
      ++i;
    } else if (c == quote) {
      quote = 0;
    } else if (quote != '\'' && static_cast<unsigned char>(c) < ' ') {
      return Refuse("a name has a line break or another control character", "choose a plain name");
    }
  }
  return quote == 0 ? Status() : RefuseTree("a quote is open");
}

}  // namespace telltale
