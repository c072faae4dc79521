#include "pricing/provider_name.h"

#include <algorithm>
#include <utility>

namespace telltale {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr Pair kSpellings[] = {
    {"amazon-bedrock", "aws.bedrock"},
    {"amazon_bedrock", "aws.bedrock"},
    {"aws", "aws.bedrock"},
    {"bedrock", "aws.bedrock"},
    {"bedrock_converse", "aws.bedrock"},
    {"az.ai.openai", "azure.ai.openai"},
    {"azure", "azure.ai.openai"},
    {"azure-openai", "azure.ai.openai"},
    {"azure_openai", "azure.ai.openai"},
    {"az.ai.inference", "azure.ai.inference"},
    {"azure_ai", "azure.ai.inference"},
    {"cohere_chat", "cohere"},
    {"fireworks", "fireworks_ai"},
    {"fireworks-ai", "fireworks_ai"},
    {"fireworksai", "fireworks_ai"},
    {"gemini", "gcp.gemini"},
    {"google", "gcp.gemini"},
    {"google.generative-ai", "gcp.gemini"},
    {"google_genai", "gcp.gemini"},
    {"google-vertex", "gcp.vertex_ai"},
    {"google.vertex", "gcp.vertex_ai"},
    {"google_vertexai", "gcp.vertex_ai"},
    {"vertex_ai", "gcp.vertex_ai"},
    {"vertexai", "gcp.vertex_ai"},
    {"jina", "jina_ai"},
    {"mistral", "mistral_ai"},
    {"mistralai", "mistral_ai"},
    {"moonshot", "moonshot_ai"},
    {"together", "together_ai"},
    {"togetherai", "together_ai"},
    {"vercel", "vercel_ai_gateway"},
    {"voyageai", "voyage"},
    {"watsonx", "ibm.watsonx.ai"},
    {"xai", "x_ai"},
    {"x-ai", "x_ai"},
};

// Frameworks, gateways that pass on to any provider, and words for nothing.
constexpr std::string_view kNoProviders[] = {"_other",
                                             "custom",
                                             "gcp.vertex.agent",
                                             "langchain",
                                             "langgraph",
                                             "litellm",
                                             "llamaindex",
                                             "microsoft.agent_framework",
                                             "n/a",
                                             "none",
                                             "pydantic-ai",
                                             "spring_ai",
                                             "strands-agents",
                                             "unknown"};

constexpr Pair kMakers[] = {
    {"chatgpt-", "openai"},
    {"codex-", "openai"},
    {"gpt-", "openai"},
    {"o1", "openai"},
    {"o3", "openai"},
    {"o4-", "openai"},
    {"text-embedding-3-", "openai"},
    {"text-embedding-ada-", "openai"},
    {"ft:gpt-", "openai"},
    {"ft:o4-", "openai"},
    {"claude-", "anthropic"},
    {"gemini-", "gcp.gemini"},
    {"codestral-", "mistral_ai"},
    {"devstral-", "mistral_ai"},
    {"magistral-", "mistral_ai"},
    {"ministral-", "mistral_ai"},
    {"mistral-", "mistral_ai"},
    {"pixtral-", "mistral_ai"},
    {"command-", "cohere"},
    {"embed-english-", "cohere"},
    {"embed-multilingual-", "cohere"},
    {"deepseek-chat", "deepseek"},
    {"deepseek-reasoner", "deepseek"},
    {"grok-", "x_ai"},
    {"sonar", "perplexity"},
    {"voyage-", "voyage"},
};

// Ids such as anthropic.claude-... and us.anthropic.claude-... are Bedrock's alone.
constexpr std::string_view kBedrockVendors[] = {"ai21.",   "amazon.", "anthropic.",
                                                "cohere.", "meta.",   "mistral."};

bool IsBedrockId(std::string_view model) {
  for (int part = 0; part < 2; ++part) {
    if (std::ranges::any_of(kBedrockVendors, [&](auto vendor) { return model.starts_with(vendor); }))
      return true;
    const size_t dot = model.find('.');
    if (dot == std::string_view::npos) return false;
    model.remove_prefix(dot + 1);
  }
  return false;
}

}  // namespace

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string CanonicalProvider(std::string_view told) {
  std::string lower = LowerCase(told);
  for (const auto& [seen, canonical] : kSpellings) {
    if (lower == seen) return std::string(canonical);
  }
  if (std::ranges::find(kNoProviders, lower) != std::end(kNoProviders)) return {};
  return lower;
}

std::string_view MakerOf(std::string_view model) {
  for (const auto& [beginning, maker] : kMakers) {
    if (model.starts_with(beginning)) return maker;
  }
  return IsBedrockId(model) ? "aws.bedrock" : std::string_view();
}

}  // namespace telltale
