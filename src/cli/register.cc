#include "cli/register.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/completion/register_completion.h"
#include "cli/prices/register_prices.h"
#include "cli/terminal.h"
#include "trace/call.h"

namespace telltale {
namespace {

void AddServer(CLI::App& command, std::string& server) {
  command
      .add_option("--server", server,
                  "Address of the server; " + std::string(kDefaultServer) + " when not given")
      ->envname("TELLTALE_SERVER");
}

void AddFilter(CLI::App& command, TraceFilter& filter) {
  command.add_option("--service", filter.service, "Only traces with a span of this service")
      ->type_name("SERVICE");
  command.add_option("--operation", filter.operation, "Only traces with a span of this name");
  command.add_option("--status", filter.status, "Only traces with a span of this status: error, ok or unset")
      ->type_name("error|ok|unset");
  command.add_option("--min-duration", filter.min_duration,
                     "Only traces that took at least so long: 1.5s, 100ms");
  command.add_option("--max-duration", filter.max_duration, "Only traces that took at most so long");
  command
      .add_option("--attribute", filter.attributes,
                  "Only traces with a span that has key=value, or key at all; may be repeated, all must hold")
      ->allow_extra_args(false);
}

// llm|completion|...
std::string KindWords() {
  std::string words;
  for (const std::string_view kind : kCallKindNames) {
    if (!kind.empty()) words.append(words.empty() ? "" : "|").append(kind);
  }
  return words;
}

void AddCallsFilter(CLI::App& command, CallsFilter& filter) {
  command.add_option("--query", filter.query, "Only of spans that this TraceQL query finds");
  command.add_option("--trace", filter.trace_id,
                     "Only of this trace, however old: its id in hex, or the address of its page");
  command.add_option("--service", filter.service, "Only calls of this service")->type_name("SERVICE");
  command.add_option("--kind", filter.kind, "Only this kind")->type_name(KindWords());
  command.add_option("--provider", filter.provider, "Only this provider: openai, anthropic ...");
  command.add_option("--model", filter.model, "Only where this model was asked for or answered")
      ->type_name("MODEL");
  command.add_option("--conversation", filter.conversation, "Only of this conversation (session)")
      ->type_name("CONVERSATION");
  command.add_option("--user", filter.user, "Only of this user")->type_name("USER");
  command.add_option("--prompt", filter.prompt, "Only of this prompt");
  command.add_option("--agent", filter.agent, "Only of this agent");
  command.add_option("--status", filter.status, "Only calls that failed, or did not: error or ok")
      ->type_name("error|ok");
  command
      .add_option("--cost-status", filter.cost_status,
                  "Only model calls whose cost is computed, reported, unpriced or no_usage")
      ->type_name("computed|reported|unpriced|no_usage");
}

// What sums are by; several with commas.
CLI::Option* AddBy(CLI::App& command, std::string& by, const std::string& about) {
  return command.add_option("--by", by, about)
      ->type_name(
          "model|provider|service|kind|operation|user|conversation|prompt|prompt_version|agent|cost_status,.."
          ".");
}

void AddSince(CLI::App& command, std::string& since) {
  command.add_option("--since", since, "How far to look back: 1h, 7d, or a time as RFC 3339")
      ->capture_default_str();
}

void AddForms(CLI::App& command, bool& json, bool& csv) {
  auto* json_flag = command.add_flag("--json", json, "Print the API's items as a JSON array");
  command.add_flag("--csv", csv, "Print CSV (RFC 4180)")->excludes(json_flag);
}

// Ctrl-C ends a command that only asks and prints, wherever it is: main holds signals
// back for commands that must end in order.
void LetSignalsEndUs() {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_UNBLOCK, &stop, nullptr);
}

}  // namespace

struct ClientCommands::Parsed {
  CLI::App* traces = nullptr;
  CLI::App* trace = nullptr;
  CLI::App* calls = nullptr;
  CLI::App* cost = nullptr;
  CLI::App* conversations = nullptr;
  CLI::App* reprice = nullptr;
  CLI::App* logs = nullptr;
  CLI::App* tail = nullptr;
  CLI::App* doctor = nullptr;
  CLI::App* explain = nullptr;
  CLI::App* tokens = nullptr;
  CLI::App* sql = nullptr;
  CLI::App* search = nullptr;
  TracesOptions traces_options;
  TraceOptions trace_options;
  CallsOptions calls_options;
  CostOptions cost_options;
  ConversationsOptions conversations_options;
  RepriceOptions reprice_options;
  LogsOptions logs_options;
  TailOptions tail_options;
  DoctorOptions doctor_options;
  ExplainOptions explain_options;
  TokensOptions tokens_options;
  SqlOptions sql_options;
  SearchOptions search_options;
  PricesCommands prices;
  std::unique_ptr<CompletionCommands> completion;  // after all others, in --help too

  explicit Parsed(CLI::App& app) : prices(app) {}

  void AddTraces(CLI::App& app) {
    traces = app.add_subcommand("traces", "List traces, the newest first");
    AddServer(*traces, traces_options.server);
    traces->add_option("QUERY", traces_options.query,
                       "TraceQL: '{ status = error && call.kind = llm }'; with a metric at its end, as in "
                       "'{ } | rate() by (resource.service.name)', series over time are printed");
    traces->add_option("--step", traces_options.step, "Of series: a value for every 1m, 1h ...");
    AddFilter(*traces, traces_options.filter);
    traces->add_option("--since", traces_options.since, "How far to look back: 1h, 7d, or a time as RFC 3339")
        ->capture_default_str();
    traces->add_option("--limit", traces_options.limit, "How many at most")->capture_default_str();
    auto* json = traces->add_flag("--json", traces_options.json, "Print the API's items as a JSON array");
    traces->add_flag("--csv", traces_options.csv, "Print CSV (RFC 4180)")->excludes(json);
  }

  void AddTrace(CLI::App& app) {
    trace = app.add_subcommand("trace", "Draw one trace as a tree");
    AddServer(*trace, trace_options.server);
    trace->add_option("ID", trace_options.trace_id, "Trace id in hex, or the address of its page")
        ->required();
    trace->add_flag("--all", trace_options.all, "Show every child where a span has very many");
    trace->add_flag("--json", trace_options.json, "Print a summary as JSON, spans in tree order");
  }

  void AddCalls(CLI::App& app) {
    calls = app.add_subcommand("calls", "List calls of models, tools and agents, or sum them up");
    AddServer(*calls, calls_options.server);
    calls->add_option(
        "QUERY", calls_options.filter.query,
        "TraceQL: calls whose span it finds, as in '{ call.cost > 0.01 && span.tenant = \"a\" }'");
    AddCallsFilter(*calls, calls_options.filter);
    AddSince(*calls, calls_options.since);
    AddBy(*calls, calls_options.by, "Print sums by these");
    calls->add_option("--step", calls_options.step, "Print sums for every step of time: 1h, 24h");
    calls
        ->add_option("--sort", calls_options.sort,
                     "start (newest first), cost, tokens or duration; sums: cost, calls, tokens, errors or "
                     "duration")
        ->type_name("start|cost|calls|tokens|errors|duration");
    calls->add_option("--limit", calls_options.limit,
                      "How many at most; 20 calls, 100 sums, or all steps, when not given");
    AddForms(*calls, calls_options.json, calls_options.csv);
  }

  void AddCost(CLI::App& app) {
    cost = app.add_subcommand("cost", "What calls cost: sums with their shares");
    AddServer(*cost, cost_options.server);
    AddCallsFilter(*cost, cost_options.filter);
    AddSince(*cost, cost_options.since);
    AddBy(*cost, cost_options.by, "By these; by model when not given, unless there are steps");
    cost->add_option("--step", cost_options.step, "For every step of time: 1h, 24h");
    cost->add_option("--sort", cost_options.sort, "Largest first: cost, calls, tokens, errors or duration")
        ->type_name("cost|calls|tokens|errors|duration");
    cost->add_option("--limit", cost_options.limit, "How many at most; 100, or all steps, when not given");
    AddForms(*cost, cost_options.json, cost_options.csv);
  }

  void AddConversations(CLI::App& app) {
    conversations = app.add_subcommand("conversations", "List conversations, or show what was said in one");
    AddServer(*conversations, conversations_options.server);
    conversations
        ->add_option("ID", conversations_options.id,
                     "Show this one, whole and however old; filters and --since are for the list")
        ->type_name("CONVERSATION");
    AddCallsFilter(*conversations, conversations_options.filter);
    AddSince(*conversations, conversations_options.since);
    conversations->add_option("--limit", conversations_options.limit,
                              "How many at most; 20 conversations, or all calls of one, when not given");
    AddForms(*conversations, conversations_options.json, conversations_options.csv);
  }

  void AddReprice(CLI::App& app) {
    reprice = app.add_subcommand("reprice", "Price stored calls again, by the price table as it is now");
    AddServer(*reprice, reprice_options.server);
    reprice
        ->add_option(
            "--from", reprice_options.from,
            "Calls that started then or later: 2026-11-01 (UTC), a time as RFC 3339, or 7d: so long ago")
        ->required();
    reprice->add_option("--to", reprice_options.to, "Calls that started before this; now when not given");
    reprice->add_flag("--apply", reprice_options.apply, "Change them; without it only say what would change");
    reprice->add_flag("--json", reprice_options.json, "Print the API's answer");
  }

  void AddLogs(CLI::App& app) {
    logs = app.add_subcommand("logs", "List log records, the oldest first");
    AddServer(*logs, logs_options.server);
    logs->add_option("--trace", logs_options.trace_id,
                     "Only of this trace: its id in hex, or the address of its page");
    logs->add_option("--service", logs_options.service, "Only of this service")->type_name("SERVICE");
    logs->add_option("--event", logs_options.event, "Only events of this name");
    logs->add_option("--severity", logs_options.severity, "At least this severe")
        ->type_name("trace|debug|info|warn|error|fatal");
    logs->add_option("--text", logs_options.text, "Only records whose body contains this");
    logs->add_option("--attribute", logs_options.attributes,
                     "Only records that have key=value, or key at all; may be repeated, all must hold")
        ->allow_extra_args(false);
    logs->add_option("--since", logs_options.since, "How far to look back: 1h, 7d, or a time as RFC 3339")
        ->capture_default_str();
    logs->add_option("--limit", logs_options.limit, "The newest so many")->capture_default_str();
    logs->add_flag("--json", logs_options.json, "Print the API's items, one a line");
  }

  void AddTail(CLI::App& app) {
    tail = app.add_subcommand("tail", "Follow new traces, a line each");
    AddServer(*tail, tail_options.server);
    AddFilter(*tail, tail_options.filter);
    tail->add_option("--window", tail_options.window,
                     "How long after its start a trace may arrive to be shown")
        ->capture_default_str();
    tail->add_flag("--json", tail_options.json, "Print one JSON object a line");
  }

  void AddDoctor(CLI::App& app) {
    doctor = app.add_subcommand("doctor", "Find out why no spans arrive");
    AddServer(*doctor, doctor_options.server);
    doctor->add_option("--data", doctor_options.data, "Data folder; ~/.local/share/telltale when not given")
        ->envname("TELLTALE_DATA");
    doctor->add_option("--otlp-grpc", doctor_options.otlp_grpc,
                       "Where OTLP/gRPC should be; what the server says, or 127.0.0.1:4317, when not given");
    doctor->add_option("--otlp-http", doctor_options.otlp_http,
                       "Where OTLP/HTTP should be; what the server says, or 127.0.0.1:4318, when not given");
    doctor->add_flag("--json", doctor_options.json, "Print the findings as JSON");
  }

  void AddExplain(CLI::App& app) {
    explain = app.add_subcommand("explain",
                                 "Show what telltale understands of the calls in a trace or in OTLP files");
    AddServer(*explain, explain_options.server);
    explain
        ->add_option(
            "FILE", explain_options.files,
            "A trace that a server keeps: its id in hex, or the address of its page. Or OTLP requests of "
            "traces or logs: JSON, JSON lines or protobuf; - is standard input")
        ->required();
    explain->add_option("--mapping", explain_options.mapping,
                        "A mapping file of your own: attribute -> field (docs/concepts/calls.md)");
    explain->add_flag("--json", explain_options.json, "Print JSON");
  }

  void AddTokens(CLI::App& app) {
    tokens = app.add_subcommand("tokens", "Count the tokens of a text, exactly as the model does");
    tokens->add_option("FILE", tokens_options.files, "Files to count; - is the input")->capture_default_str();
    auto* model =
        tokens->add_option("--model", tokens_options.model, "As this model counts: gpt-4o, gpt-4-0613");
    tokens
        ->add_option("--encoding", tokens_options.encoding,
                     "In this encoding: o200k_base, o200k_harmony, cl100k_base, p50k_base, r50k_base, gpt2, "
                     "tekken, qwen2, qwen3.5, deepseek_v3")
        ->excludes(model);
    tokens->add_option("--llama", tokens_options.llama_file,
                       "As Llama 3 counts, with its tokenizer.model, which you name");
    tokens->add_flag("--ids", tokens_options.ids, "Print the tokens' ids, a line a file");
    tokens->add_flag("--special", tokens_options.special,
                     "Take <|endoftext|> and its like for the tokens of these names");
    tokens->add_flag("--json", tokens_options.json, "Print one JSON object a line, a line a file");
  }

  void AddSearch(CLI::App& app) {
    search = app.add_subcommand("search", "Find messages and documents by their words, the newest first");
    AddServer(*search, search_options.server);
    search
        ->add_option(
            "WORDS", search_options.words,
            "All of them; '\"visa card\"' side by side, begin* for a beginning, -- before -not for what "
            "must not be there")
        ->required();
    AddCallsFilter(*search, search_options.filter);
    search->add_option(
        "--since", search_options.since,
        "How far to look back: 1h, 7d, or a time as RFC 3339; everything that is kept when not given");
    search->add_option("--order", search_options.order, "newest, or cost: the dearest calls first");
    search->add_option("--limit", search_options.limit, "How many at most")->capture_default_str();
    auto* json = search->add_flag("--json", search_options.json, "Print the API's items as a JSON array");
    search->add_flag("--csv", search_options.csv, "Print CSV (RFC 4180)")->excludes(json);
  }

  void AddSql(CLI::App& app) {
    sql = app.add_subcommand("sql", "Ask with SQL: a SELECT over spans, calls, logs, metrics ...");
    AddServer(*sql, sql_options.server);
    sql->add_option("QUERY", sql_options.query,
                    "SELECT service, count() FROM spans GROUP BY 1; - is the input")
        ->capture_default_str();
    sql->add_flag("--schema", sql_options.schema, "List the tables and columns instead");
    sql->add_option("--limit", sql_options.limit, "How many rows at most")->capture_default_str();
    sql->add_option("--timeout", sql_options.timeout_seconds, "How many seconds it may take; 300 at most")
        ->capture_default_str();
    auto* json = sql->add_flag("--json", sql_options.json, "Print the API's answer");
    sql->add_flag("--csv", sql_options.csv, "Print CSV (RFC 4180)")->excludes(json);
  }
};

ClientCommands::ClientCommands(CLI::App& app) : parsed_(std::make_unique<Parsed>(app)) {
  parsed_->AddTraces(app);
  parsed_->AddTrace(app);
  parsed_->AddCalls(app);
  parsed_->AddCost(app);
  parsed_->AddConversations(app);
  parsed_->AddReprice(app);
  parsed_->AddLogs(app);
  parsed_->AddTail(app);
  parsed_->AddDoctor(app);
  parsed_->AddExplain(app);
  parsed_->AddTokens(app);
  parsed_->AddSql(app);
  parsed_->AddSearch(app);
  parsed_->completion = std::make_unique<CompletionCommands>(app);
}

ClientCommands::~ClientCommands() = default;

bool ClientCommands::parsed() const {
  return parsed_->traces->parsed() || parsed_->trace->parsed() || parsed_->calls->parsed() ||
         parsed_->reprice->parsed() || parsed_->logs->parsed() || parsed_->tail->parsed() ||
         parsed_->doctor->parsed() || parsed_->prices.parsed() || parsed_->explain->parsed() ||
         parsed_->tokens->parsed() || parsed_->sql->parsed() || parsed_->search->parsed() ||
         parsed_->cost->parsed() || parsed_->conversations->parsed() || parsed_->completion->parsed();
}

int ClientCommands::Run() {
  Terminal terminal = ProcessTerminal();
  if (parsed_->tail->parsed()) return RunTail(parsed_->tail_options, terminal);
  LetSignalsEndUs();
  if (parsed_->prices.parsed()) return parsed_->prices.Run(terminal);
  if (parsed_->traces->parsed()) return RunTraces(parsed_->traces_options, terminal);
  if (parsed_->trace->parsed()) return RunTrace(parsed_->trace_options, terminal);
  if (parsed_->calls->parsed()) return RunCalls(parsed_->calls_options, terminal);
  if (parsed_->cost->parsed()) return RunCost(parsed_->cost_options, terminal);
  if (parsed_->conversations->parsed()) return RunConversations(parsed_->conversations_options, terminal);
  if (parsed_->completion->parsed()) return parsed_->completion->Run(terminal);
  if (parsed_->reprice->parsed()) return RunReprice(parsed_->reprice_options, terminal);
  if (parsed_->logs->parsed()) return RunLogs(parsed_->logs_options, terminal);
  if (parsed_->search->parsed()) return RunSearch(parsed_->search_options, terminal);
  if (parsed_->sql->parsed()) return RunSql(parsed_->sql_options, std::cin, terminal);
  if (parsed_->tokens->parsed()) return RunTokens(parsed_->tokens_options, std::cin, terminal);
  if (parsed_->explain->parsed()) return RunExplain(parsed_->explain_options, terminal);
  return RunDoctor(parsed_->doctor_options, terminal);
}

}  // namespace telltale
