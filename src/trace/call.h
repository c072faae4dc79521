// A Call is what a span says about a model, a tool, a retrieval, an agent step ...:
// one form for every dialect (docs/concepts/calls.md). calls/mapper.h makes them.
//
//   messages  [ role=user parts={0,1} ][ role=assistant parts={1,2} ]
//   parts     [ text ][ text ][ tool_call ]      a message's parts are one run
//   texts     [ "stop" ][ "END" ] ...            every list of strings is a run here
//
// Not told: an empty text, an empty optional, kNotTold in Usage, NaN in a cost.
//
// Ownership      Texts point into the batch the span came from or into `arena`; both
//                must outlive the Call's use. Clear() keeps the memory for the next span.
// Thread safety  One thread at a time.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "trace/batch.h"
#include "trace/ids.h"
#include "trace/usage.h"

namespace telltale {

// Numbers reach the store: append, never renumber.
enum class CallKind : uint8_t {
  kNone = 0,  // The span is no call.
  kLlm = 1,   // A chat.
  kCompletion = 2,
  kEmbedding = 3,
  kAgent = 4,
  kTool = 5,
  kRetriever = 6,
  kReranker = 7,
  kChain = 8,
  kGuardrail = 9,
  kEvaluator = 10,
  kMemory = 11,
  kPrompt = 12,
  kUnknown = 13,  // A call, but of a kind that its sender did not tell.
};
inline constexpr std::string_view kCallKindNames[] = {
    "",         "llm",   "completion", "embedding", "agent",  "tool",   "retriever",
    "reranker", "chain", "guardrail",  "evaluator", "memory", "prompt", "unknown"};
constexpr std::string_view CallKindName(CallKind kind) {
  return kCallKindNames[static_cast<size_t>(kind)];
}

// True for what asks a model: the kinds whose usage is billed.
constexpr bool IsModelCall(CallKind kind) {
  return kind == CallKind::kLlm || kind == CallKind::kCompletion || kind == CallKind::kEmbedding ||
         kind == CallKind::kReranker;
}

// Numbers reach the store: append, never renumber.
enum class FinishReason : uint8_t { kStop, kLength, kToolCall, kContentFilter, kError, kOther };
inline constexpr std::string_view kFinishReasonNames[] = {"stop",           "length", "tool_call",
                                                          "content_filter", "error",  "other"};

struct Finish {
  FinishReason reason = FinishReason::kOther;
  std::string_view raw;  // as the provider said it
};

// Numbers reach the store: append, never renumber.
enum class PartType : uint8_t {
  kText,
  kReasoning,
  kToolCall,
  kToolCallResponse,
  kBlob,  // data in the message itself
  kFile,  // a file that the provider keeps
  kUri,
  kServerToolCall,  // run by the provider: a web search, code ...
  kServerToolCallResponse,
  kOther,  // what no other type can say; raw holds it
};
inline constexpr std::string_view kPartTypeNames[] = {
    "text", "reasoning", "tool_call",        "tool_call_response",        "blob",
    "file", "uri",       "server_tool_call", "server_tool_call_response", "other"};

struct MessagePart {
  PartType type = PartType::kText;
  std::string_view text;  // text and reasoning; a response's content; a blob's base64; a URI; a file's id
  std::string_view id;    // of the tool call
  std::string_view name;  // of the tool; of another type: what its sender calls it
  std::string_view arguments;  // JSON, or what the model wrote in its place
  std::string_view mime_type;
  std::string_view modality;  // image, audio, video, document
  std::string_view raw;       // the part as it was sent, where the above cannot say it all
};

struct Message {
  std::string_view role;  // system, developer, user, assistant, tool
  std::string_view name;
  std::string_view finish_reason;
  Run parts;
};

struct ToolDefinition {
  std::string_view name;
  std::string_view description;
  std::string_view parameters;  // a JSON Schema
  std::string_view raw;
};

struct Document {
  std::string_view id;
  std::string_view content;
  double score = std::numeric_limits<double>::quiet_NaN();
  std::string_view metadata;  // JSON
};

struct Evaluation {
  std::string_view name;
  double score = std::numeric_limits<double>::quiet_NaN();
  std::string_view label;
  std::string_view explanation;
  std::string_view kind;    // human, llm, code
  std::string_view target;  // span, trace, session
};

struct MetadataEntry {
  std::string_view key;
  Value value;
};

// What the sender says the call cost, in US dollars; never what we compute.
struct ReportedCost {
  double total = std::numeric_limits<double>::quiet_NaN();
  double input = std::numeric_limits<double>::quiet_NaN();
  double output = std::numeric_limits<double>::quiet_NaN();
  std::string_view details;  // JSON: its finer parts, as they were sent
};

struct CallRequest {
  std::string_view model;
  std::string_view id;
  std::string_view previous_response_id;
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<double> top_k;
  std::optional<int64_t> max_tokens;
  std::optional<int64_t> seed;
  std::optional<int64_t> n;
  std::optional<double> frequency_penalty;
  std::optional<double> presence_penalty;
  std::string_view reasoning_effort;
  std::string_view response_format;
  std::string_view tool_choice;
  std::string_view service_tier;
  std::string_view output_type;
  std::string_view api_type;
  Run stop;                 // of Call::texts
  std::string_view params;  // JSON: the whole bag, where the sender gave one
};

struct CallResponse {
  std::string_view model;
  std::string_view id;
  std::string_view service_tier;
  std::string_view system_fingerprint;
  std::vector<Finish> finish_reasons;
};

struct CallTool {
  std::string_view name;
  std::string_view type;
  std::string_view description;
  std::string_view status;
  std::string_view call_id;
  std::string_view arguments;  // JSON or text
  std::string_view result;
};

struct CallContent {
  std::string_view value;  // of spans that are no model calls: what went in, what came out
  std::string_view mime_type;
  std::string_view reference;  // a URI where the content is kept instead
  std::vector<Message> messages;
};

struct CallPrompt {
  std::string_view name;
  std::string_view version;
  std::string_view label;
  std::string_view id;
  std::string_view hash;
  std::string_view text_template;
  std::string_view variables;  // JSON
};

struct CallAgent {
  std::string_view id;
  std::string_view name;
  std::string_view description;
  std::string_view version;
  std::string_view run_id;
};

struct CallError {
  std::string_view type;
  std::string_view message;
  std::string_view code;
};

// A log record that belongs to a span: several dialects put what was said into records
// instead of attributes.
struct CallRecord {
  uint64_t time_unix_nano = 0;
  std::string_view event_name;
  Value body;
  Run attributes;  // of Batch::attributes of the same batch
};

struct Call {
  CallKind kind = CallKind::kNone;
  std::string_view dialect;  // whose key told the kind, or the first that told anything
  std::string_view display_name;
  std::string_view provider;  // the host, as semconv spells it
  std::string_view vendor;    // who made the model, where that is told apart
  CallRequest request;
  CallResponse response;
  std::optional<bool> stream;

  Usage usage;
  ReportedCost reported_cost;
  // Seconds.
  std::optional<double> time_to_first_token;
  std::optional<double> time_per_output_token;

  CallContent input;
  CallContent output;
  Run system_instructions;  // of `parts`
  std::vector<ToolDefinition> tool_definitions;
  CallTool tool;

  CallPrompt prompt;
  std::string_view session_id;
  std::string_view user_id;
  std::string_view environment;
  std::string_view release;
  Run tags;  // of `texts`
  std::vector<MetadataEntry> metadata;

  bool failed = false;  // by the span's status, or as its sender says otherwise
  CallError error;
  std::optional<int64_t> retry_count;

  Run embedding_texts;  // of `texts`
  std::optional<int64_t> embedding_dimensions;
  std::string_view retrieval_query;
  std::string_view retrieval_source;
  std::optional<int64_t> retrieval_top_k;
  std::vector<Document> documents;         // found, or left by a reranker
  std::vector<Document> ranked_documents;  // given to a reranker
  std::vector<Evaluation> evaluations;

  CallAgent agent;
  std::string_view workflow_name;
  std::string_view graph_node_id;
  std::string_view graph_node_name;
  std::string_view graph_parent_node_id;
  std::string_view guardrail_name;
  std::optional<bool> guardrail_triggered;

  // The span that tells the same call and is counted instead; zero: this one counts.
  SpanId duplicate_of;

  std::vector<MessagePart> parts;
  std::vector<std::string_view> texts;
  Arena arena;

  bool is_call() const { return kind != CallKind::kNone; }
  // True when this call's tokens, cost and error add to a total.
  bool counts() const { return is_call() && duplicate_of.IsZero() && usage.scope == UsageScope::kOwn; }

  // As new, with the memory of the vectors and of the arena kept.
  void Clear();
};

inline void Call::Clear() {
  // Everything without memory of its own goes by assignment, the rest by hand.
  Call fresh;
  const auto keep = [](auto& mine, auto& theirs) {
    mine.clear();
    mine.swap(theirs);
  };
  keep(response.finish_reasons, fresh.response.finish_reasons);
  keep(input.messages, fresh.input.messages);
  keep(output.messages, fresh.output.messages);
  keep(tool_definitions, fresh.tool_definitions);
  keep(metadata, fresh.metadata);
  keep(documents, fresh.documents);
  keep(ranked_documents, fresh.ranked_documents);
  keep(evaluations, fresh.evaluations);
  keep(parts, fresh.parts);
  keep(texts, fresh.texts);
  arena.Clear();
  fresh.arena = std::move(arena);
  *this = std::move(fresh);
}

}  // namespace telltale
