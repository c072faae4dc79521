// LiteLLM's raw_gen_ai_request: the provider's request and answer once more, each
// member under llm.{provider}.{member}, with Python's notation for its values.
#include <algorithm>
#include <vector>

#include "calls/mapping.h"

namespace telltale {

void ReadLiteLlmRaw(MapContext& context, Hits hits) {
  if (!context.scope_name.starts_with("litellm")) return;
  Call& call = context.call;
  // Several providers' members: which one counts must not hang on their order.
  std::vector<Hit> sorted(hits.begin(), hits.end());
  std::ranges::sort(sorted, {}, [](const Hit& hit) { return hit.attribute->key; });
  for (const Hit& hit : sorted) {
    std::string_view member = hit.attribute->key.substr(hit.rule->key.size());
    const size_t dot = member.find('.');
    if (dot == std::string_view::npos) continue;
    member.remove_prefix(dot + 1);
    const std::string_view text = context.Text(hit.attribute->value);
    if (member == "id" && call.response.id.empty()) {
      call.response.id = text;
      context.ToldBy("response.id", hit);
    } else if (member == "model" && call.response.model.empty()) {
      call.response.model = text;
      context.ToldBy("response.model", hit);
    } else if (member == "usage") {
      const auto parsed = context.pool.ParseUntrusted(text);
      ClaimUsageObject(parsed.root(), UsagePlace::kWhole, false, context.usage);
      context.ToldBy("usage", hit);
    } else if (member == "messages" && call.input.messages.empty()) {
      const auto parsed = context.pool.ParseUntrusted(text);
      if (context.messages().ReadMessages(parsed.root(), "user", call.input.messages))
        context.ToldBy("input.messages", hit);
    } else if (member == "choices" && call.output.messages.empty()) {
      const auto parsed = context.pool.ParseUntrusted(text);
      if (context.messages().ReadMessages(parsed.root(), "assistant", call.output.messages))
        context.ToldBy("output.messages", hit);
    }
  }
}

}  // namespace telltale
