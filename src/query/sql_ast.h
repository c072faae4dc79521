// What a user's statement may be made of, by the engine's own syntax tree of it.
//
//   TELLTALE_ASSIGN_OR_RETURN(std::string tree, reader.SyntaxTree(statement));
//   TELLTALE_RETURN_IF_ERROR(CheckSyntaxTreeUntrusted(tree, functions));
//
// The tree is the text of EXPLAIN AST: a node a line, one more space of indent a level, and
// how many children it has. Everything is refused that is not known to be harmless: kinds of
// nodes, functions, tables. The engine resolves names in more ways than a tree shows, so a
// name must not mean anything else either: `arrayMap(file, paths)` calls file().
//
// Thread safety  Free functions.
// Failure        kInvalidInput says what may not stand there.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace telltale {

// `functions`: every function that the engine has, in lower case.
Status CheckSyntaxTreeUntrusted(std::string_view tree, const std::set<std::string, std::less<>>& functions);

// A name with a line break, or another character that needs an escape, could pretend to be a
// line of the tree. `canonical` is the statement in the engine's own spelling, where only a name
// stands in backquotes.
Status CheckNamesUntrusted(std::string_view canonical);

}  // namespace telltale
