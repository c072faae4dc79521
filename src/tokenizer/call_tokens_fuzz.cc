// Any messages, tools and models: counting gives the same twice, and never fewer than none.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "base/check.h"
#include "tokenizer/call_tokens.h"

namespace telltale {
namespace {

// Takes the bytes up to the next zero.
std::string_view Take(std::string_view& rest) {
  const std::string_view taken = rest.substr(0, rest.find('\0'));
  rest.remove_prefix(std::min(rest.size(), taken.size() + 1));
  return taken;
}

void Fill(std::string_view rest, Call& call) {
  constexpr std::string_view kModels[] = {"gpt-4o", "gpt-4-0613", "gpt-5", "gpt-oss-120b", "nobody's"};
  call.kind = CallKind::kLlm;
  while (!rest.empty()) {
    const auto what = static_cast<uint8_t>(rest.front());
    rest.remove_prefix(1);
    const uint32_t at = static_cast<uint32_t>(call.parts.size());
    switch (what % 6) {
      case 0:
        call.response.model = kModels[what / 6 % std::size(kModels)];
        break;
      case 1:
        call.tool_definitions.push_back(
            {.name = Take(rest), .description = Take(rest), .parameters = Take(rest)});
        break;
      case 2:
        call.kind = static_cast<CallKind>(what / 6 % 14);
        break;
      default:
        call.parts.push_back({.type = static_cast<PartType>(what / 6 % 10),
                              .text = Take(rest),
                              .name = Take(rest),
                              .arguments = Take(rest)});
        (what % 6 == 3 ? call.output : call.input).messages.push_back({.role = Take(rest), .parts = {at, 1}});
    }
  }
}

}  // namespace
}  // namespace telltale

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static telltale::CallTokens call_tokens;
  telltale::Call call;
  telltale::Fill({reinterpret_cast<const char*>(data), size}, call);
  const telltale::CountedUsage first = call_tokens.Count(call);
  const telltale::CountedUsage second = call_tokens.Count(call);
  TELLTALE_CHECK(first.usage.input_tokens == second.usage.input_tokens, "counted twice, and otherwise");
  TELLTALE_CHECK(first.usage.output_tokens == second.usage.output_tokens, "counted twice, and otherwise");
  TELLTALE_CHECK(first.usage.input_tokens >= -1 && first.usage.output_tokens >= -1, "fewer than none");
  return 0;
}
