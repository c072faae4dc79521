// Any bytes as a vocabulary file: refused with a reason, or a tokenizer.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "tokenizer/llama.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto llama = telltale::LlamaTokenizer::ReadUntrusted({reinterpret_cast<const char*>(data), size});
  TELLTALE_CHECK(llama || !llama.error().message.empty(), "refused without a reason");
  return 0;
}
