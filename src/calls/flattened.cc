// Families of attributes that flatten a list: llm.input_messages.3.message.role,
// gen_ai.prompt.0.content, retrieval.documents.2.document.score ...
#include <algorithm>
#include <charconv>
#include <string>
#include <tuple>

#include "base/counters.h"
#include "calls/mapping.h"
#include "calls/vocabulary.h"

namespace telltale {
namespace {

// Takes a number and its dot off the front. False, with `rest` unchanged, when it does
// not begin with a number.
bool TakeIndex(std::string_view& rest, uint64_t& index) {
  const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), index);
  if (read.ec == std::errc::invalid_argument) return false;
  const size_t taken = static_cast<size_t>(read.ptr - rest.data());
  if (taken != rest.size() && rest[taken] != '.') return false;
  if (read.ec != std::errc()) index = UINT64_MAX;
  rest.remove_prefix(std::min(rest.size(), taken + 1));
  return true;
}

void TakeWord(std::string_view word, std::string_view& rest) {
  if (rest.starts_with(word)) rest.remove_prefix(word.size());
}

// One leaf of a message, after its index was taken off.
struct MessageLeaf {
  uint32_t list = 0;  // 0: the message's own, 1: contents, 2: tool_calls
  uint32_t index = 0;
  std::string_view name;
  const Value* value = nullptr;
  std::string_view key;
};

class FlatMessageReader {
 public:
  explicit FlatMessageReader(MapContext& context) : context_(context), reader_(context.messages()) {}

  // REQUIRES: all leaves have the same index.
  void Read(std::span<const IndexedLeaf> leaves, std::string_view default_role, std::vector<Message>& out) {
    leaves_.clear();
    for (const IndexedLeaf& leaf : leaves) AddLeaf(leaf);
    std::ranges::sort(leaves_, [](const MessageLeaf& a, const MessageLeaf& b) {
      return std::tie(a.list, a.index, a.name, a.key) < std::tie(b.list, b.index, b.name, b.key);
    });
    Message message;
    reader_.Begin(default_role, message);
    ReadOwn(message);
    ReadLists(message);
    reader_.End(message, out);
  }

 private:
  void AddLeaf(const IndexedLeaf& indexed) {
    MessageLeaf leaf{.name = indexed.leaf, .value = indexed.value, .key = indexed.key};
    TakeWord("message.", leaf.name);
    TakeWord("prompt.", leaf.name);
    TakeWord("completion.", leaf.name);
    std::string_view rest = leaf.name;
    uint64_t index = 0;
    if (rest.starts_with("contents.")) {
      rest.remove_prefix(9);
      leaf.list = 1;
    } else if (rest.starts_with("tool_calls.")) {
      rest.remove_prefix(11);
      leaf.list = 2;
    }
    if (leaf.list != 0) {
      if (!TakeIndex(rest, index)) return;
      if (index > kIndexMax) return Count(Counter::kCallIndexesOutOfRange);
      leaf.index = static_cast<uint32_t>(index);
      leaf.name = rest;
      TakeWord("message_content.", leaf.name);
      if (leaf.list == 2) {
        TakeWord("tool_call.", leaf.name);
        TakeWord("function.", leaf.name);
      }
    }
    leaves_.push_back(leaf);
  }

  std::string_view Own(std::string_view name) const {
    for (const MessageLeaf& leaf : leaves_) {
      if (leaf.list == 0 && leaf.name == name) return context_.Text(*leaf.value);
    }
    return {};
  }
  bool Has(uint32_t list) const {
    return std::ranges::any_of(leaves_, [&](const MessageLeaf& leaf) { return leaf.list == list; });
  }

  void ReadOwn(Message& message) {
    if (const std::string_view role = Own("role"); !role.empty())
      message.role = CanonicalRole(role, context_.arena());
    message.name = Own("name");
    message.finish_reason = Own("finish_reason");
    const std::string_view result_of = Own("tool_call_id");
    std::string_view content = Own("content");
    if (content.empty()) content = Own("text");
    // The role as the key: gen_ai.prompt.0.user.
    for (const std::string_view role : {"user", "system", "assistant"}) {
      if (!content.empty() || Own(role).empty()) continue;
      content = Own(role);
      message.role = role;
    }
    if (!result_of.empty()) {
      reader_.AddPart(
          {.type = PartType::kToolCallResponse, .text = content, .id = result_of, .name = message.name});
      message.name = {};
    } else if (!Has(1)) {
      reader_.ReadContentText(content);
    }
    if (const std::string_view refusal = Own("refusal"); !refusal.empty())
      reader_.AddPart({.type = PartType::kOther, .text = refusal, .name = "refusal"});
    std::string_view name = Own("function_call_name");
    if (name.empty()) name = Own("function_call.name");
    std::string_view arguments = Own("function_call_arguments_json");
    if (arguments.empty()) arguments = Own("function_call.arguments");
    if (!name.empty()) reader_.AddPart({.type = PartType::kToolCall, .name = name, .arguments = arguments});
  }

  void ReadLists(const Message& message) {
    for (size_t at = 0; at < leaves_.size();) {
      size_t end = at;
      while (end < leaves_.size() && leaves_[end].list == leaves_[at].list &&
             leaves_[end].index == leaves_[at].index)
        ++end;
      const std::span<const MessageLeaf> part(leaves_.data() + at, end - at);
      if (part[0].list == 1) ReadContentPart(part);
      if (part[0].list == 2) ReadToolCall(part, message);
      at = end;
    }
  }

  std::string_view Of(std::span<const MessageLeaf> part, std::string_view name) const {
    for (const MessageLeaf& leaf : part) {
      if (leaf.name == name) return context_.Text(*leaf.value);
    }
    return {};
  }

  void ReadContentPart(std::span<const MessageLeaf> part) {
    const std::string_view type = Of(part, "type");
    if (const std::string_view url = Of(part, "image.image.url"); !url.empty())
      return AddMedia(url, {}, "image");
    if (const std::string_view url = Of(part, "audio.audio.url"); !url.empty())
      return AddMedia(url, Of(part, "audio.audio.mime_type"), "audio");
    if (const std::string_view name = Of(part, "tool_call.function.name"); !name.empty()) {
      return reader_.AddPart({.type = PartType::kToolCall,
                              .id = Of(part, "tool_call.id"),
                              .name = name,
                              .arguments = Of(part, "tool_call.function.arguments")});
    }
    const std::string_view text = Of(part, "text");
    if (type == "reasoning" || type == "thinking") {
      const std::string_view data = Of(part, "data");
      return reader_.AddPart({.type = PartType::kReasoning, .text = text, .id = Of(part, "id"), .raw = data});
    }
    if (!text.empty()) return reader_.AddText(text);
    if (const std::string_view spoken = Of(part, "audio.audio.transcript"); !spoken.empty())
      reader_.AddText(spoken);
  }

  void AddMedia(std::string_view url, std::string_view mime_type, std::string_view modality) {
    MessagePart part{.type = PartType::kUri, .text = url, .mime_type = mime_type, .modality = modality};
    if (url.starts_with("data:")) {
      const size_t comma = std::min(url.find(','), url.size());
      part.type = PartType::kBlob;
      part.mime_type = url.substr(5, std::min(url.find(';'), comma) - 5);
      part.text = url.substr(std::min(comma + 1, url.size()));
    }
    reader_.AddPart(part);
  }

  void ReadToolCall(std::span<const MessageLeaf> part, const Message& message) {
    const MessagePart call{.type = PartType::kToolCall,
                           .id = Of(part, "id"),
                           .name = Of(part, "name"),
                           .arguments = Of(part, "arguments")};
    // An ordered copy of the call may stand among the contents.
    const auto& parts = context_.call.parts;
    const bool is_there =
        std::any_of(parts.begin() + message.parts.begin, parts.end(), [&](const MessagePart& other) {
          return other.type == PartType::kToolCall && !call.id.empty() && other.id == call.id;
        });
    if (!is_there) reader_.AddPart(call);
  }

  MapContext& context_;
  MessageReader reader_;
  std::vector<MessageLeaf> leaves_;
};

// Calls `use` with the leaves of each index.
template <typename Use>
void ForEachIndex(std::span<const IndexedLeaf> leaves, const Use& use) {
  for (size_t at = 0; at < leaves.size();) {
    size_t end = at;
    while (end < leaves.size() && leaves[end].index == leaves[at].index) ++end;
    use(leaves.subspan(at, end - at));
    at = end;
  }
}

// The leaf's name without the word that the family puts before it: document.id -> id.
std::string_view LastOf(std::string_view leaf, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) TakeWord(word, leaf);
  return leaf;
}

}  // namespace

std::span<const IndexedLeaf> SortByIndex(MapContext& context, Hits hits) {
  context.leaves.clear();
  for (const Hit& hit : hits) {
    std::string_view rest = hit.attribute->key.substr(hit.rule->key.size());
    uint64_t index = 0;
    TakeIndex(rest, index);  // a family without indexes is a list of one
    if (index > kIndexMax) {
      Count(Counter::kCallIndexesOutOfRange);
      if (context.explanation != nullptr)
        context.explanation->LeftOut(hit.attribute->key, "its index is out of range");
      continue;
    }
    context.leaves.push_back({static_cast<uint32_t>(index), rest, &hit.attribute->value, hit.attribute->key});
  }
  std::ranges::sort(context.leaves, [](const IndexedLeaf& a, const IndexedLeaf& b) {
    return std::tie(a.index, a.leaf, a.key) < std::tie(b.index, b.leaf, b.key);
  });
  return context.leaves;
}

void MapIndexedMessages(MapContext& context, Hits hits, bool is_input) {
  FlatMessageReader reader(context);
  std::vector<Message>& out = is_input ? context.call.input.messages : context.call.output.messages;
  ForEachIndex(SortByIndex(context, hits), [&](std::span<const IndexedLeaf> leaves) {
    reader.Read(leaves, is_input ? "user" : "assistant", out);
  });
}

void MapDocuments(MapContext& context, Hits hits, std::vector<Document>& documents) {
  ForEachIndex(SortByIndex(context, hits), [&](std::span<const IndexedLeaf> leaves) {
    if (documents.size() >= kMessagesMax) return Count(Counter::kCallPartsOverLimit);
    Document document;
    for (const IndexedLeaf& leaf : leaves) {
      const std::string_view name = LastOf(leaf.leaf, {"document."});
      if (name == "id") document.id = context.Text(*leaf.value);
      if (name == "content") document.content = context.Text(*leaf.value);
      if (name == "metadata") document.metadata = context.Text(*leaf.value);
      if (name == "score") document.score = NumberOf(*leaf.value).value_or(document.score);
    }
    documents.push_back(document);
  });
}

void MapToolDefinitions(MapContext& context, Hits hits) {
  std::vector<ToolDefinition>& tools = context.call.tool_definitions;
  ForEachIndex(SortByIndex(context, hits), [&](std::span<const IndexedLeaf> leaves) {
    if (tools.size() >= kMessagesMax) return Count(Counter::kCallPartsOverLimit);
    ToolDefinition tool;
    for (const IndexedLeaf& leaf : leaves) {
      const std::string_view name = LastOf(leaf.leaf, {"tool."});
      if (name == "name") tool.name = context.Text(*leaf.value);
      if (name == "description") tool.description = context.Text(*leaf.value);
      if (name == "parameters") tool.parameters = context.Text(*leaf.value);
      if (name != "json_schema") continue;
      const auto parsed = context.pool.ParseUntrusted(*leaf.value, context.arena());
      if (parsed) return ReadToolDefinitions(context, parsed.root());
    }
    if (!tool.name.empty()) tools.push_back(tool);
  });
}

void MapEmbeddingTexts(MapContext& context, Hits hits) {
  Call& call = context.call;
  Run run{.begin = static_cast<uint32_t>(call.texts.size()), .count = 0};
  for (const IndexedLeaf& leaf : SortByIndex(context, hits)) {
    const std::string_view name = LastOf(leaf.leaf, {"embedding."});
    if (name == "text" && call.texts.size() < kMessagesMax) call.texts.push_back(context.Text(*leaf.value));
    if (name == "vector" && !call.embedding_dimensions && leaf.value->type == ValueType::kArray) {
      // The vector itself stays in the attribute: its length is what a reader wants.
      const auto parsed = context.pool.ParseUntrusted(leaf.value->text);
      int64_t size = 0;
      for ([[maybe_unused]] const JsonValue number : parsed.root()["arrayValue"]["values"].items()) ++size;
      if (size > 0) call.embedding_dimensions = size;
    }
  }
  run.count = static_cast<uint32_t>(call.texts.size()) - run.begin;
  if (run.count > 0) call.embedding_texts = run;
}

void MapEvaluations(MapContext& context, Hits hits) {
  std::vector<Evaluation>& evaluations = context.call.evaluations;
  const std::string_view family = hits[0].rule->key;
  const ValueForm form = hits[0].rule->form;
  const auto take = [&](std::string_view name, const Value& value, Evaluation& evaluation) {
    if (name == "name") evaluation.name = context.Text(value);
    if (name == "score" || name == "score.value")
      evaluation.score = NumberOf(value).value_or(evaluation.score);
    if (name == "label" || name == "score.label") evaluation.label = context.Text(value);
    if (name == "explanation") evaluation.explanation = context.Text(value);
    if (name == "annotator_kind" || name == "evaluator.source")
      evaluation.kind = LowerCase(context.Text(value), context.arena());
  };
  ForEachIndex(SortByIndex(context, hits), [&](std::span<const IndexedLeaf> leaves) {
    Evaluation evaluation;
    evaluation.target = family.starts_with("trace.")     ? "trace"
                        : family.starts_with("session.") ? "session"
                                                         : "span";
    for (const IndexedLeaf& leaf : leaves) {
      if (form == ValueForm::kNamed) {
        Evaluation named{.name = leaf.leaf, .score = NumberOf(*leaf.value).value_or(evaluation.score)};
        named.target = evaluation.target;
        if (evaluations.size() < kMessagesMax) evaluations.push_back(named);
      } else {
        take(LastOf(leaf.leaf, {"evaluation.", "annotation."}), *leaf.value, evaluation);
      }
    }
    if (form == ValueForm::kNamed || evaluations.size() >= kMessagesMax) return;
    if (!evaluation.name.empty() || evaluation.score == evaluation.score || !evaluation.label.empty())
      evaluations.push_back(evaluation);
  });
}

void ReadToolDefinitions(MapContext& context, JsonValue list) {
  Arena& arena = context.arena();
  const auto read_one = [&](JsonValue item) {
    if (context.call.tool_definitions.size() >= kMessagesMax) return Count(Counter::kCallPartsOverLimit);
    ToolDefinition tool;
    if (item.is_string()) {
      tool.name = item.Text(arena);
    } else if (item.is_object()) {
      JsonValue body = item;
      for (const std::string_view inner : {"function", "toolSpec", "data", "tool_spec"}) {
        if (item[inner].is_object()) body = item[inner];
      }
      tool.name = body.FirstOf("name", "tool_name").Text(arena);
      if (tool.name.empty()) tool.name = item["type"].Text(arena);
      tool.description = body["description"].Text(arena);
      const JsonValue schema =
          body.FirstOf("parameters", "input_schema", "inputSchema", "parametersJsonSchema", "schema");
      tool.parameters = schema["json"]         ? schema["json"].json()
                        : schema["jsonSchema"] ? schema["jsonSchema"].json()
                                               : schema.Text(arena);
      tool.raw = item.json();
    }
    if (!tool.name.empty()) context.call.tool_definitions.push_back(tool);
  };
  if (list.is_object()) {
    // Gemini: {"functionDeclarations": [...]}; others: one tool.
    const JsonValue inner = list.FirstOf("functionDeclarations", "function_declarations", "tools");
    if (inner.is_array()) return ReadToolDefinitions(context, inner);
    return read_one(list);
  }
  for (const JsonValue item : list.items()) {
    if (const JsonValue inner = item.FirstOf("functionDeclarations", "function_declarations");
        inner.is_array()) {
      ReadToolDefinitions(context, inner);
    } else if (item.is_string() && LooksLikeJson(item.Text(arena))) {
      // Vercel: a list of JSON texts.
      const auto parsed = context.pool.ParseUntrusted(item.Text(arena));
      read_one(parsed.root());
    } else {
      read_one(item);
    }
  }
}

void ReadDocuments(MapContext& context, JsonValue list, std::vector<Document>& documents) {
  Arena& arena = context.arena();
  for (const JsonValue item : list.items()) {
    if (documents.size() >= kMessagesMax) return Count(Counter::kCallPartsOverLimit);
    Document document;
    if (item.is_object()) {
      const JsonValue inner = item["document"].is_object() ? item["document"] : item;
      document.id = inner.FirstOf("id", "document_id", "doc", "index").Text(arena);
      document.content = inner.FirstOf("content", "page_content", "text").Text(arena);
      document.score =
          item.FirstOf("score", "relevance_score", "relevanceScore").Number().value_or(document.score);
      document.metadata = inner["metadata"].is_object() ? inner["metadata"].json() : std::string_view();
    } else {
      document.content = item.Text(arena);
    }
    documents.push_back(document);
  }
}

}  // namespace telltale
