// The settings of `telltale serve`, out of spec/settings.toml.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace CLI {
class App;
}

namespace telltale {

// ADDR:PORT, PORT (on loopback) or off; IPv6 as [::1]:4317.
struct ListenAddress {
  bool on = true;
  std::string address = "localhost";  // both 127.0.0.1 and ::1
  uint16_t port = 0;

  bool IsLoopback() const;
  std::string Text() const;
};

Result<ListenAddress> ParseListenAddress(std::string_view text);
// 1048576, 64MiB, 2GiB, 10KiB; decimal KB, MB, GB too.
Result<uint64_t> ParseBytes(std::string_view text);

// As given: one text a setting. ServeOptions (serve.h) is what they mean.
struct Settings {
#define TELLTALE_SETTING_TEXT(id, name, fallback, help) std::string id = fallback;
#define TELLTALE_SETTING_ADDRESS(id, name, fallback, help) std::string id = fallback;
#define TELLTALE_SETTING_BYTES(id, name, fallback, help) std::string id = fallback;
#define TELLTALE_SETTING_INT(id, name, fallback, help) std::string id = fallback;
#define TELLTALE_SETTING_FLAG(id, name, fallback, help) bool id = false;
#include "cmd/settings_list.inc"
#undef TELLTALE_SETTING_TEXT
#undef TELLTALE_SETTING_ADDRESS
#undef TELLTALE_SETTING_BYTES
#undef TELLTALE_SETTING_INT
#undef TELLTALE_SETTING_FLAG
};

// Adds a flag and its variable for each setting, and --config.
void AddSettings(CLI::App& command, Settings& settings);

// Once the command line is parsed: sets what neither a flag nor a variable set from the
// file that --config names, or from telltale.toml in the working folder if there is one.
Status ApplySettingsFile(CLI::App& command);

}  // namespace telltale
