#include "settings.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

namespace telltale {
namespace {

std::string VariableOf(std::string_view name) {
  std::string variable = "TELLTALE_";
  for (const char c : name)
    variable += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

void AddText(CLI::App& command, std::string_view name, std::string& value, std::string_view help) {
  command.add_option("--" + std::string(name), value, std::string(help))
      ->envname(VariableOf(name))
      ->capture_default_str();
}

void AddFlag(CLI::App& command, std::string_view name, bool& value, std::string_view help) {
  command.add_flag("--" + std::string(name), value, std::string(help))->envname(VariableOf(name));
}

}  // namespace

bool ListenAddress::IsLoopback() const {
  return address == "localhost" || address == "::1" || address.starts_with("127.");
}

std::string ListenAddress::Text() const {
  const bool v6 = address.find(':') != std::string::npos;
  return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  ListenAddress parsed;
  if (text == "off") {
    parsed.on = false;
    return parsed;
  }
  std::string_view port = text;
  if (const size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    std::string_view address = text.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    parsed.address = address.empty() ? "0.0.0.0" : std::string(address);
    port = text.substr(colon + 1);
  }
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), parsed.port);
  if (error != std::errc() || end != port.data() + port.size() || port.empty()) {
    return Fail(ErrorCode::kInvalidInput, "read an address: '" + std::string(text) + "': no port in it",
                "write ADDR:PORT, PORT or off");
  }
  return parsed;
}

Result<uint64_t> ParseBytes(std::string_view text) {
  constexpr std::pair<std::string_view, uint64_t> kUnits[] = {
      {"", 1},
      {"B", 1},
      {"KiB", 1ull << 10},
      {"MiB", 1ull << 20},
      {"GiB", 1ull << 30},
      {"TiB", 1ull << 40},
      {"KB", 1'000},
      {"MB", 1'000'000},
      {"GB", 1'000'000'000},
      {"TB", 1'000'000'000'000},
  };
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  const auto* known = std::ranges::find(kUnits, unit, [](const auto& pair) { return pair.first; });
  uint64_t bytes = 0;
  if (error != std::errc() || known == std::end(kUnits) ||
      __builtin_mul_overflow(number, known->second, &bytes)) {
    return Fail(ErrorCode::kInvalidInput, "read a size: '" + std::string(text) + "': not a number of bytes",
                "write a whole number and a unit, as in 512MiB");
  }
  return bytes;
}

void AddSettings(CLI::App& command, Settings& settings) {
#define TELLTALE_SETTING_TEXT(id, name, fallback, help) AddText(command, name, settings.id, help);
#define TELLTALE_SETTING_ADDRESS(id, name, fallback, help) AddText(command, name, settings.id, help);
#define TELLTALE_SETTING_BYTES(id, name, fallback, help) AddText(command, name, settings.id, help);
#define TELLTALE_SETTING_INT(id, name, fallback, help) AddText(command, name, settings.id, help);
#define TELLTALE_SETTING_FLAG(id, name, fallback, help) AddFlag(command, name, settings.id, help);
#include "cmd/settings_list.inc"
#undef TELLTALE_SETTING_TEXT
#undef TELLTALE_SETTING_ADDRESS
#undef TELLTALE_SETTING_BYTES
#undef TELLTALE_SETTING_INT
#undef TELLTALE_SETTING_FLAG
}

}  // namespace telltale
