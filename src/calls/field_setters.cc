#include "calls/field_setters.h"

#include <optional>

namespace telltale {
namespace {

bool LooksLikeSchema(std::string_view text) {
  return text.find("\"type\"") != std::string_view::npos &&
         (text.find("\"properties\"") != std::string_view::npos ||
          text.find("\"description\"") != std::string_view::npos);
}

// False: this attribute has nothing to say.
bool SetText(MapContext& context, const Hit& hit, std::string_view& field) {
  if (hit.rule->form == ValueForm::kIfError && !context.call.failed) return false;
  const std::string_view text = hit.rule->form == ValueForm::kQuoted
                                    ? UnquotedTextOf(hit.attribute->value, context.pool, context.arena())
                                    : context.Text(hit.attribute->value);
  if (IsSentinel(text)) return false;
  if (hit.rule->form == ValueForm::kUnlessSchema && LooksLikeSchema(text)) return false;
  if (hit.rule->field == CallField::kRequestModel && (text == "unknown" || text == "Unknown")) return false;
  field = text;
  return true;
}

bool SetInt(const Hit& hit, bool positive, std::optional<int64_t>& field) {
  const auto number = IntOf(hit.attribute->value);
  if (!number || (positive && *number <= 0)) return false;
  field = number;
  return true;
}

bool SetNumber(const Hit& hit, std::optional<double>& field) {
  field = NumberOf(hit.attribute->value);
  return field.has_value();
}

bool SetBool(const Hit& hit, std::optional<bool>& field) {
  field = BoolOf(hit.attribute->value);
  return field.has_value();
}

bool SetCount(MapContext& context, const Hit& hit, int64_t UsageClaims::* field) {
  const auto number = IntOf(hit.attribute->value);
  if (!number || !context.usage.Claim(field, *number)) return false;
  if (field == &UsageClaims::input_tokens) context.usage.input_lacks_cache = hit.rule->is_exclusive;
  if (field == &UsageClaims::input_tokens || field == &UsageClaims::output_tokens)
    context.usage.is_aggregate = context.usage.is_aggregate || hit.rule->is_aggregate;
  return true;
}

bool SetOne(MapContext& context, CallField field, const Hit& hit) {
  Call& call = context.call;
  const bool positive = kFieldInfos[static_cast<size_t>(field)].positive;
  switch (field) {
#define TELLTALE_TEXT_FIELD(name, member) \
  case CallField::name:                   \
    return SetText(context, hit, call.member);
#define TELLTALE_INT_FIELD(name, member) \
  case CallField::name:                  \
    return SetInt(hit, positive, call.member);
#define TELLTALE_NUMBER_FIELD(name, member) \
  case CallField::name:                     \
    return SetNumber(hit, call.member);
#define TELLTALE_BOOL_FIELD(name, member) \
  case CallField::name:                   \
    return SetBool(hit, call.member);
#define TELLTALE_COUNT_FIELD(name, member) \
  case CallField::name:                    \
    return SetCount(context, hit, &UsageClaims::member);
#include "calls/field_members.inc"
#undef TELLTALE_TEXT_FIELD
#undef TELLTALE_INT_FIELD
#undef TELLTALE_NUMBER_FIELD
#undef TELLTALE_BOOL_FIELD
#undef TELLTALE_COUNT_FIELD
    default:
      return false;
  }
}

}  // namespace

void SetByTable(MapContext& context, CallField field, Hits hits) {
  for (size_t i = 0; i < hits.size(); ++i) {
    if (hits[i].rule->form == ValueForm::kInUse) {
      context.model_in_use = &hits[i];
      continue;
    }
    if (!SetOne(context, field, hits[i])) {
      context.LeftOut(hits.subspan(i, 1), "says nothing that the field can hold");
      continue;
    }
    context.Told(field, hits[i]);
    return context.LeftOut(
        hits.subspan(i + 1),
        "another attribute tells " + std::string(kFieldInfos[static_cast<size_t>(field)].path));
  }
}

}  // namespace telltale
