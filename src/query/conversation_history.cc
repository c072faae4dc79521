#include "query/conversation_history.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "content/kept_value.h"

namespace telltale {
namespace {

void AddText(std::string_view text, std::string& out) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

// Of what every sender repeats as it was; what a model thought is not sent again.
uint64_t HashOfParts(const Call& call, std::string_view role, Run parts) {
  std::string text;
  AddText(role, text);
  for (uint32_t i = 0; i < parts.count; ++i) {
    const MessagePart& part = call.parts[parts.begin + i];
    if (part.type == PartType::kReasoning) continue;
    text += static_cast<char>('a' + static_cast<char>(part.type));
    for (const std::string_view piece : {part.text, part.id, part.name, part.arguments}) AddText(piece, text);
  }
  return HashOfChunk(text).low;
}

bool IsSystem(const Message& message) {
  return message.role == "system" || message.role == "developer";
}

}  // namespace

AddedMessages ConversationHistory::Add(const Call& call) {
  const std::vector<Message>& input = call.input.messages;
  size_t begin = 0;
  while (begin < input.size() && IsSystem(input[begin])) ++begin;
  std::vector<Said> said;
  for (size_t i = begin; i < input.size(); ++i)
    said.push_back({.hash = HashOfParts(call, input[i].role, input[i].parts)});

  // How many messages of the input stand in `known` from `at` on.
  const auto repeated = [&](const std::vector<Said>& known, size_t at) {
    size_t count = 0;
    for (; count < said.size() && at + count < known.size(); ++count) {
      const Said& there = known[at + count];
      const bool is_same =
          there.hash == said[count].hash || (there.is_answer && input[begin + count].role == "assistant");
      if (!is_same) break;
    }
    return count;
  };
  size_t best = 0;
  size_t best_history = histories_.size();
  for (size_t i = histories_.size(); i > 0; --i) {
    const std::vector<Said>& known = histories_[i - 1].said;
    for (size_t at = 0; at < known.size() && !said.empty(); ++at) {
      if (known[at].hash != said.front().hash) continue;
      const size_t count = repeated(known, at);
      if (count <= best) continue;
      best = count;
      best_history = i - 1;
    }
  }

  History history;
  if (best_history < histories_.size()) {
    history.instructions = histories_[best_history].instructions;
    histories_.erase(histories_.begin() + static_cast<ptrdiff_t>(best_history));
  }
  AddedMessages added;
  uint64_t instructions = 0;
  if (call.system_instructions.count > 0)
    instructions = HashOfParts(call, "instructions", call.system_instructions);
  for (size_t i = 0; i < begin; ++i) instructions = instructions * 31 + HashOfParts(call, "", input[i].parts);
  const bool changed = instructions != history.instructions;
  added.instructions = changed && call.system_instructions.count > 0;
  added.system = changed ? begin : 0;
  added.first = begin + best;
  for (const Message& message : call.output.messages)
    said.push_back({.hash = HashOfParts(call, message.role, message.parts), .is_answer = true});
  history.said = std::move(said);
  history.instructions = instructions;
  histories_.push_back(std::move(history));
  if (histories_.size() > kHistoriesMax) histories_.erase(histories_.begin());
  return added;
}

}  // namespace telltale
