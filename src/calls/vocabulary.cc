#include "calls/vocabulary.h"

#include <algorithm>
#include <utility>

#include "calls/values.h"

namespace telltale {
namespace {

using Word = std::pair<std::string_view, std::string_view>;

constexpr Word kProviders[] = {
    {"vertex_ai", "gcp.vertex_ai"},
    {"vertexai", "gcp.vertex_ai"},
    {"vertex", "gcp.vertex_ai"},
    {"google-vertex", "gcp.vertex_ai"},
    {"google.vertex", "gcp.vertex_ai"},
    {"google_vertexai", "gcp.vertex_ai"},
    {"google_anthropic_vertex", "gcp.vertex_ai"},
    {"gemini", "gcp.gemini"},
    {"googleai", "gcp.gemini"},
    {"google.generative-ai", "gcp.gemini"},
    {"google_genai", "gcp.gemini"},
    {"google-gla", "gcp.gemini"},
    {"google-vertex-gla", "gcp.vertex_ai"},
    {"google", "gcp.gemini"},
    {"az.ai.openai", "azure.ai.openai"},
    {"azure-openai", "azure.ai.openai"},
    {"azure_openai", "azure.ai.openai"},
    {"azure", "azure.ai.openai"},
    {"az.ai.inference", "azure.ai.inference"},
    {"azure_ai", "azure.ai.inference"},
    {"aws", "aws.bedrock"},
    {"amazon-bedrock", "aws.bedrock"},
    {"amazon_bedrock", "aws.bedrock"},
    {"bedrock", "aws.bedrock"},
    {"bedrock_converse", "aws.bedrock"},
    {"xai", "x_ai"},
    {"grok", "x_ai"},
    {"mistral", "mistral_ai"},
    {"mistralai", "mistral_ai"},
    {"moonshot", "moonshot_ai"},
    {"watsonx", "ibm.watsonx.ai"},
    {"oai", "openai"},
    {"ollama_chat", "ollama"},
};

// Names with a dot of their own, which a dot does not end.
constexpr std::string_view kDotted[] = {"gcp.gemini",     "gcp.vertex_ai",       "gcp.gen_ai",
                                        "aws.bedrock",    "azure.ai.openai",     "azure.ai.inference",
                                        "ibm.watsonx.ai", "az.ai.openai",        "az.ai.inference",
                                        "google.vertex",  "google.generative-ai"};

constexpr std::string_view kNoProviders[] = {
    "strands-agents",
    "spring_ai",
    "spring-ai",
    "gcp.vertex.agent",
    "microsoft.agent_framework",
    "langchain",
    "langgraph",
    "_other",
    "unknown",
    "none",
    "litellm",
    "pydantic-ai",
    "pydantic_ai",
    "crewai",
    "haystack",
    "llamaindex",
    "llama_index",
    "autogen",
    "openai-agents",
    "openai_agents",
    "semantic_kernel",
    "dspy",
    "smolagents",
    "traceloop",
    "litellm_proxy",
    "custom",
    "other",
    "null",
    "",
};

constexpr Word kHosts[] = {
    {"openai.azure.com", "azure.ai.openai"},
    {"cognitiveservices.azure.com", "azure.ai.openai"},
    {"services.ai.azure.com", "azure.ai.inference"},
    {"models.ai.azure.com", "azure.ai.inference"},
    {"models.inference.ai.azure.com", "azure.ai.inference"},
    {"api.openai.com", "openai"},
    {"api.anthropic.com", "anthropic"},
    {"generativelanguage.googleapis.com", "gcp.gemini"},
    {"aiplatform.googleapis.com", "gcp.vertex_ai"},
    {"api.groq.com", "groq"},
    {"api.deepseek.com", "deepseek"},
    {"api.mistral.ai", "mistral_ai"},
    {"api.x.ai", "x_ai"},
    {"api.perplexity.ai", "perplexity"},
    {"api.moonshot.ai", "moonshot_ai"},
    {"api.moonshot.cn", "moonshot_ai"},
    {"api.cohere.com", "cohere"},
    {"api.cohere.ai", "cohere"},
    {"openrouter.ai", "openrouter"},
    {"api.together.xyz", "together_ai"},
    {"api.together.ai", "together_ai"},
    {"api.fireworks.ai", "fireworks"},
    {"api.cerebras.ai", "cerebras"},
};

constexpr Word kModels[] = {
    {"gpt-", "openai"},
    {"o1", "openai"},
    {"o3", "openai"},
    {"o4-", "openai"},
    {"chatgpt-", "openai"},
    {"text-embedding-", "openai"},
    {"text-davinci", "openai"},
    {"dall-e", "openai"},
    {"claude-", "anthropic"},
    {"gemini-", "gcp.gemini"},
    {"text-embedding-004", "gcp.gemini"},
    {"mistral-", "mistral_ai"},
    {"codestral", "mistral_ai"},
    {"command-", "cohere"},
    {"embed-english", "cohere"},
    {"deepseek-", "deepseek"},
    {"grok-", "x_ai"},
    {"sonar", "perplexity"},
    {"kimi-", "moonshot_ai"},
};

constexpr std::pair<std::string_view, FinishReason> kFinishReasons[] = {
    {"stop", FinishReason::kStop},
    {"end_turn", FinishReason::kStop},
    {"stop_sequence", FinishReason::kStop},
    {"complete", FinishReason::kStop},
    {"completed", FinishReason::kStop},
    {"eos_token", FinishReason::kStop},
    {"pause_turn", FinishReason::kOther},
    {"length", FinishReason::kLength},
    {"max_tokens", FinishReason::kLength},
    {"model_length", FinishReason::kLength},
    {"max_output_tokens", FinishReason::kLength},
    {"model_context_window_exceeded", FinishReason::kLength},
    {"tool_call", FinishReason::kToolCall},
    {"tool_calls", FinishReason::kToolCall},
    {"tool_use", FinishReason::kToolCall},
    {"function_call", FinishReason::kToolCall},
    {"function_calls", FinishReason::kToolCall},
    {"content_filter", FinishReason::kContentFilter},
    {"content_filtered", FinishReason::kContentFilter},
    {"safety", FinishReason::kContentFilter},
    {"recitation", FinishReason::kContentFilter},
    {"refusal", FinishReason::kContentFilter},
    {"prohibited_content", FinishReason::kContentFilter},
    {"blocklist", FinishReason::kContentFilter},
    {"spii", FinishReason::kContentFilter},
    {"guardrail_intervened", FinishReason::kContentFilter},
    {"error", FinishReason::kError},
    {"failed", FinishReason::kError},
    {"malformed_function_call", FinishReason::kError},
};

template <typename Pair, size_t kSize>
const Pair* Find(const Pair (&words)[kSize], std::string_view word) {
  const auto at = std::ranges::find(words, word, &Pair::first);
  return at == std::end(words) ? nullptr : at;
}

bool IsDotted(std::string_view name) {
  return std::ranges::find(kDotted, name) != std::end(kDotted);
}

}  // namespace

std::string_view CanonicalProvider(std::string_view raw, Arena& arena) {
  std::string_view name = LowerCase(Trimmed(raw), arena);
  // openai.chat, google.vertex.chat: the longest beginning that is a name.
  for (std::string_view head = name;; head = head.substr(0, head.rfind('.'))) {
    if (const Word* word = Find(kProviders, head)) return word->second;
    if (IsDotted(head)) return head;
    if (std::ranges::find(kNoProviders, head) != std::end(kNoProviders)) return {};
    if (head.find('.') == std::string_view::npos) return head;
  }
}

std::string_view ProviderOfAddress(std::string_view address) {
  const size_t scheme = address.find("://");
  if (scheme != std::string_view::npos) address.remove_prefix(scheme + 3);
  address = address.substr(0, address.find_first_of("/:?"));
  if (address.starts_with("bedrock-runtime.") || address.starts_with("bedrock.")) return "aws.bedrock";
  for (const Word& host : kHosts) {
    if (!address.ends_with(host.first)) continue;
    const size_t before = address.size() - host.first.size();
    if (before == 0 || address[before - 1] == '.' || address[before - 1] == '-') return host.second;
  }
  return {};
}

std::string_view ProviderOfModel(std::string_view model) {
  // Bedrock: us.anthropic.claude-..., anthropic.claude-..., amazon.nova-...
  for (const std::string_view maker : {"anthropic.", "amazon.", "meta.", "cohere.", "ai21.", "mistral."}) {
    const size_t at = model.find(maker);
    if (at == 0 || (at != std::string_view::npos && at <= 7 && model[at - 1] == '.')) return "aws.bedrock";
  }
  const size_t slash = model.find('/');
  if (slash != std::string_view::npos) {
    const std::string_view host = model.substr(0, slash);
    if (const Word* word = Find(kProviders, host)) return word->second;
    for (const std::string_view known :
         {"openai", "anthropic", "groq", "deepseek", "cohere", "ollama", "openrouter"}) {
      if (host == known) return known;
    }
    return {};
  }
  for (const Word& start : kModels) {
    if (model.starts_with(start.first)) return start.second;
  }
  return {};
}

FinishReason FinishReasonOf(std::string_view raw) {
  // FinishReason.STOP: an enum of Python as text.
  if (const size_t dot = raw.rfind('.'); dot != std::string_view::npos) raw.remove_prefix(dot + 1);
  char lower[40];
  size_t size = 0;
  for (const char c : raw) {
    if (size == sizeof lower) return FinishReason::kOther;
    lower[size++] = c == '-' ? '_' : static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  }
  const auto* word = Find(kFinishReasons, {lower, size});
  return word == nullptr ? FinishReason::kOther : word->second;
}

}  // namespace telltale
