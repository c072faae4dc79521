#include "pricing/built_in.h"

#include <string_view>
#include <utility>

#include "base/check.h"

namespace telltale {
namespace {

constexpr std::pair<std::string_view, std::string_view> kFiles[] = {
#include "pricing/price_files.inc"
};

}  // namespace

std::vector<PriceFile> BuiltInPriceFiles() {
  std::vector<PriceFile> files;
  for (const auto& [name, text] : kFiles) {
    auto file = ReadPriceFileUntrusted(text, std::string(name));
    TELLTALE_CHECK(file, file ? "" : file.error().message);
    files.push_back(std::move(*file));
  }
  return files;
}

}  // namespace telltale
