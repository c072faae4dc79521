#include "tokenizer/call_tokens.h"

#include <span>

#include "tokenizer/encodings.h"
#include "tokenizer/tokenizer.h"

namespace telltale {
namespace {

// OpenAI cookbook, "How to count tokens with tiktoken", section 6.
constexpr int64_t kPerMessage = 3;
constexpr int64_t kPerName = 1;
constexpr int64_t kAnswerPriming = 3;
// Section 7.
constexpr int64_t kToolBegin = 7;
constexpr int64_t kToolBeginCl100k = 10;
constexpr int64_t kToolsEnd = 12;
constexpr int64_t kProperties = 3;
constexpr int64_t kProperty = 3;
constexpr int64_t kEnum = -3;
constexpr int64_t kEnumItem = 3;
// Not documented: what recorded answers with one tool call, and with several, take beside the
// names and arguments.
constexpr int64_t kOneToolCall = 7;
constexpr int64_t kEachOfToolCalls = 12;

template <typename T>
std::span<const T> Of(const std::vector<T>& all, Run run) {
  return std::span(all).subspan(run.begin, run.count);
}

// The model's own name, without the provider that gateways write in front.
std::string_view BareModel(std::string_view model) {
  const size_t slash = model.rfind('/');
  return slash == std::string_view::npos ? model : model.substr(slash + 1);
}

// OpenAI bills the thoughts of these models and shows at most a summary.
bool HidesReasoning(std::string_view model, std::string_view effort) {
  model = BareModel(model);
  if (effort == "none" || model.starts_with("gpt-5-chat")) return false;
  for (const std::string_view family : {"o1", "o3", "o4", "gpt-5"}) {
    if (model.starts_with(family)) return true;
  }
  return false;
}

NotCounted WhyNot(const Call& call) {
  if (call.usage.told()) return NotCounted::kUsageTold;
  const bool counts =
      call.kind == CallKind::kLlm || call.kind == CallKind::kCompletion || call.kind == CallKind::kEmbedding;
  if (!counts || !call.counts()) return NotCounted::kNoModelCall;
  if (call.request.model.empty() && call.response.model.empty()) return NotCounted::kModelNotTold;
  return NotCounted::kCounted;
}

}  // namespace

CountedUsage CallTokens::Count(const Call& call) {
  CountedUsage counted;
  const auto refuse = [&counted](NotCounted why) {
    counted.input = counted.output = why;
    return counted;
  };
  if (const NotCounted why = WhyNot(call); why != NotCounted::kCounted) return refuse(why);

  // What answered is what counted; a deployment's free name may be asked for instead.
  std::string_view model = call.response.model;
  const Encoding* encoding = EncodingOfModel(model);
  if (encoding == nullptr) encoding = EncodingOfModel(model = call.request.model);
  if (encoding == nullptr) return refuse(NotCounted::kModelUnknown);
  const auto tokenizer = Tokenizer::ForEncoding(encoding->name);
  if (!tokenizer) return refuse(NotCounted::kVocabularyMissing);
  tokenizer_ = *tokenizer;
  openai_ = encoding->openai_chat;
  tool_begin_ = encoding->rule == SplitRule::kO200k ? kToolBegin : kToolBeginCl100k;

  const Side input = CountInput(call);
  const Side output = CountOutput(call, model);
  counted.encoding = encoding->name;
  counted.input = input.why;
  counted.output = output.why;
  counted.approximate = input.approximate || output.approximate;
  if (input.why == NotCounted::kCounted) counted.usage.input_tokens = input.tokens;
  if (output.why == NotCounted::kCounted) {
    counted.usage.output_tokens = output.tokens;
    if (output.reasoning_tokens > 0) counted.usage.reasoning_tokens = output.reasoning_tokens;
  }
  if (counted.usage.told()) counted.usage.source = UsageSource::kCounted;
  return counted;
}

CallTokens::Side CallTokens::CountInput(const Call& call) {
  Side side;
  if (call.kind == CallKind::kEmbedding) {
    for (const std::string_view text : Of(call.texts, call.embedding_texts)) {
      side.tokens += Tokens(text);
      side.why = NotCounted::kCounted;
    }
    return side;
  }
  if (call.system_instructions.count == 0 && call.input.messages.empty()) return side;
  side.why = NotCounted::kCounted;
  if (call.kind == CallKind::kCompletion) {
    for (const Message& message : call.input.messages) {
      for (const MessagePart& part : Of(call.parts, message.parts)) AddInputPart(part, side);
    }
    return side;
  }
  if (openai_) side.tokens += kAnswerPriming;
  side.approximate = !openai_;
  if (call.system_instructions.count != 0) AddMessage(call, "system", {}, call.system_instructions, side);
  for (const Message& message : call.input.messages) {
    AddMessage(call, message.role, message.name, message.parts, side);
  }
  AddTools(call, side);
  return side;
}

void CallTokens::AddMessage(const Call& call, std::string_view role, std::string_view name, Run parts,
                            Side& side) {
  if (openai_) {
    // Every role is one token; of one that was not told, too.
    side.tokens += kPerMessage + Tokens(role.empty() ? "user" : role);
    if (!name.empty()) {
      side.tokens += kPerName + Tokens(name);
      side.approximate = true;
    }
  }
  for (const MessagePart& part : Of(call.parts, parts)) AddInputPart(part, side);
}

void CallTokens::AddInputPart(const MessagePart& part, Side& side) {
  switch (part.type) {
    case PartType::kText:
      side.tokens += Tokens(part.text);
      return;
    case PartType::kToolCall:
      side.tokens += Tokens(part.name) + Tokens(part.arguments);
      side.approximate = true;
      return;
    case PartType::kToolCallResponse:
      side.tokens += Tokens(part.text);
      side.approximate = true;
      return;
    case PartType::kReasoning:
      // Earlier thoughts are left out by the chat formats that are known.
      side.approximate = true;
      return;
    case PartType::kBlob:
    case PartType::kFile:
    case PartType::kUri:
    case PartType::kServerToolCall:
    case PartType::kServerToolCallResponse:
    case PartType::kOther:
      side.why = NotCounted::kHasOtherThanText;
      return;
  }
}

void CallTokens::AddTools(const Call& call, Side& side) {
  if (call.tool_definitions.empty()) return;
  side.approximate = true;
  for (const ToolDefinition& tool : call.tool_definitions) {
    if (tool.name.empty()) {
      // One that the provider runs itself.
      side.why = NotCounted::kHasOtherThanText;
      return;
    }
    line_.assign(tool.name);
    side.tokens += (openai_ ? tool_begin_ : 0) + DescribedTokens(tool.description);
    side.tokens += ParametersUntrusted(tool.parameters);
  }
  if (openai_) side.tokens += kToolsEnd;
}

// The properties of a tool's JSON Schema. Of those inside others the cookbook knows nothing.
int64_t CallTokens::ParametersUntrusted(std::string_view schema) {
  if (schema.empty() || !tree_.ParseUntrusted(schema)) return Tokens(schema);
  const JsonValue::Range properties = tree_.root()["properties"].members();
  if (properties.empty()) return 0;
  arena_.Clear();
  int64_t tokens = openai_ ? kProperties : 0;
  for (auto member = properties.begin(); member != properties.end(); ++member) {
    const JsonValue property = *member;
    if (openai_) tokens += kProperty;
    if (const JsonValue values = property["enum"]; values.is_array()) {
      if (openai_) tokens += kEnum;
      for (const JsonValue value : values.items()) {
        tokens += (openai_ ? kEnumItem : 0) + Tokens(value.Text(arena_));
      }
    }
    line_.assign(member.key()).append(":").append(property["type"].Text(arena_));
    tokens += DescribedTokens(property["description"].Text(arena_));
  }
  return tokens;
}

CallTokens::Side CallTokens::CountOutput(const Call& call, std::string_view model) {
  Side side;
  if (call.kind == CallKind::kEmbedding) return side;
  int64_t tool_calls = 0;
  for (const Message& message : call.output.messages) {
    for (const MessagePart& part : Of(call.parts, message.parts)) {
      if (side.why == NotCounted::kNothingSaid) side.why = NotCounted::kCounted;
      if (part.type == PartType::kText) {
        side.tokens += Tokens(part.text);
      } else if (part.type == PartType::kToolCall) {
        side.tokens += Tokens(part.name) + Tokens(part.arguments);
        ++tool_calls;
      } else if (part.type == PartType::kReasoning && !openai_) {
        side.reasoning_tokens += Tokens(part.text);
      } else if (part.type == PartType::kReasoning) {
        side.why = NotCounted::kReasoningHidden;
      } else {
        side.why = NotCounted::kHasOtherThanText;
      }
    }
  }
  side.tokens += side.reasoning_tokens;
  side.approximate = !openai_ || tool_calls > 0;
  if (openai_) side.tokens += tool_calls == 1 ? kOneToolCall : tool_calls * kEachOfToolCalls;
  if (side.why == NotCounted::kCounted && HidesReasoning(model, call.request.reasoning_effort)) {
    side.why = NotCounted::kReasoningHidden;
  }
  return side;
}

int64_t CallTokens::Tokens(std::string_view text) const {
  return static_cast<int64_t>(tokenizer_->Count(text));
}

// The cookbook leaves out the full stop at the end of a description.
int64_t CallTokens::DescribedTokens(std::string_view description) {
  if (description.ends_with('.')) description.remove_suffix(1);
  return Tokens(line_.append(":").append(description));
}

}  // namespace telltale
