// Requests of any bytes: no crash, and what is accepted can be answered from.
#include <cstdint>
#include <cstdlib>

#include "simulate/answers.h"
#include "simulate/api_request.h"
#include "simulate/schema_value.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto chat = telltale::ParseChatRequestUntrusted(bytes);
  if (chat && chat->messages.empty()) std::abort();
  telltale::Dice dice(1);
  if (chat) telltale::ComposeAnswer(chat->LastUserText(), dice);
  telltale::ParseCompletionRequestUntrusted(bytes);
  telltale::ParseEmbeddingRequestUntrusted(bytes);
  if (telltale::SchemaValueUntrusted(bytes, bytes, dice).empty()) std::abort();
  return 0;
}
