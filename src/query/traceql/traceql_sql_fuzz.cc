// What any text of a user becomes in SQL: the text itself is never part of it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "query/traceql/joined_rows.h"
#include "query/traceql/search.h"

namespace {

// Ours is printable; what users wrote is in parameters.
void CheckText(std::string_view sql) {
  for (const char byte : sql) {
    const bool is_mark = byte == telltale::traceql::kRangeMark || byte == telltale::traceql::kTracesRangeMark;
    TELLTALE_CHECK(is_mark || (byte >= 0x20 && byte < 0x7f), "a user's bytes are in a statement");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using telltale::traceql::DriverForm;
  const auto query = telltale::TraceQuery::Parse({reinterpret_cast<const char*>(data), size});
  if (!query) return 0;
  const telltale::traceql::Plan& plan = (*query)->plan();
  for (const DriverForm form : {DriverForm::kAlone, DriverForm::kWithNeeds})
    CheckText(DriverOf(plan, form, {}).piece.text);
  const telltale::TraceId id;
  CheckText(TraceTablesStatement(plan, {.ids = {&id, 1}, .range = {}}).sql);
  return 0;
}
