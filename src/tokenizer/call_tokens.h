// Counts what a model call took in tokens, where its sender gave no usage.
//
//   CallTokens call_tokens;                              // one for each thread, kept
//   if (!call.usage.told()) {
//     const CountedUsage counted = call_tokens.Count(call);
//     if (counted.usage.told()) call.usage = counted.usage;   // its source is kCounted
//   }
//
// Only with the vocabulary of the model that answered, or was asked, and only where all of
// one side can be counted: a side that holds a picture, or reasoning that the provider keeps
// to itself, stays kNotTold, and `input` or `output` says why. Nothing is guessed.
//
// Chats with OpenAI's models cost what the OpenAI cookbook says ("How to count tokens with
// tiktoken", sections 6 and 7): beside the text three tokens a message, one a name, three that
// prime the answer, and for tools its formula. Recorded answers of the API agree with it to the
// token where no tools or names are in play; `approximate` marks what it only comes near to.
// For other vendors the text alone is counted: what their chat formats add is not known here,
// and the input is approximate.
//
// Ownership      The result points to constants only.
// Thread safety  One thread at a time.
// Failure        None: a call that cannot be counted has both sides kNotTold.
// Cost           Linear in the text, 200 MB/s and more (tokenizer.h); a call that is not counted
//                costs a few comparisons. Mapping and this together: 4.6 KB take about 20 us.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "json/tree.h"
#include "trace/call.h"
#include "trace/usage.h"

namespace telltale {

class Tokenizer;

enum class NotCounted : uint8_t {
  kCounted,            // It was.
  kUsageTold,          // The sender gave a usage.
  kNoModelCall,        // The span asks no model, or only adds up others, or tells a call anew.
  kModelNotTold,       // Neither request nor response names one.
  kModelUnknown,       // No vocabulary is known for it.
  kVocabularyMissing,  // This program was built without the one it has.
  kNothingSaid,        // The side has no content; senders may leave it out.
  kHasOtherThanText,   // Pictures, sound, files, what the provider's own tools did.
  kReasoningHidden,    // The model thinks before it answers and does not tell.
};
inline constexpr std::string_view kNotCountedNames[] = {
    "",
    "usage_told",
    "no_model_call",
    "model_not_told",
    "model_unknown",
    "vocabulary_missing",
    "nothing_said",
    "has_other_than_text",
    "reasoning_hidden",
};

struct CountedUsage {
  Usage usage;                // as new, but for what was counted
  std::string_view encoding;  // that it was counted with; empty: none
  NotCounted input = NotCounted::kCounted;
  NotCounted output = NotCounted::kCounted;
  bool approximate = false;
};

class CallTokens {
 public:
  CountedUsage Count(const Call& call);

 private:
  // Of one side, while it is being added up.
  struct Side {
    int64_t tokens = 0;
    int64_t reasoning_tokens = 0;
    NotCounted why = NotCounted::kNothingSaid;
    bool approximate = false;
  };

  Side CountInput(const Call& call);
  Side CountOutput(const Call& call, std::string_view model);
  void AddMessage(const Call& call, std::string_view role, std::string_view name, Run parts, Side& side);
  void AddInputPart(const MessagePart& part, Side& side);
  void AddTools(const Call& call, Side& side);
  int64_t ParametersUntrusted(std::string_view schema);
  int64_t Tokens(std::string_view text) const;
  // Of `line_` with the description behind it.
  int64_t DescribedTokens(std::string_view description);

  const Tokenizer* tokenizer_ = nullptr;
  bool openai_ = false;  // the chat format is OpenAI's
  int64_t tool_begin_ = 0;
  std::string line_;
  Arena arena_;
  JsonTree tree_;
};

}  // namespace telltale
