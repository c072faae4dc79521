#include "tokenizer/encodings.h"

#include <algorithm>

#include "tokenizer/vocabulary.h"

namespace telltale {
namespace {

constexpr SpecialToken kGpt2Special[] = {{"<|endoftext|>", 50256}};
constexpr SpecialToken kCl100kSpecial[] = {{"<|endoftext|>", 100257},
                                           {"<|fim_prefix|>", 100258},
                                           {"<|fim_middle|>", 100259},
                                           {"<|fim_suffix|>", 100260},
                                           {"<|endofprompt|>", 100276}};
constexpr SpecialToken kO200kSpecial[] = {{"<|endoftext|>", 199999}, {"<|endofprompt|>", 200018}};
constexpr SpecialToken kHarmonySpecial[] = {{"<|startoftext|>", 199998}, {"<|endoftext|>", 199999},
                                            {"<|return|>", 200002},      {"<|constrain|>", 200003},
                                            {"<|channel|>", 200005},     {"<|start|>", 200006},
                                            {"<|end|>", 200007},         {"<|message|>", 200008},
                                            {"<|call|>", 200012},        {"<|endofprompt|>", 200018}};

// As tiktoken 0.14 defines them. gpt2 and r50k_base are the ids that p50k_base begins with.
constexpr uint32_t kGpt2IdsEnd = 50256;
constexpr Encoding kEncodings[] = {
    {"o200k_base", "o200k_base", kAllIds, SplitRule::kO200k, kO200kSpecial},
    {"o200k_harmony", "o200k_base", kAllIds, SplitRule::kO200k, kHarmonySpecial, 200000, 201088, false},
    {"cl100k_base", "cl100k_base", kAllIds, SplitRule::kCl100k, kCl100kSpecial},
    {"p50k_base", "p50k_base", kAllIds, SplitRule::kR50k, kGpt2Special},
    {"r50k_base", "p50k_base", kGpt2IdsEnd, SplitRule::kR50k, kGpt2Special},
    {"gpt2", "p50k_base", kGpt2IdsEnd, SplitRule::kR50k, kGpt2Special},
};

struct ModelRow {
  std::string_view model;
  std::string_view encoding;
};

// tiktoken 0.14, model.py: whole names, then what names begin with.
constexpr ModelRow kModels[] = {
    {"o1", "o200k_base"},
    {"o3", "o200k_base"},
    {"o4-mini", "o200k_base"},
    {"gpt-4.1", "o200k_base"},
    {"gpt-4o", "o200k_base"},
    {"gpt-4", "cl100k_base"},
    {"gpt-3.5-turbo", "cl100k_base"},
    {"gpt-3.5", "cl100k_base"},
    {"gpt-35-turbo", "cl100k_base"},
    {"davinci-002", "cl100k_base"},
    {"babbage-002", "cl100k_base"},
    {"text-embedding-ada-002", "cl100k_base"},
    {"text-embedding-3-small", "cl100k_base"},
    {"text-embedding-3-large", "cl100k_base"},
    {"text-davinci-003", "p50k_base"},
    {"text-davinci-002", "p50k_base"},
    {"text-davinci-001", "r50k_base"},
    {"text-curie-001", "r50k_base"},
    {"text-babbage-001", "r50k_base"},
    {"text-ada-001", "r50k_base"},
    {"davinci", "r50k_base"},
    {"curie", "r50k_base"},
    {"babbage", "r50k_base"},
    {"ada", "r50k_base"},
    {"code-davinci-002", "p50k_base"},
    {"code-davinci-001", "p50k_base"},
    {"code-cushman-002", "p50k_base"},
    {"code-cushman-001", "p50k_base"},
    {"davinci-codex", "p50k_base"},
    {"cushman-codex", "p50k_base"},
    {"text-similarity-davinci-001", "r50k_base"},
    {"text-similarity-curie-001", "r50k_base"},
    {"text-similarity-babbage-001", "r50k_base"},
    {"text-similarity-ada-001", "r50k_base"},
    {"text-search-davinci-doc-001", "r50k_base"},
    {"text-search-curie-doc-001", "r50k_base"},
    {"text-search-babbage-doc-001", "r50k_base"},
    {"text-search-ada-doc-001", "r50k_base"},
    {"code-search-babbage-code-001", "r50k_base"},
    {"code-search-ada-code-001", "r50k_base"},
    {"gpt2", "gpt2"},
    {"gpt-2", "gpt2"},
};
constexpr ModelRow kModelPrefixes[] = {
    {"o1-", "o200k_base"},
    {"o3-", "o200k_base"},
    {"o4-mini-", "o200k_base"},
    {"gpt-5", "o200k_base"},
    {"gpt-4.5-", "o200k_base"},
    {"gpt-4.1-", "o200k_base"},
    {"chatgpt-4o-", "o200k_base"},
    {"gpt-4o-", "o200k_base"},
    {"gpt-4-", "cl100k_base"},
    {"gpt-3.5-turbo-", "cl100k_base"},
    {"gpt-35-turbo-", "cl100k_base"},
    {"gpt-oss-", "o200k_harmony"},
    {"ft:gpt-4o", "o200k_base"},
    // gpt-4.1 can be tuned; tiktoken has no row for it, and ft:gpt-4 would catch it.
    {"ft:gpt-4.1", "o200k_base"},
    {"ft:gpt-4", "cl100k_base"},
    {"ft:gpt-3.5-turbo", "cl100k_base"},
    {"ft:davinci-002", "cl100k_base"},
    {"ft:babbage-002", "cl100k_base"},
};

}  // namespace

std::span<const Encoding> Encodings() {
  return kEncodings;
}

const Encoding* EncodingByName(std::string_view name) {
  const auto found = std::ranges::find(kEncodings, name, &Encoding::name);
  return found == std::end(kEncodings) ? nullptr : found;
}

const Encoding* EncodingOfModel(std::string_view model) {
  // Gateways write the provider in front: openai/gpt-4o, azure/eu/gpt-4o.
  if (const size_t slash = model.rfind('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
  for (const ModelRow& row : kModels) {
    if (model == row.model) return EncodingByName(row.encoding);
  }
  for (const ModelRow& row : kModelPrefixes) {
    if (model.starts_with(row.model)) return EncodingByName(row.encoding);
  }
  return nullptr;
}

}  // namespace telltale
