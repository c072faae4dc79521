#include "cli/prices/register_prices.h"

#include <CLI/CLI.hpp>
#include <string>

#include "cli/api_client.h"
#include "cli/prices/prices_commands.h"
#include "cli/terminal.h"
#include "trace/cost.h"

namespace telltale {
namespace {

void AddFile(CLI::App& command, std::string& prices, const char* help) {
  command.add_option("--prices", prices, help)->envname("TELLTALE_PRICES");
}

void AddTokens(CLI::App& command, const char* name, int64_t& tokens, const char* help) {
  command.add_option(name, tokens, help)->check(CLI::NonNegativeNumber);
}

std::string FlagOf(std::string_view field) {
  std::string flag = "--" + std::string(field);
  for (char& c : flag) c = c == '_' ? '-' : c;
  return flag;
}

}  // namespace

struct PricesCommands::Parsed {
  CLI::App* prices = nullptr;
  CLI::App* list = nullptr;
  CLI::App* explain = nullptr;
  CLI::App* check = nullptr;
  CLI::App* add = nullptr;
  PricesListOptions list_options;
  PricesExplainOptions explain_options;
  PricesExplainCallOptions explain_call_options;
  PricesCheckOptions check_options;
  PricesAddOptions add_options;

  void AddList() {
    list = prices->add_subcommand("list", "The rules of the price table, yours first");
    AddFile(*list, list_options.prices, "Your price file, whose rules win");
    list->add_option("--model", list_options.model, "Only models whose name holds this text");
    list->add_option("--provider", list_options.provider, "Only this provider");
    list->add_flag("--json", list_options.json, "Print the whole rules as a JSON array");
  }

  void AddExplain() {
    explain = prices->add_subcommand("explain", "What a call costs, part by part, and by which rule");
    PricesExplainOptions& options = explain_options;
    Usage& usage = options.usage;
    auto* call = explain->add_option("CALL", explain_call_options.call,
                                     "A stored call: TRACE_ID/SPAN_ID, or TRACE_ID for all calls of a trace");
    explain
        ->add_option("--server", explain_call_options.server,
                     "Where the call is stored; " + std::string(kDefaultServer) + " when not given")
        ->envname("TELLTALE_SERVER");
    AddFile(*explain, options.prices, "Your price file, whose rules win");
    explain->add_option("--model", options.model, "Instead: the model that answered, as senders name it")
        ->excludes(call);
    explain->add_option("--provider", options.provider, "As senders name it; not told when not given");
    explain->add_option("--service-tier", options.service_tier,
                        "flex, priority, batch ...; standard when not given");
    explain->add_flag("--batch", options.batch, "The call was part of a batch");
    explain->add_option("--at", options.at, "The day of the call, such as 2026-07-24; today when not given");
    AddTokens(*explain, "--input-tokens", usage.input_tokens, "All of the input, cached tokens included");
    AddTokens(*explain, "--output-tokens", usage.output_tokens, "All of the output, reasoning included");
    AddTokens(*explain, "--cache-read-tokens", usage.cache_read_tokens, "Of the input: read from a cache");
    AddTokens(*explain, "--cache-write-tokens", usage.cache_write_tokens, "Of the input: written to a cache");
    AddTokens(*explain, "--cache-write-1h-tokens", usage.cache_write_1h_tokens, "Of those: kept for an hour");
    AddTokens(*explain, "--audio-input-tokens", usage.audio_input_tokens, "Of the input: audio");
    AddTokens(*explain, "--image-input-tokens", usage.image_input_tokens, "Of the input: images");
    AddTokens(*explain, "--reasoning-tokens", usage.reasoning_tokens, "Of the output: reasoning");
    AddTokens(*explain, "--audio-output-tokens", usage.audio_output_tokens, "Of the output: audio");
    AddTokens(*explain, "--image-output-tokens", usage.image_output_tokens, "Of the output: images");
    AddTokens(*explain, "--web-searches", usage.web_searches, "How many web searches the provider made");
    explain->add_flag("--json", options.json,
                      "Print cost and rule as one JSON object; of stored calls, an array of calls");
  }

  int RunExplain(Terminal& terminal) {
    if (explain_call_options.call.empty()) {
      if (explain_options.model.empty()) {
        return ReportError({ErrorCode::kInvalidInput, "explain a cost: neither a call nor a model is named",
                            "give TRACE_ID/SPAN_ID of a stored call, or --model with token counts"},
                           terminal);
      }
      return RunPricesExplain(explain_options, terminal);
    }
    explain_call_options.json = explain_options.json;
    return RunPricesExplainCall(explain_call_options, terminal);
  }

  void AddCheck() {
    check = prices->add_subcommand("check", "Whether a price file can be read, and where not");
    check->add_option("FILE", check_options.file, "The price file")->required();
    check->add_flag("--json", check_options.json, "Print file, rules and hash as JSON");
  }

  void AddAdd() {
    add = prices->add_subcommand("add", "Write a rule into your price file");
    PricesAddOptions& options = add_options;
    AddFile(*add, options.prices, "Your price file; made if there is none");
    add->add_option("--model", options.model, "The model's name; one * stands for any text")->required();
    add->add_option("--provider", options.provider, "Who bills it")->required();
    add->add_option("--kind", options.kind, "audio, chat, embedding, image or rerank; chat when not given");
    for (size_t i = 0; i < kCostPartKinds; ++i) {
      const std::string field(CostPartName(static_cast<CostPartKind>(i)));
      const bool piece = field == "request" || field == "web_search";
      add->add_option(FlagOf(field), options.fields[field],
                      piece ? "Dollars each" : "Dollars per million tokens");
    }
    add->add_option("--source", options.source, "Where the price stands: a contract, a page");
    add->add_option("--note", options.note, "One line for whoever asks why");
    add->add_option("--from", options.from, "The first day on which it holds, such as 2026-07-24");
    add->add_option("--until", options.until, "The first day on which it no longer holds");
    add->add_flag("--replace", options.replace, "Take the place of your rule for the same model");
    add->add_flag("--json", options.json, "Print the rule as JSON");
  }
};

PricesCommands::PricesCommands(CLI::App& app) : parsed_(std::make_unique<Parsed>()) {
  parsed_->prices = app.add_subcommand("prices", "What models cost, and why a call costs what it costs");
  parsed_->prices->require_subcommand(1);
  parsed_->AddList();
  parsed_->AddExplain();
  parsed_->AddCheck();
  parsed_->AddAdd();
}

PricesCommands::~PricesCommands() = default;

bool PricesCommands::parsed() const {
  return parsed_->prices->parsed();
}

int PricesCommands::Run(Terminal& terminal) {
  if (parsed_->list->parsed()) return RunPricesList(parsed_->list_options, terminal);
  if (parsed_->explain->parsed()) return parsed_->RunExplain(terminal);
  if (parsed_->check->parsed()) return RunPricesCheck(parsed_->check_options, terminal);
  return RunPricesAdd(parsed_->add_options, terminal);
}

}  // namespace telltale
