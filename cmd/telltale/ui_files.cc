#include "ui_files.h"

#include <string_view>

// Declared by the assembly file that holds the bytes.
#define TELLTALE_UI_FILE(symbol, path, type, immutable) \
  extern "C" const char symbol[], symbol##_end[];       \
  extern "C" __attribute__((weak)) const char symbol##_gz[], symbol##_gz_end[];
#include "cmd/ui_files.inc"
#undef TELLTALE_UI_FILE

namespace telltale {
namespace {

[[maybe_unused]] std::string_view Between(const char* begin, const char* end) {
  return begin == nullptr ? std::string_view() : std::string_view(begin, static_cast<size_t>(end - begin));
}

}  // namespace

std::vector<StaticFile> UiFiles() {
  return {
#define TELLTALE_UI_FILE(symbol, path, type, immutable) \
  {path, type, Between(symbol, symbol##_end), Between(symbol##_gz, symbol##_gz_end), immutable},
#include "cmd/ui_files.inc"
#undef TELLTALE_UI_FILE
  };
}

}  // namespace telltale
