#include "api/explain_request.h"

#include <algorithm>
#include <array>

#include "api/parameters.h"
#include "json/tree.h"

namespace telltale {
namespace {

constexpr std::array<std::string_view, 4> kMembers = {"request", "trace_id", "mapping", "as"};

std::unexpected<Error> Refuse(std::string_view member, std::string_view why) {
  return Fail(ErrorCode::kInvalidInput, "read body: " + std::string(member) + ": " + std::string(why),
              R"(send an OTLP request, or {"request": {...}} or {"trace_id": "..."} with "mapping")");
}

std::string_view AfterSpace(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

Status ReadMember(std::string_view key, JsonValue value, Arena& arena, ExplainRequest& request) {
  if (std::ranges::find(kMembers, key) == kMembers.end()) return Refuse(key, "not known here");
  if (key == "request") {
    if (!value.is_object()) return Refuse(key, "not an object");
    request.request = value.json();
    return {};
  }
  if (!value.is_string()) return Refuse(key, "not a text");
  const std::string_view text = value.Text(arena);
  if (key == "mapping") {
    request.mapping = text;
  } else if (key == "as") {
    if (text != "text" && text != "json") return Refuse(key, "'" + std::string(text) + "': text or json");
    request.as_text = text == "text";
  } else {
    request.trace_id = ParseTraceIdUntrusted(text);
    if (!request.trace_id) return Refuse(key, "not a trace id: 1 to 32 hex digits, not all zeros");
  }
  return {};
}

}  // namespace

bool IsExplainRequest(std::string_view body) {
  body = AfterSpace(body);
  if (!body.starts_with('{')) return false;
  body = AfterSpace(body.substr(1));
  return std::ranges::any_of(kMembers, [&](std::string_view member) {
    return body.starts_with('"') && body.substr(1).starts_with(member) &&
           body.substr(1 + member.size()).starts_with('"');
  });
}

Result<ExplainRequest> ReadExplainRequestUntrusted(std::string_view body) {
  JsonTree tree;
  if (!tree.ParseUntrusted(body) || !tree.root().is_object()) return Refuse("the whole", "not a JSON object");
  ExplainRequest request;
  Arena arena;
  const auto members = tree.root().members();
  for (auto at = members.begin(); at != members.end(); ++at)
    TELLTALE_RETURN_IF_ERROR(ReadMember(at.key(), *at, arena, request));
  if (request.trace_id.has_value() == request.request.has_value())
    return Refuse("request", "there must be either this or trace_id");
  return request;
}

}  // namespace telltale
