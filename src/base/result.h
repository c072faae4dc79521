// Result<T> is a value or an Error; Status is success or an Error.
//
//   Result<Config> LoadConfig(const std::string& path);
//
//   TELLTALE_ASSIGN_OR_RETURN(Config config, LoadConfig(path));
//   TELLTALE_RETURN_IF_ERROR(Start(config));
//
// The code says what the caller can do; the message says *what failed: which
// value: why*; the hint, where we know one, says what a person can do next.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace telltale {

enum class ErrorCode : uint8_t {
  kInvalidInput,  // The caller sent something that can never work.
  kNotFound,      // What was asked for does not exist.
  kUnavailable,   // Try again later: nothing was done.
  kOverLimit,     // A limit in bytes, rows or time was reached.
  kCorrupt,       // Bytes on disk or on the wire are not what was written.
  kInternal,      // We are wrong.
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string hint;
};

// std::expected that the compiler does not let anyone ignore.
template <typename T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};
using Status = Result<void>;

inline std::unexpected<Error> Fail(ErrorCode code, std::string message, std::string hint = {}) {
  return std::unexpected<Error>(Error{code, std::move(message), std::move(hint)});
}

// The stable, lower-case name that APIs show.
inline std::string_view ErrorCodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidInput:
      return "invalid_input";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kOverLimit:
      return "over_limit";
    case ErrorCode::kCorrupt:
      return "corrupt";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "internal";
}

}  // namespace telltale

#define TELLTALE_CONCAT_INNER(a, b) a##b
#define TELLTALE_CONCAT(a, b) TELLTALE_CONCAT_INNER(a, b)

#define TELLTALE_RETURN_IF_ERROR(expression)                                         \
  do {                                                                               \
    if (auto telltale_status = (expression); !telltale_status) {                     \
      return std::unexpected<::telltale::Error>(std::move(telltale_status.error())); \
    }                                                                                \
  } while (false)

#define TELLTALE_ASSIGN_OR_RETURN(declaration, expression)               \
  auto TELLTALE_CONCAT(telltale_result_, __LINE__) = (expression);       \
  if (!TELLTALE_CONCAT(telltale_result_, __LINE__)) {                    \
    return std::unexpected<::telltale::Error>(                           \
        std::move(TELLTALE_CONCAT(telltale_result_, __LINE__).error())); \
  }                                                                      \
  declaration = std::move(*TELLTALE_CONCAT(telltale_result_, __LINE__))
