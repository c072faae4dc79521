// One thing that `telltale doctor` looked at: how it is, and what would mend it.
//
//   Finding finding = Warn("proxy", "HTTP_PROXY is set: ...", "export NO_PROXY=localhost");
//   PrintFinding(finding, terminal);
//
// Thread safety  Free functions; may be called from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.h"

namespace telltale {

enum class FindingLevel { kOk, kWarn, kFail };

struct Finding {
  FindingLevel level = FindingLevel::kOk;
  std::string check;    // one word: server, otlp-grpc, environment ...
  std::string message;  // one line
  std::string fix;      // what to do; empty where nothing is to be done
};

Finding Good(std::string check, std::string message);
Finding Warn(std::string check, std::string message, std::string fix);
Finding Bad(std::string check, std::string message, std::string fix);

// "ok    server       message", and "      fix: ..." below where there is one.
void PrintFinding(const Finding& finding, Terminal& terminal);

// {"ok":n,"warn":n,"fail":n,"findings":[{"check","level","message","fix"}]}
std::string FindingsJson(const std::vector<Finding>& findings);

size_t CountLevel(const std::vector<Finding>& findings, FindingLevel level);

}  // namespace telltale
