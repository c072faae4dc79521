#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>

#include "calls/explain.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/trace_query.h"
#include "json/writer.h"

namespace telltale {
namespace {

// A whole file, or standard input for "-".
Result<std::string> ReadWhole(const std::string& name) {
  std::ifstream file;
  if (name != "-") {
    file.open(name, std::ios::binary);
    if (!file) {
      return Fail(ErrorCode::kNotFound, "read " + name + ": cannot be opened",
                  "it is neither a file that is there nor the id of a trace");
    }
  }
  std::istream& in = name == "-" ? std::cin : file;
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return Fail(ErrorCode::kUnavailable, "read " + name + ": broke off");
  return text;
}

// The id of a trace, where this names one and no file.
std::optional<std::string> TraceNamed(const ExplainOptions& options) {
  std::error_code ec;
  if (options.files.size() != 1 || options.files[0] == "-" || std::filesystem::exists(options.files[0], ec))
    return std::nullopt;
  auto id = ReadTraceIdArgument(options.files[0]);
  return id ? std::optional(*std::move(id)) : std::nullopt;
}

// The server has the trace, so it explains it; our mapping file goes along.
Status ExplainTrace(const ExplainOptions& options, const std::string& id, Terminal& terminal) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("trace_id").String(id);
  if (!options.mapping.empty()) {
    TELLTALE_ASSIGN_OR_RETURN(const std::string toml, ReadWhole(options.mapping));
    // A mistake in it is told with the file's name.
    const auto table = RuleTable::WithMappingUntrusted(toml, options.mapping);
    if (!table) return std::unexpected(table.error());
    json.Key("mapping").String(toml);
  }
  json.Key("as").String(options.json ? "json" : "text").EndObject();
  TELLTALE_ASSIGN_OR_RETURN(const std::string told,
                            ApiClient(options.server).PostJson("/api/v1/explain", std::move(body)));
  terminal.out << told;
  if (options.json) terminal.out << "\n";
  return {};
}

Status ExplainFiles(const ExplainOptions& options, Terminal& terminal) {
  std::optional<RuleTable> own;
  if (!options.mapping.empty()) {
    TELLTALE_ASSIGN_OR_RETURN(const std::string toml, ReadWhole(options.mapping));
    auto table = RuleTable::WithMappingUntrusted(toml, options.mapping);
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
  const auto id = TraceNamed(options);
  const Status explained = id ? ExplainTrace(options, *id, terminal) : ExplainFiles(options, terminal);
  return explained ? kExitOk : ReportError(explained.error(), terminal);
}

}  // namespace telltale
