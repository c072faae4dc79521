#include "query/sql_settings.h"

#include <algorithm>
#include <charconv>

namespace telltale {
namespace {

using Use = SqlSettingRule::Use;
using Type = SqlSettingRule::Type;

constexpr SqlSettingRule kRules[] = {
    {"max_execution_time", Use::kLimit, Type::kSeconds, "300", "Seconds that a statement may take."},
    {"max_memory_usage", Use::kLimit, Type::kNumber, "150000000", "Bytes that a statement may take."},
    {"max_result_rows", Use::kLimit, Type::kNumber, "0", "Rows of an answer; 0: no limit."},
    {"max_result_bytes", Use::kLimit, Type::kNumber, "0", "Bytes of an answer; 0: no limit."},
    {"max_rows_to_read", Use::kLimit, Type::kNumber, "0", "Rows that may be read; 0: no limit."},
    {"max_bytes_to_read", Use::kLimit, Type::kNumber, "0", "Bytes that may be read; 0: no limit."},
    {"max_columns_to_read", Use::kLimit, Type::kNumber, "0", "Columns that may be read; 0: no limit."},
    {"max_rows_to_group_by", Use::kLimit, Type::kNumber, "0", "Groups that there may be; 0: no limit."},
    {"limit", Use::kLimit, Type::kNumber, "0", "Rows that are answered, the others left out; 0: all."},
    {"result_overflow_mode", Use::kOutput, Type::kWord, "throw",
     "At a limit of the answer: throw an error, or break off."},

    {"date_time_output_format", Use::kOutput, Type::kWord, "simple", "simple, iso or unix_timestamp."},
    {"session_timezone", Use::kOutput, Type::kZone, "UTC", "The time zone of times that have none."},
    {"format_csv_delimiter", Use::kOutput, Type::kCharacter, ",", "Between two columns of CSV."},
    {"output_format_arrow_compression_method", Use::kOutput, Type::kWord, "lz4_frame", "none, zstd ..."},
    {"output_format_arrow_string_as_string", Use::kOutput, Type::kBool, "1", "Strings as utf8."},
    {"output_format_binary_write_json_as_string", Use::kOutput, Type::kBool, "0", "JSON as text."},
    {"output_format_bool_as_number", Use::kOutput, Type::kBool, "0", "Bool as 0 and 1."},
    {"output_format_csv_crlf_end_of_line", Use::kOutput, Type::kBool, "0", "CSV lines end in CR LF."},
    {"output_format_decimal_trailing_zeros", Use::kOutput, Type::kBool, "0", "Zeros of decimals."},
    {"output_format_json_escape_forward_slashes", Use::kOutput, Type::kBool, "1", "Slashes as \\/."},
    {"output_format_json_named_tuples_as_objects", Use::kOutput, Type::kBool, "1", "Tuples as objects."},
    {"output_format_json_quote_64bit_floats", Use::kOutput, Type::kBool, "0", "Float64 as text."},
    {"output_format_json_quote_64bit_integers", Use::kOutput, Type::kBool, "0", "64-bit integers as text."},
    {"output_format_json_quote_decimals", Use::kOutput, Type::kBool, "0", "Decimals as text."},
    {"output_format_json_quote_denormals", Use::kOutput, Type::kBool, "0", "nan and inf as text."},
    {"output_format_json_validate_utf8", Use::kOutput, Type::kBool, "1", "Repair what is not UTF-8."},
    {"output_format_native_encode_types_in_binary_format", Use::kOutput, Type::kBool, "0", "Types as bytes."},
    {"output_format_native_write_json_as_string", Use::kOutput, Type::kBool, "0", "JSON as text."},
    {"output_format_parquet_compression_method", Use::kOutput, Type::kWord, "zstd", "snappy, lz4, zstd ..."},
    {"output_format_parquet_string_as_string", Use::kOutput, Type::kBool, "1", "Strings as utf8."},
    {"output_format_pretty_color", Use::kOutput, Type::kWord, "auto", "Colours in Pretty: 0, 1 or auto."},
    {"output_format_pretty_row_numbers", Use::kOutput, Type::kBool, "1", "Row numbers in Pretty."},
    {"output_format_tsv_crlf_end_of_line", Use::kOutput, Type::kBool, "0", "TSV lines end in CR LF."},

    {"add_http_cors_header", Use::kIgnored, Type::kAny, "0", "Not answered."},
    {"allow_experimental_analyzer", Use::kIgnored, Type::kAny, "1", "Always on."},
    {"async_insert", Use::kIgnored, Type::kAny, "0", "Nothing is inserted here."},
    {"buffer_size", Use::kIgnored, Type::kAny, "0", "Fixed."},
    {"cancel_http_readonly_queries_on_client_close", Use::kIgnored, Type::kAny, "1", "Always on."},
    {"client_protocol_version", Use::kIgnored, Type::kAny, "0", "Native is written for all versions."},
    {"connect_timeout", Use::kIgnored, Type::kAny, "10", "Of the client."},
    {"date_time_input_format", Use::kIgnored, Type::kAny, "basic", "Nothing is inserted here."},
    {"enable_http_compression", Use::kIgnored, Type::kAny, "0", "Whether Accept-Encoding counts."},
    {"http_connection_timeout", Use::kIgnored, Type::kAny, "1", "Of the client."},
    {"http_headers_progress_interval_ms", Use::kIgnored, Type::kAny, "100", "Progress is told once."},
    {"http_make_head_request", Use::kIgnored, Type::kAny, "1", "Of the client."},
    {"http_receive_timeout", Use::kIgnored, Type::kAny, "30", "Of the client."},
    {"http_response_buffer_size", Use::kIgnored, Type::kAny, "0", "Fixed."},
    {"http_send_timeout", Use::kIgnored, Type::kAny, "30", "Of the client."},
    {"http_zlib_compression_level", Use::kIgnored, Type::kAny, "3", "Fixed."},
    {"http_write_exception_in_output_format", Use::kIgnored, Type::kAny, "0", "Errors are text."},
    {"input_format_null_as_default", Use::kIgnored, Type::kAny, "1", "Nothing is inserted here."},
    {"insert_deduplicate", Use::kIgnored, Type::kAny, "1", "Nothing is inserted here."},
    {"log_comment", Use::kIgnored, Type::kAny, "", "There is no query log."},
    {"log_queries", Use::kIgnored, Type::kAny, "0", "There is no query log."},
    {"max_block_size", Use::kIgnored, Type::kAny, "8192", "Fixed."},
    {"max_insert_block_size", Use::kIgnored, Type::kAny, "1048449", "Nothing is inserted here."},
    {"max_query_size", Use::kIgnored, Type::kAny, "65536", "Fixed."},
    {"max_threads", Use::kIgnored, Type::kAny, "2", "Fixed."},
    {"network_compression_method", Use::kIgnored, Type::kAny, "LZ4", "compress=1 is LZ4."},
    {"priority", Use::kIgnored, Type::kAny, "0", "All are equal."},
    {"profile", Use::kIgnored, Type::kAny, "", "There is one."},
    {"query_cache_ttl", Use::kIgnored, Type::kAny, "60", "There is no query cache."},
    {"quota_key", Use::kIgnored, Type::kAny, "", "There are no quotas."},
    {"readonly", Use::kIgnored, Type::kAny, "1", "Always on."},
    {"receive_timeout", Use::kIgnored, Type::kAny, "300", "Of the client."},
    {"role", Use::kIgnored, Type::kAny, "", "There is one user."},
    {"send_progress_in_http_headers", Use::kIgnored, Type::kAny, "0", "Whether progress is told."},
    {"send_timeout", Use::kIgnored, Type::kAny, "300", "Of the client."},
    {"session_check", Use::kIgnored, Type::kAny, "0", "There are no sessions."},
    {"session_id", Use::kIgnored, Type::kAny, "", "There are no sessions."},
    {"session_timeout", Use::kIgnored, Type::kAny, "60", "There are no sessions."},
    {"use_query_cache", Use::kIgnored, Type::kAny, "0", "There is no query cache."},
    {"wait_end_of_query", Use::kIgnored, Type::kAny, "0", "Whether the answer waits for its end."},
};

bool AllOf(std::string_view text, std::string_view more) {
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || more.contains(c);
  });
}

bool IsNumber(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool IsSeconds(std::string_view text) {
  const size_t dot = std::min(text.find('.'), text.size());
  return IsNumber(text.substr(0, dot)) && (dot == text.size() || AllOf(text.substr(dot + 1), "")) &&
         text.find_first_not_of("0123456789.") == text.npos && text.size() <= 20;
}

}  // namespace

Status SqlSettingRule::Check(std::string_view given) const {
  bool is_right = true;
  std::string_view wanted;
  switch (type) {
    case Type::kAny:
      break;
    case Type::kBool:
      is_right = given == "0" || given == "1" || given == "true" || given == "false";
      wanted = "0 or 1";
      break;
    case Type::kNumber:
      is_right = IsNumber(given);
      wanted = "a whole number";
      break;
    case Type::kSeconds:
      is_right = IsSeconds(given);
      wanted = "a number of seconds";
      break;
    case Type::kWord:
      is_right = !given.empty() && given.size() <= 40 && AllOf(given, "_");
      wanted = "a word";
      break;
    case Type::kZone:
      is_right = !given.empty() && given.size() <= 64 && AllOf(given, "_/+-");
      wanted = "a time zone";
      break;
    case Type::kCharacter:
      is_right = given.size() == 1 && (given[0] == '\t' || (given[0] > ' ' && given[0] <= '~'));
      wanted = "one character";
      break;
  }
  if (is_right) return {};
  return Fail(ErrorCode::kInvalidInput, "set " + std::string(name) + ": '" +
                                            std::string(given.substr(0, 100)) + "': not " +
                                            std::string(wanted));
}

std::string_view SqlSettingRule::TypeName() const {
  switch (type) {
    case Type::kBool:
      return "Bool";
    case Type::kNumber:
      return "UInt64";
    case Type::kSeconds:
      return "Seconds";
    case Type::kCharacter:
      return "Char";
    default:
      return "String";
  }
}

std::span<const SqlSettingRule> SqlSettingRules() {
  return kRules;
}

const SqlSettingRule* FindSqlSettingRule(std::string_view name) {
  const auto* found = std::ranges::find(kRules, name, &SqlSettingRule::name);
  return found == std::end(kRules) ? nullptr : found;
}

}  // namespace telltale
