// Which encodings exist, of what they are made, and which models count with them.
//
//   const Encoding* encoding = EncodingOfModel("gpt-4o-2024-08-06");   // o200k_base
//
// Thread safety  Any: constant tables.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "tokenizer/split.h"

namespace telltale {

struct SpecialToken {
  std::string_view text;
  uint32_t id;
};

struct Encoding {
  std::string_view name;
  std::string_view vocabulary;  // the name of the embedded one
  uint32_t ids_end;             // ids of the vocabulary from here on are not part of it
  SplitRule rule;
  std::span<const SpecialToken> special;
  // <|reserved_N|> for each N of [begin, end) that `special` leaves free.
  uint32_t reserved_begin = 0;
  uint32_t reserved_end = 0;
  // A chat's messages cost what the OpenAI cookbook says (call_tokens.h).
  bool openai_chat = true;
  // Texts are brought into Unicode's normal form C first.
  bool nfc = false;
};

std::span<const Encoding> Encodings();

// nullptr where there is none of that name.
const Encoding* EncodingByName(std::string_view name);
const Encoding* EncodingOfModel(std::string_view model);

}  // namespace telltale
