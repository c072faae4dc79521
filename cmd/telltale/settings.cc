#include "settings.h"

#include <toml++/toml.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
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

// The text that the flag would have been given.
std::string TextOf(const toml::node& value) {
  if (const auto text = value.value<std::string>()) return *text;
  if (const auto* flag = value.as_boolean()) return flag->get() ? "true" : "false";
  if (const auto* number = value.as_integer()) return std::to_string(number->get());
  return {};
}

Status ApplySetting(CLI::App& command, const std::string& file, std::string_view name,
                    const toml::node& value) {
  CLI::Option* option = command.get_option_no_throw("--" + std::string(name));
  const std::string place =
      file + ": line " + std::to_string(value.source().begin.line) + ": " + std::string(name);
  if (option == nullptr || name == "config") {
    return Fail(ErrorCode::kInvalidInput, place + ": no such setting", "telltale serve --help lists them");
  }
  const std::string text = TextOf(value);
  if (text.empty() && !value.is_string()) {
    return Fail(ErrorCode::kInvalidInput, place + ": not a text, a whole number, true or false");
  }
  if (option->count() > 0) return {};
  option->add_result(text);
  option->run_callback();
  return {};
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
  command.add_option("--config",
                     "File of settings as TOML, one NAME = value a line; telltale.toml if there is one");
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

Status ApplySettingsFile(CLI::App& command) {
  const CLI::Option* config = command.get_option("--config");
  const std::string file = config->count() > 0 ? config->as<std::string>() : "telltale.toml";
  if (config->count() == 0 && !std::filesystem::exists(file)) return {};
  try {
    const toml::table table = toml::parse_file(file);
    for (const auto& [name, value] : table)
      TELLTALE_RETURN_IF_ERROR(ApplySetting(command, file, name.str(), value));
  } catch (const toml::parse_error& error) {
    return Fail(ErrorCode::kInvalidInput, "read settings: " + file + ": line " +
                                              std::to_string(error.source().begin.line) + ": " +
                                              std::string(error.description()));
  }
  return {};
}

}  // namespace telltale
