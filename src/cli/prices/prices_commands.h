// `telltale prices`: what models cost, by which rule. Only RunPricesExplainCall asks a server.
//
//   Terminal terminal = ProcessTerminal();
//   return RunPricesExplain({.model = "gpt-4o", .provider = "openai", .usage = usage}, terminal);
//
// Data goes to terminal.out, talk to terminal.err. Each returns an ExitCode.
//
// Thread safety  One thread at a time per terminal.
// Failure        Printed as `error:` and `hint:`; the exit code says which kind.
#pragma once

#include <map>
#include <string>

#include "cli/terminal.h"
#include "trace/usage.h"

namespace telltale {

struct PricesListOptions {
  std::string prices;  // the user's file; empty: none
  std::string model;   // only rules whose model holds this text
  std::string provider;
  bool json = false;
};
int RunPricesList(const PricesListOptions& options, Terminal& terminal);

struct PricesExplainOptions {
  std::string prices;
  std::string model;
  std::string provider;  // empty: as if a sender told none
  std::string service_tier;
  bool batch = false;
  std::string at;  // a day; empty: now
  Usage usage;
  bool json = false;
};
int RunPricesExplain(const PricesExplainOptions& options, Terminal& terminal);

struct PricesExplainCallOptions {
  std::string server;
  std::string call;  // TRACE_ID/SPAN_ID, TRACE_ID: all its calls, or the address of a trace's page
  bool json = false;
};
// kExitNotFound, too, where a call that should have a cost has none.
int RunPricesExplainCall(const PricesExplainCallOptions& options, Terminal& terminal);

struct PricesCheckOptions {
  std::string file;
  bool json = false;
};
int RunPricesCheck(const PricesCheckOptions& options, Terminal& terminal);

struct PricesAddOptions {
  std::string prices;  // the file to write; made if there is none
  std::string model;
  std::string provider;
  std::string kind;
  std::string source;
  std::string note;
  std::string from;
  std::string until;
  // Dollars as typed, by the field of the price file: {"input", "2.5"}.
  std::map<std::string, std::string> fields;
  bool replace = false;
  bool json = false;
};
int RunPricesAdd(const PricesAddOptions& options, Terminal& terminal);

}  // namespace telltale
