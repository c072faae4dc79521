#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/text.h"
#include "json/writer.h"
#include "tokenizer/llama.h"
#include "tokenizer/tokenizer.h"

namespace telltale {
namespace {

struct Counted {
  std::string file;
  uint64_t bytes = 0;
  uint64_t tokens = 0;
  std::vector<uint32_t> ids;  // only where they were asked for
};

Result<std::string> ReadAll(const std::string& file, std::istream& in) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(in), {});
  std::error_code ec;
  std::ifstream opened(file, std::ios::binary);
  // A folder opens, but cannot be read.
  if (!opened.is_open() || std::filesystem::is_directory(file, ec)) {
    return Fail(ErrorCode::kNotFound, "read " + file + ": no such file, or it cannot be read");
  }
  return std::string(std::istreambuf_iterator<char>(opened), {});
}

Result<Counted> CountFile(const Tokenizer& tokenizer, const TokensOptions& options, const std::string& file,
                          std::istream& in) {
  TELLTALE_ASSIGN_OR_RETURN(const std::string text, ReadAll(file, in));
  const SpecialText special = options.special ? SpecialText::kToken : SpecialText::kOrdinary;
  Counted counted{.file = file, .bytes = text.size(), .tokens = 0, .ids = {}};
  if (options.ids) {
    tokenizer.Encode(text, counted.ids, special);
    counted.tokens = counted.ids.size();
  } else {
    counted.tokens = tokenizer.Count(text, special);
  }
  return counted;
}

void PrintJson(const Tokenizer& tokenizer, const TokensOptions& options, const Counted& counted,
               Terminal& terminal) {
  std::string line;
  JsonWriter json(line);
  json.BeginObject();
  json.Key("file").String(counted.file);
  json.Key("encoding").String(tokenizer.encoding());
  json.Key("bytes").Uint(counted.bytes);
  json.Key("tokens").Uint(counted.tokens);
  json.Key("counted_as").String("text");
  if (options.ids) {
    json.Key("ids").BeginArray();
    for (const uint32_t id : counted.ids) json.Uint(id);
    json.EndArray();
  }
  json.EndObject();
  terminal.out << line << '\n';
}

void PrintText(const TokensOptions& options, const Counted& counted, Terminal& terminal) {
  if (options.ids) {
    for (size_t i = 0; i < counted.ids.size(); ++i) terminal.out << (i > 0 ? " " : "") << counted.ids[i];
  } else {
    terminal.out << counted.tokens;
    if (options.files.size() > 1) terminal.out << '\t' << Printable(counted.file);
  }
  terminal.out << '\n';
}

// What counts, and its owner where the program does not own it.
struct Chosen {
  const Tokenizer* tokenizer = nullptr;
  std::unique_ptr<const LlamaTokenizer> llama;
};

Result<Chosen> Choose(const TokensOptions& options, std::istream& in) {
  Chosen chosen;
  if (!options.llama_file.empty()) {
    TELLTALE_ASSIGN_OR_RETURN(const std::string file, ReadAll(options.llama_file, in));
    TELLTALE_ASSIGN_OR_RETURN(chosen.llama, LlamaTokenizer::ReadUntrusted(file));
    chosen.tokenizer = &chosen.llama->tokenizer();
  } else if (!options.encoding.empty()) {
    TELLTALE_ASSIGN_OR_RETURN(chosen.tokenizer, Tokenizer::ForEncoding(options.encoding));
  } else {
    TELLTALE_ASSIGN_OR_RETURN(chosen.tokenizer, Tokenizer::ForModel(options.model));
  }
  return chosen;
}

}  // namespace

int RunTokens(const TokensOptions& options, std::istream& in, Terminal& terminal) {
  const int told = (options.model.empty() ? 0 : 1) + (options.encoding.empty() ? 0 : 1) +
                   (options.llama_file.empty() ? 0 : 1);
  if (told != 1) {
    return ReportError(
        {ErrorCode::kInvalidInput, "choose how to count: exactly one of --model, --encoding and --llama",
         "telltale tokens --model gpt-4o FILE"},
        terminal);
  }
  const auto chosen = Choose(options, in);
  if (!chosen) return ReportError(chosen.error(), terminal);
  const Tokenizer& tokenizer = *chosen->tokenizer;
  int code = kExitOk;
  for (const std::string& file : options.files) {
    const auto counted = CountFile(tokenizer, options, file, in);
    if (!counted) {
      code = ReportError(counted.error(), terminal);
    } else if (options.json) {
      PrintJson(tokenizer, options, *counted, terminal);
    } else {
      PrintText(options, *counted, terminal);
    }
  }
  return code;
}

}  // namespace telltale
