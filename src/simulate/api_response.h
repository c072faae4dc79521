// Responses of the OpenAI API as text.
//
// Thread safety  Free functions; may be called from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulate/api_request.h"

namespace telltale {

struct TokenUsage {
  uint64_t prompt = 0;
  uint64_t cached = 0;  // part of prompt
  uint64_t completion = 0;
  uint64_t reasoning = 0;  // part of completion
};

struct SimulatedToolCall {
  std::string id;
  std::string name;
  std::string arguments;
};

struct SimulatedChoice {
  std::string text;
  std::string finish_reason;  // stop, length, tool_calls
  std::vector<SimulatedToolCall> tool_calls;
};

// What all bodies of one answer share.
struct AnswerHead {
  std::string id;           // chatcmpl-... or cmpl-...
  std::string model;        // as the provider names it: often with a date
  std::string fingerprint;  // fp_...
  int64_t created = 0;      // Unix seconds
};

std::string ChatBody(const AnswerHead& head, const std::vector<SimulatedChoice>& choices,
                     const TokenUsage& usage);
std::string CompletionBody(const AnswerHead& head, const std::vector<SimulatedChoice>& choices,
                           const TokenUsage& usage);

// The server-sent events of a streamed answer, about one token each, "[DONE]" last.
struct StreamShape {
  bool chat = true;
  bool include_usage = false;
};
std::vector<std::string> StreamEvents(const AnswerHead& head, const std::vector<SimulatedChoice>& choices,
                                      const TokenUsage& usage, const StreamShape& shape);

std::string EmbeddingBody(const EmbeddingRequest& request, uint64_t seed);
std::string ModelListBody();
std::string ModelBody(std::string_view id);
std::string ErrorBody(const ApiError& error);

// "gpt-4o" answers as "gpt-4o-2024-08-06"; a name without a known date as itself.
std::string DatedModelName(std::string_view model);

}  // namespace telltale
