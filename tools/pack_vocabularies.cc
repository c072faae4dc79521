// pack_vocabularies FOLDER FILE...: writes FOLDER/NAME.zst for each vocabulary, the assembly
// file that includes them and the table of their symbols.
//
// A file is NAME.tiktoken, or NAME.json in Mistral's or Hugging Face's form. The packed form is
// in src/tokenizer/vocabulary.h. A part of the build: it ends with an error on what it does
// not understand.

#include <zstd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

[[noreturn]] void Stop(const std::filesystem::path& file, const std::string& why) {
  std::cerr << "pack vocabulary: " << file << ": " << why << '\n';
  std::exit(1);
}

std::string ReadFile(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) Stop(file, "cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

void WriteFile(const std::filesystem::path& file, std::string_view bytes) {
  std::ofstream out(file, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) Stop(file, "cannot be written");
}

// False where `text` is not base64.
bool DecodeBase64(std::string_view text, std::string& bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return false;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>(bits >> count & 0xFF));
  }
  return true;
}

using Tokens = std::vector<std::string>;  // by id; empty: no token has it

void Put(const std::filesystem::path& file, Tokens& tokens, size_t id, std::string token) {
  if (token.empty() || token.size() > UINT8_MAX || id > (1u << 24)) {
    Stop(file, "the token of id " + std::to_string(id) + " is not one");
  }
  if (id >= tokens.size()) tokens.resize(id + 1);
  tokens[id] = std::move(token);
}

// One line for each token: its bytes in base64, a space, its id.
Tokens ReadTiktoken(const std::filesystem::path& file, const std::string& text) {
  std::istringstream lines(text);
  Tokens tokens;
  std::string base64;
  size_t id = 0;
  while (lines >> base64 >> id) {
    std::string token;
    if (!DecodeBase64(base64, token)) Stop(file, "token " + base64 + " is not base64");
    Put(file, tokens, id, std::move(token));
  }
  if (!lines.eof()) Stop(file, "it is not lines of base64 and a number");
  return tokens;
}

// Mistral's tekken.json: more tokens than are used, whose ids come behind the special ones.
Tokens ReadTekken(const std::filesystem::path& file, const nlohmann::json& json) {
  const auto& config = json.at("config");
  const auto special = config.at("default_num_special_tokens").get<size_t>();
  const auto ids_end = config.at("default_vocab_size").get<size_t>();
  Tokens tokens;
  for (const auto& entry : json.at("vocab")) {
    const size_t id = special + entry.at("rank").get<size_t>();
    std::string token;
    if (!DecodeBase64(entry.at("token_bytes").get<std::string>(), token)) Stop(file, "not base64");
    if (id < ids_end) Put(file, tokens, id, std::move(token));
  }
  return tokens;
}

// Bytes that print badly stand for themselves as characters from U+0100 on, in order.
std::map<uint32_t, char> ByteCharacters() {
  std::map<uint32_t, char> bytes;
  uint32_t next = 0x100;
  for (uint32_t byte = 0; byte < 256; ++byte) {
    const bool prints = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
    bytes[prints ? byte : next++] = static_cast<char>(byte);
  }
  return bytes;
}

// A tokenizer.json of Hugging Face's tokenizers, of bytes. Its merges must be in the order of
// the ids that they make, for ids are ranks here.
Tokens ReadTokenizerJson(const std::filesystem::path& file, const nlohmann::json& json) {
  const std::map<uint32_t, char> bytes = ByteCharacters();
  const auto& vocabulary = json.at("model").at("vocab");
  std::set<size_t> added;
  for (const auto& token : json.at("added_tokens")) added.insert(token.at("id").get<size_t>());
  Tokens tokens;
  for (const auto& [name, id] : vocabulary.items()) {
    if (added.contains(id.get<size_t>())) continue;
    std::string token;
    for (size_t i = 0; i < name.size(); ++i) {
      const auto lead = static_cast<uint8_t>(name[i]);
      // Characters of one or two bytes only.
      const uint32_t character =
          lead < 0x80 ? lead : (lead & 0x1Fu) << 6 | (static_cast<uint8_t>(name.at(++i)) & 0x3Fu);
      const auto found = bytes.find(character);
      if (found == bytes.end()) Stop(file, "token " + name + " is not made of bytes");
      token.push_back(found->second);
    }
    Put(file, tokens, id.get<size_t>(), std::move(token));
  }
  size_t last = 0;
  for (const auto& merge : json.at("model").at("merges")) {
    std::string made = merge.get<std::string>();
    made.erase(made.find(' '), 1);
    const auto id = vocabulary.at(made).get<size_t>();
    if (id <= last) Stop(file, "its merges are not in the order of their ids");
    last = id;
  }
  return tokens;
}

Tokens Read(const std::filesystem::path& file) {
  const std::string text = ReadFile(file);
  if (file.extension() != ".json") return ReadTiktoken(file, text);
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    return json.contains("model") ? ReadTokenizerJson(file, json) : ReadTekken(file, json);
  } catch (const nlohmann::json::exception& error) {
    Stop(file, error.what());
  }
}

std::string Pack(const std::filesystem::path& file) {
  const Tokens tokens = Read(file);
  if (tokens.empty()) Stop(file, "it has no tokens");
  std::string packed;
  for (const std::string& token : tokens) {
    packed.push_back(static_cast<char>(token.size()));
    packed += token;
  }
  return packed;
}

std::string Compress(const std::filesystem::path& file, const std::string& bytes) {
  constexpr int kLevel = 19;
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), kLevel);
  if (ZSTD_isError(size) != 0) Stop(file, ZSTD_getErrorName(size));
  out.resize(size);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: pack_vocabularies FOLDER FILE...\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  std::string assembly = ".section .rodata, \"a\"\n";
  std::string table;
  for (int i = 2; i < argc; ++i) {
    const std::filesystem::path file = argv[i];
    const std::string name = file.stem().string();
    const std::filesystem::path packed = folder / (name + ".zst");
    WriteFile(packed, Compress(file, Pack(file)));
    const std::string symbol = "telltale_vocabulary_" + std::to_string(i - 2);
    assembly += ".global " + symbol + ", " + symbol + "_end\n";
    assembly += symbol + ":\n.incbin \"" + packed.string() + "\"\n" + symbol + "_end:\n";
    table += "TELLTALE_VOCABULARY(" + symbol + ", \"" + name + "\")\n";
  }
  assembly += ".section .note.GNU-stack, \"\", @progbits\n";
  WriteFile(folder / "vocabularies.S", assembly);
  WriteFile(folder / "vocabularies.inc", table);
  return 0;
}
