// Structured log lines on stderr: `2026-01-02T03:04:05.678Z level message key=value ...`
//
//   Log(LogLevel::kInfo, "segment sealed", {{"segment", 7}, {"bytes", size}});
//
// Thread safety  May be called from any thread.
// Not for hot paths: a line costs a system call. Count there instead (counters.h).
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace telltale {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

struct LogField {
  template <std::integral T>
  LogField(std::string_view field_key, T number) : key(field_key), value(std::to_string(number)) {}
  LogField(std::string_view field_key, double number) : key(field_key), value(std::to_string(number)) {}
  LogField(std::string_view field_key, bool flag) : key(field_key), value(flag ? "true" : "false") {}
  LogField(std::string_view field_key, std::string_view text) : key(field_key), value(text) {}
  LogField(std::string_view field_key, const char* text) : key(field_key), value(text) {}
  LogField(std::string_view field_key, const std::string& text) : key(field_key), value(text) {}

  std::string_view key;
  std::string value;
};

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

// Lines below `level` are dropped. The default is kInfo.
void SetLogLevel(LogLevel level);

}  // namespace telltale
