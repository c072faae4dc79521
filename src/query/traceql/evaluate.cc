#include "query/traceql/evaluate.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <unordered_map>
#include <variant>

#include "base/overloaded.h"
#include "query/traceql/comparison.h"
#include "traceql/format.h"

namespace telltale::traceql {
namespace {

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
constexpr double kNil = std::numeric_limits<double>::quiet_NaN();

using Places = std::vector<uint32_t>;

// Who is whose child, and an order in which parents come before their children.
struct Tree {
  explicit Tree(const TraceTable& trace)
      : parent(trace.spans.size(), kNone), first_child(parent), next_sibling(parent) {
    std::map<SpanId, uint32_t> places;
    for (uint32_t i = 0; i < trace.spans.size(); ++i) places.emplace(trace.spans[i].span_id, i);
    // Backwards, so that children hang in the order of their start.
    for (auto i = static_cast<uint32_t>(trace.spans.size()); i-- > 0;) {
      const auto at = places.find(trace.spans[i].parent_id);
      if (trace.spans[i].parent_id.IsZero() || at == places.end() || at->second == i) continue;
      parent[i] = at->second;
      next_sibling[i] = first_child[at->second];
      first_child[at->second] = i;
    }
    order.reserve(parent.size());
    for (uint32_t i = 0; i < parent.size(); ++i) {
      if (parent[i] == kNone) order.push_back(i);
    }
    for (size_t at = 0; at < order.size(); ++at) {
      for (uint32_t child = first_child[order[at]]; child != kNone; child = next_sibling[child])
        order.push_back(child);
    }
  }

  Places parent;
  Places first_child;
  Places next_sibling;
  Places order;  // without what hangs on a circle
};

using Marks = std::vector<uint8_t>;  // beside the spans

class Evaluator {
 public:
  Evaluator(const Plan& plan, const TraceTable& trace) : plan_(plan), trace_(trace) {}

  std::vector<Spanset> Run(const std::vector<Stage>& stages, std::vector<Spanset> sets) {
    for (const Stage& stage : stages) {
      sets = std::visit(Overloaded{[&](const SpansetExpression& spans) { return Filter(spans, sets); },
                                   [&](const ScalarFilter& filter) { return Filter(filter, sets); },
                                   [&](const GroupBy& group) { return Split(group, sets); },
                                   [&](const Select&) { return std::move(sets); },
                                   [&](const Coalesce&) { return Join(sets); }},
                        stage.node);
    }
    return sets;
  }

 private:
  const Tree& tree() {
    if (!tree_) tree_.emplace(trace_);
    return *tree_;
  }

  std::vector<Spanset> Filter(const SpansetExpression& spans, const std::vector<Spanset>& sets) {
    std::vector<Spanset> kept;
    for (const Spanset& set : sets) {
      Spanset result{.spans = Match(spans, set.spans), .keys = set.keys, .numbers = set.numbers};
      if (!result.spans.empty()) kept.push_back(std::move(result));
    }
    return kept;
  }

  Places Match(const SpansetExpression& spans, const Places& input) {
    return std::visit(Overloaded{[&](const SpansetFilter& filter) {
                                   const uint64_t bit = uint64_t{1} << plan_.IndexOf(filter);
                                   Places taken;
                                   std::ranges::copy_if(input, std::back_inserter(taken), [&](uint32_t span) {
                                     return (trace_.spans[span].conditions & bit) != 0;
                                   });
                                   return taken;
                                 },
                                 [&](const SpansetLogical& chain) { return Match(chain, input); },
                                 [&](const SpansetStructural& both) {
                                   return Related(both, Match(*both.left, input), Match(*both.right, input));
                                 },
                                 [&](const SpansetPipeline& pipeline) {
                                   std::vector<Spanset> input_set;
                                   input_set.push_back({.spans = input, .keys = {}, .numbers = {}});
                                   const auto joined = Join(Run(pipeline.stages, std::move(input_set)));
                                   return joined.empty() ? Places() : joined.front().spans;
                                 }},
                      spans.node);
  }

  Places Match(const SpansetLogical& chain, const Places& input) {
    Places all;
    for (const SpansetExpression& operand : chain.operands) {
      const Places some = Match(operand, input);
      if (some.empty() && chain.op == LogicalOperator::kAnd) return {};
      Places both;
      std::ranges::set_union(all, some, std::back_inserter(both));
      all = std::move(both);
    }
    return all;
  }

  Marks MarksOf(const Places& places) const {
    Marks marks(trace_.spans.size());
    for (const uint32_t place : places) marks[place] = 1;
    return marks;
  }

  // Which spans have the relation to one of `to`.
  Marks WithRelation(Relation relation, const Places& to) {
    const Tree& tree = this->tree();
    const Marks wanted = MarksOf(to);
    Marks marks(trace_.spans.size());
    switch (relation) {
      case Relation::kChild:
        for (uint32_t i = 0; i < marks.size(); ++i)
          marks[i] = tree.parent[i] != kNone && wanted[tree.parent[i]] != 0;
        break;
      case Relation::kParent:
        for (const uint32_t span : to) {
          if (tree.parent[span] != kNone) marks[tree.parent[span]] = 1;
        }
        break;
      case Relation::kDescendant:
        for (const uint32_t i : tree.order) {
          const uint32_t parent = tree.parent[i];
          marks[i] = parent != kNone && (wanted[parent] != 0 || marks[parent] != 0);
        }
        break;
      case Relation::kAncestor:
        for (auto at = tree.order.rbegin(); at != tree.order.rend(); ++at) {
          const uint32_t parent = tree.parent[*at];
          if (parent != kNone && (wanted[*at] != 0 || marks[*at] != 0)) marks[parent] = 1;
        }
        break;
      case Relation::kSibling: {
        // Parents that are not in the store are the same by their id.
        std::map<SpanId, uint32_t> wanted_of_parent;
        for (const uint32_t span : to) {
          if (!trace_.spans[span].parent_id.IsZero()) ++wanted_of_parent[trace_.spans[span].parent_id];
        }
        for (uint32_t i = 0; i < marks.size(); ++i) {
          const auto at = wanted_of_parent.find(trace_.spans[i].parent_id);
          marks[i] = at != wanted_of_parent.end() && at->second > wanted[i];
        }
        break;
      }
    }
    return marks;
  }

  static Relation Inverse(Relation relation) {
    switch (relation) {
      case Relation::kChild:
        return Relation::kParent;
      case Relation::kParent:
        return Relation::kChild;
      case Relation::kDescendant:
        return Relation::kAncestor;
      case Relation::kAncestor:
        return Relation::kDescendant;
      case Relation::kSibling:
        break;
    }
    return Relation::kSibling;
  }

  static Places Keep(const Places& places, const Marks& marks, bool marked) {
    Places kept;
    std::ranges::copy_if(places, std::back_inserter(kept),
                         [&](uint32_t place) { return (marks[place] != 0) == marked; });
    return kept;
  }

  Places Related(const SpansetStructural& both, const Places& left, const Places& right) {
    const Places of_right = Keep(right, WithRelation(both.relation, left), both.form != RelationForm::kNone);
    if (both.form != RelationForm::kUnion) return of_right;
    const Places of_left = Keep(left, WithRelation(Inverse(both.relation), right), true);
    Places all;
    std::ranges::set_union(of_left, of_right, std::back_inserter(all));
    return all;
  }

  std::vector<Spanset> Split(const GroupBy& group, const std::vector<Spanset>& sets) {
    std::vector<Spanset> parts;
    std::vector<size_t> columns;
    for (const FieldExpression& key : group.keys) columns.push_back(plan_.KeyOf(key));
    for (const Spanset& set : sets) {
      std::map<std::vector<uint32_t>, size_t> places;
      for (const uint32_t span : set.spans) {
        std::vector<uint32_t> values;
        for (const size_t column : columns)
          values.push_back(trace_.keys[span * plan_.keys().size() + column]);
        const auto [at, is_new] = places.try_emplace(values, parts.size());
        if (is_new) {
          Spanset& part = parts.emplace_back();
          part.keys = set.keys;
          for (size_t i = 0; i < values.size(); ++i)
            part.keys.emplace_back("by(" + Format(group.keys[i]) + ")", values[i]);
        }
        parts[at->second].spans.push_back(span);
      }
    }
    return parts;
  }

  static std::vector<Spanset> Join(const std::vector<Spanset>& sets) {
    Places all;
    for (const Spanset& set : sets) {
      Places both;
      std::ranges::set_union(all, set.spans, std::back_inserter(both));
      all = std::move(both);
    }
    std::vector<Spanset> joined;
    if (!all.empty()) joined.push_back({.spans = std::move(all), .keys = {}, .numbers = {}});
    return joined;
  }

  std::vector<Spanset> Filter(const ScalarFilter& filter, std::vector<Spanset>& sets) {
    std::vector<Spanset> kept;
    for (Spanset& set : sets) {
      const double left = NumberOf(filter.left, set);
      const double right = NumberOf(filter.right, set);
      if (Holds(filter.op, left, right)) kept.push_back(std::move(set));
    }
    return kept;
  }

  double NumberOf(const ScalarExpression& number, Spanset& set) {
    return std::visit(
        Overloaded{[](const Literal& literal) {
                     return std::visit(
                         Overloaded{[](int64_t value) { return static_cast<double>(value); },
                                    [](double value) { return value; },
                                    [](Duration value) { return static_cast<double>(value.nano); },
                                    [](const auto&) { return kNil; }},
                         literal);
                   },
                   [&](const Aggregate& aggregate) {
                     const double value = NumberOf(aggregate, set);
                     set.numbers.emplace_back(NameOf(aggregate), value);
                     return value;
                   },
                   [&](const ScalarArithmetic& both) {
                     return Apply(both.op, NumberOf(*both.left, set), NumberOf(*both.right, set));
                   },
                   [&](const ScalarPipeline& pipeline) {
                     std::vector<Spanset> input;
                     input.push_back({.spans = set.spans, .keys = {}, .numbers = {}});
                     const auto joined = Join(Run(pipeline.stages, std::move(input)));
                     return NumberOf(pipeline.aggregate, joined.empty() ? Spanset() : joined.front());
                   }},
        number.node);
  }

  static double Apply(ArithmeticOperator op, double left, double right) {
    switch (op) {
      case ArithmeticOperator::kAdd:
        return left + right;
      case ArithmeticOperator::kSubtract:
        return left - right;
      case ArithmeticOperator::kMultiply:
        return left * right;
      case ArithmeticOperator::kDivide:
        return left / right;
      case ArithmeticOperator::kModulo:
        return std::fmod(left, right);
      case ArithmeticOperator::kPower:
        return std::pow(left, right);
    }
    return kNil;
  }

  static std::string NameOf(const Aggregate& aggregate) {
    return std::string(AggregateName(aggregate.function)) + "(" +
           (aggregate.argument ? Format(*aggregate.argument) : std::string()) + ")";
  }

  double NumberOf(const Aggregate& aggregate, const Spanset& set) {
    if (aggregate.function == AggregateFunction::kCount) return static_cast<double>(set.spans.size());
    const size_t column = plan_.NumberOf(*aggregate.argument);
    double sum = 0;
    double least = kNil;
    double most = kNil;
    size_t count = 0;
    for (const uint32_t span : set.spans) {
      const double value = trace_.numbers[span * plan_.numbers().size() + column];
      if (std::isnan(value)) continue;
      sum += value;
      least = std::fmin(least, value);
      most = std::fmax(most, value);
      ++count;
    }
    if (count == 0) return kNil;
    switch (aggregate.function) {
      case AggregateFunction::kAvg:
        return sum / static_cast<double>(count);
      case AggregateFunction::kMin:
        return least;
      case AggregateFunction::kMax:
        return most;
      default:
        return sum;
    }
  }

  const Plan& plan_;
  const TraceTable& trace_;
  std::optional<Tree> tree_;
};

}  // namespace

std::vector<Spanset> Evaluate(const Query& query, const Plan& plan, const TraceTable& trace) {
  std::vector<Spanset> all(1);
  for (uint32_t i = 0; i < trace.spans.size(); ++i) all[0].spans.push_back(i);
  return Evaluator(plan, trace).Run(query.stages, std::move(all));
}

std::vector<WalkNumbers> NumberWalk(const TraceTable& trace) {
  const Tree tree(trace);
  std::vector<WalkNumbers> numbers(trace.spans.size());
  int32_t next = 1;
  for (uint32_t root = 0; root < trace.spans.size(); ++root) {
    if (tree.parent[root] != kNone) continue;
    uint32_t at = root;
    numbers[at].left = next++;
    while (true) {
      if (tree.first_child[at] != kNone) {
        const int32_t parent = numbers[at].left;
        at = tree.first_child[at];
        numbers[at] = {.left = next++, .right = 0, .parent = parent};
        continue;
      }
      numbers[at].right = next++;
      while (at != root && tree.next_sibling[at] == kNone) {
        at = tree.parent[at];
        numbers[at].right = next++;
      }
      if (at == root) break;
      const uint32_t sibling = tree.next_sibling[at];
      numbers[sibling] = {.left = next++, .right = 0, .parent = numbers[at].parent};
      at = sibling;
    }
  }
  return numbers;
}

}  // namespace telltale::traceql
