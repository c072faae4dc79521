#include "cli/doctor/finding.h"

#include <algorithm>
#include <utility>

#include "cli/text.h"
#include "json/writer.h"

namespace telltale {
namespace {

constexpr int kLevelWidth = 6;
constexpr int kCheckWidth = 13;

std::string_view LevelName(FindingLevel level) {
  switch (level) {
    case FindingLevel::kOk:
      return "ok";
    case FindingLevel::kWarn:
      return "warn";
    case FindingLevel::kFail:
      return "fail";
  }
  return "fail";
}

Ink InkOf(FindingLevel level) {
  if (level == FindingLevel::kOk) return Ink::kGreen;
  return level == FindingLevel::kWarn ? Ink::kYellow : Ink::kRed;
}

}  // namespace

Finding Good(std::string check, std::string message) {
  return {FindingLevel::kOk, std::move(check), std::move(message), {}};
}

Finding Warn(std::string check, std::string message, std::string fix) {
  return {FindingLevel::kWarn, std::move(check), std::move(message), std::move(fix)};
}

Finding Bad(std::string check, std::string message, std::string fix) {
  return {FindingLevel::kFail, std::move(check), std::move(message), std::move(fix)};
}

void PrintFinding(const Finding& finding, Terminal& terminal) {
  const std::string level = PadRight(LevelName(finding.level), kLevelWidth);
  terminal.out << terminal.Paint(InkOf(finding.level), level) << PadRight(finding.check, kCheckWidth)
               << Printable(finding.message) << '\n';
  if (!finding.fix.empty()) {
    terminal.out << std::string(kLevelWidth, ' ')
                 << terminal.Paint(Ink::kBold, "fix: " + Printable(finding.fix)) << '\n';
  }
  terminal.out.flush();
}

std::string FindingsJson(const std::vector<Finding>& findings) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  for (const FindingLevel level : {FindingLevel::kOk, FindingLevel::kWarn, FindingLevel::kFail}) {
    json.Key(LevelName(level)).Uint(CountLevel(findings, level));
  }
  json.Key("findings").BeginArray();
  for (const Finding& finding : findings) {
    json.BeginObject();
    json.Key("check").String(finding.check).Key("level").String(LevelName(finding.level));
    json.Key("message").String(finding.message).Key("fix").String(finding.fix);
    json.EndObject();
  }
  json.EndArray().EndObject();
  return out + "\n";
}

size_t CountLevel(const std::vector<Finding>& findings, FindingLevel level) {
  return static_cast<size_t>(std::ranges::count(findings, level, &Finding::level));
}

}  // namespace telltale
