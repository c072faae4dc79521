#include "cli/span_facts.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "cli/text.h"

namespace telltale {
namespace {

constexpr int kFactWidthMax = 48;
constexpr std::string_view kDot = " \xc2\xb7 ";

using Keys = std::initializer_list<std::string_view>;

// First hit wins: the name of the convention before older and looser ones.
constexpr Keys kModel = {"gen_ai.request.model", "gen_ai.response.model", "llm.model", "model"};
constexpr Keys kInputTokens = {"gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "tokens.prompt",
                               "prompt.tokens", "prompt_tokens"};
constexpr Keys kOutputTokens = {"gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens",
                                "tokens.completion", "completion.tokens", "completion_tokens"};
constexpr Keys kCost = {"cost_usd", "estimated_cost_usd", "estimatedcostusd", "gen_ai.usage.cost"};
constexpr Keys kRequestId = {"request_id", "gen_ai.response.id"};
constexpr Keys kTemplate = {"prompt.template", "gen_ai.prompt.name"};
constexpr Keys kTool = {"gen_ai.tool.name"};
constexpr Keys kHttpStatus = {"http.response.status_code", "http.status_code"};

// The first of `keys` that the span has, safe to print; empty when it has none.
std::string ValueOf(const ShownSpan& span, const Keys& keys) {
  for (const std::string_view key : keys) {
    const ShownAttribute* found = span.Find(key);
    if (found != nullptr && !found->value.empty()) return CutToWidth(Printable(found->value), kFactWidthMax);
  }
  return {};
}

std::string TokensFact(const ShownSpan& span) {
  const std::string in = ValueOf(span, kInputTokens);
  const std::string out = ValueOf(span, kOutputTokens);
  if (in.empty() && out.empty()) return {};
  std::string fact = "tokens ";
  if (!in.empty()) fact += in + " in";
  if (!in.empty() && !out.empty()) fact += ", ";
  if (!out.empty()) fact += out + " out";
  return fact;
}

std::string CostFact(const ShownSpan& span) {
  return DollarText(ValueOf(span, kCost));
}

std::string Labelled(std::string_view label, const std::string& value) {
  return value.empty() ? value : std::string(label) + value;
}

std::string_view FirstLine(std::string_view text) {
  return text.substr(0, text.find_first_of("\r\n"));
}

std::string_view TextOf(const std::vector<ShownAttribute>& attributes, std::string_view key) {
  const auto found = std::ranges::find(attributes, key, &ShownAttribute::key);
  return found == attributes.end() ? std::string_view() : std::string_view(found->value);
}

// "type: message", or the one that is there; empty when the event is no exception.
std::string ExceptionText(const ShownEvent& event) {
  const std::string_view type = TextOf(event.attributes, "exception.type");
  const std::string_view message = FirstLine(TextOf(event.attributes, "exception.message"));
  if (event.name != "exception" && type.empty() && message.empty()) return {};
  if (type.empty() && message.empty()) return "exception";
  if (type.empty() || message.empty()) return Printable(type.empty() ? message : type);
  return Printable(std::string(type) + ": " + std::string(message));
}

}  // namespace

std::string DollarText(const std::string& given) {
  double dollars = 0;
  const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), dollars);
  if (given.empty() || error != std::errc() || end != given.data() + given.size()) return given;
  char text[64];
  if (dollars != 0 && (dollars < 1e-8 || dollars > 1e12)) {
    std::snprintf(text, sizeof text, "%g", dollars);
    return std::string("$") + text;
  }
  std::snprintf(text, sizeof text, "%.8f", dollars);
  std::string trimmed = text;
  trimmed.erase(trimmed.find_last_not_of('0') + 1);
  if (trimmed.ends_with('.')) trimmed.pop_back();
  return "$" + trimmed;
}

std::string FactsLine(const ShownSpan& span) {
  std::string line;
  for (const std::string& fact :
       {ValueOf(span, kModel), TokensFact(span), CostFact(span),
        Labelled("template ", ValueOf(span, kTemplate)), Labelled("tool ", ValueOf(span, kTool)),
        Labelled("HTTP ", ValueOf(span, kHttpStatus)), ValueOf(span, kRequestId)}) {
    if (fact.empty()) continue;
    if (!line.empty()) line += kDot;
    line += fact;
  }
  return line;
}

std::vector<std::string> FailureLines(const ShownSpan& span) {
  std::vector<std::pair<std::string, int>> counted;
  for (const ShownEvent& event : span.events) {
    std::string text = ExceptionText(event);
    if (text.empty()) continue;
    const auto same = std::ranges::find(counted, text, &std::pair<std::string, int>::first);
    if (same == counted.end()) {
      counted.emplace_back(std::move(text), 1);
    } else {
      ++same->second;
    }
  }
  std::vector<std::string> lines;
  const std::string status = Printable(FirstLine(span.status_message));
  bool is_said = status.empty();
  for (const auto& [text, count] : counted) {
    lines.push_back(count == 1 ? text : text + " (" + std::to_string(count) + " times)");
    // SDKs make the status out of the exception: "type: message" or the message alone.
    is_said = is_said || text.ends_with(status);
  }
  if (!is_said) lines.push_back(status);
  return lines;
}

}  // namespace telltale
