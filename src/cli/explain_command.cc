#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>

#include "calls/explain.h"
#include "cli/commands.h"

namespace telltale {
namespace {

// A whole file, or standard input for "-".
Result<std::string> ReadWhole(const std::string& name) {
  std::ifstream file;
  if (name != "-") {
    file.open(name, std::ios::binary);
    if (!file) return Fail(ErrorCode::kNotFound, "read " + name + ": cannot be opened");
  }
  std::istream& in = name == "-" ? std::cin : file;
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return Fail(ErrorCode::kUnavailable, "read " + name + ": broke off");
  return text;
}

Status Explain(const ExplainOptions& options, Terminal& terminal) {
  std::optional<RuleTable> own;
  if (!options.mapping.empty()) {
    TELLTALE_ASSIGN_OR_RETURN(const std::string toml, ReadWhole(options.mapping));
    auto table = RuleTable::WithMapping(toml, options.mapping);
    if (!table) return std::unexpected(table.error());
    own.emplace(*std::move(table));
  }
  Explainer explainer(own ? *own : RuleTable::BuiltIn());
  for (const std::string& name : options.files) {
    TELLTALE_ASSIGN_OR_RETURN(const std::string bytes, ReadWhole(name));
    Status added = explainer.AddUntrusted(bytes);
    if (!added) {
      added.error().message = "explain " + name + ": " + added.error().message;
      if (added.error().hint.empty())
        added.error().hint = "give an OTLP request: JSON, JSON lines or protobuf, of traces or logs";
      return added;
    }
  }
  terminal.out << (options.json ? explainer.Json() + "\n" : explainer.Text());
  return {};
}

}  // namespace

int RunExplain(const ExplainOptions& options, Terminal& terminal) {
  if (Status explained = Explain(options, terminal); !explained)
    return ReportError(explained.error(), terminal);
  return kExitOk;
}

}  // namespace telltale
