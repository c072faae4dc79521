// pack_vocabularies FOLDER FILE.tiktoken...: writes FOLDER/NAME.zst for each vocabulary, the
// assembly file that includes them and the table of their symbols.
//
// A .tiktoken file has one line for each token: its bytes in base64, a space, its id. The
// packed form is in src/tokenizer/vocabulary.h. A part of the build: it ends with an error
// on what it does not understand.

#include <zstd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
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

std::string Pack(const std::filesystem::path& file) {
  std::istringstream lines(ReadFile(file));
  std::vector<std::string> tokens;
  std::string text;
  size_t id = 0;
  while (lines >> text >> id) {
    std::string token;
    if (!DecodeBase64(text, token) || token.empty() || token.size() > UINT8_MAX || id > (1u << 24)) {
      Stop(file, "token " + text + " is not one");
    }
    if (id >= tokens.size()) tokens.resize(id + 1);
    tokens[id] = token;
  }
  if (!lines.eof() || tokens.empty()) Stop(file, "it is not lines of base64 and a number");
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
    std::cerr << "usage: pack_vocabularies FOLDER FILE.tiktoken...\n";
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
