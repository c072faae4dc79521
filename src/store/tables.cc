#include "store/tables.h"

namespace telltale {

std::string_view TableOf(BlockKind kind) {
  switch (kind) {
    case BlockKind::kSpans:
      return "spans";
    case BlockKind::kLogs:
      return "logs";
    case BlockKind::kMetrics:
      return "metrics";
    case BlockKind::kCalls:
      return "calls";
    case BlockKind::kContent:
    case BlockKind::kSaidContent:
      return "content";
    case BlockKind::kWords:
      return "words";
  }
  return "spans";
}

}  // namespace telltale
