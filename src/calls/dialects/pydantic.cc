// Pydantic AI tells an agent's run as one conversation, answers included, and in its
// first version as a list of events.
#include "calls/mapping.h"

namespace telltale {

void ReadPydanticConversation(MapContext& context, JsonValue list) {
  Call& call = context.call;
  for (const JsonValue item : list.items()) {
    const std::string_view event = item["event.name"].raw();
    const bool is_choice = event == "gen_ai.choice";
    // gen_ai.user.message -> user
    std::string_view role = "user";
    if (event.starts_with("gen_ai.") && event.ends_with(".message"))
      role = event.substr(7, event.size() - 7 - std::string_view(".message").size());
    context.messages().ReadMessages(item, is_choice ? "assistant" : role,
                                    is_choice ? call.output.messages : call.input.messages);
  }
  if (!call.output.messages.empty() || call.input.messages.empty()) return;
  // What the assistant said last is the answer.
  const Message last = call.input.messages.back();
  if (last.role != "assistant" || call.input.messages.size() < 2) return;
  call.input.messages.pop_back();
  call.output.messages.push_back(last);
}

}  // namespace telltale
