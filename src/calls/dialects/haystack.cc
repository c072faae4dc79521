// Haystack names no kinds: the class of a component tells what it does.
#include "calls/mapping.h"

namespace telltale {

CallKind KindOfHaystackComponent(std::string_view type) {
  if (type.ends_with("Generator")) return CallKind::kLlm;
  if (type.ends_with("Embedder")) return CallKind::kEmbedding;
  if (type.ends_with("Retriever") || type.ends_with("WebSearch")) return CallKind::kRetriever;
  if (type.ends_with("Ranker")) return CallKind::kReranker;
  if (type.ends_with("ToolInvoker")) return CallKind::kTool;
  if (type.ends_with("Agent")) return CallKind::kAgent;
  if (type.ends_with("Evaluator")) return CallKind::kEvaluator;
  if (type.ends_with("PromptBuilder")) return CallKind::kPrompt;
  return CallKind::kChain;
}

}  // namespace telltale
