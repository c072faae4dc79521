// `telltale explain`: what each span of some OTLP requests is as a call, where every
// field came from, and what was left out.
//
//   Explainer explainer(RuleTable::BuiltIn());
//   TELLTALE_RETURN_IF_ERROR(explainer.AddUntrusted(bytes));     // traces or logs, any encoding
//   std::string text = explainer.Text();                         // or Json()
//
// Ownership      Copies what it is given, but for texts of the spans of ExplainWhole(): that
//                batch must live until the last answer.
// Thread safety  One thread at a time.
// Failure        kInvalidInput: bytes that are neither a traces nor a logs request.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "calls/rules.h"
#include "trace/batch.h"

namespace telltale {

class Explainer {
 public:
  // `rules` must outlive the Explainer.
  explicit Explainer(const RuleTable& rules);
  ~Explainer();

  // One request, or JSON lines with one a line.
  Status AddUntrusted(std::string_view bytes);
  // A whole trace with its log records, alone. REQUIRES: nothing was added.
  void ExplainWhole(const Batch& batch);

  std::string Text();  // for people
  // {"calls": [{trace_id, span_id, name, call, fields: [...], ignored: [...]}], "totals": {...}, "spans": n}
  std::string Json();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace telltale
