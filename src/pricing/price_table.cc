#include "pricing/price_table.h"

#include <algorithm>

#include "base/check.h"
#include "pricing/built_in.h"
#include "pricing/model_name.h"
#include "pricing/provider_name.h"

namespace telltale {
namespace {

std::string KeyOf(std::string_view provider, std::string_view model) {
  std::string key(provider);
  key.push_back('\n');
  return key.append(model);
}

bool FitsPattern(std::string_view pattern, std::string_view name) {
  const size_t star = pattern.find('*');
  const std::string_view before = pattern.substr(0, star);
  const std::string_view after = pattern.substr(star + 1);
  return name.size() >= before.size() + after.size() && name.starts_with(before) && name.ends_with(after);
}

// Where a provider's own rules end and another list of the same host goes on.
std::vector<std::string> ProvidersToAsk(const std::string& provider) {
  if (provider == "azure.ai.inference") return {provider, "azure.ai.openai"};
  if (provider == "gcp.gen_ai") return {"gcp.gemini", "gcp.vertex_ai"};
  return {provider};
}

std::string NewestDay(std::span<const PriceRule> rules) {
  std::string newest = "0000-00-00";
  for (const PriceRule& rule : rules) {
    if (!rule.by_user) newest = std::max(newest, rule.as_of);
  }
  return newest;
}

// One hash out of those of all files: the same files give the same, in any order.
std::string JoinedHash(std::vector<PriceFile>& files) {
  std::ranges::sort(files, {}, &PriceFile::name);
  if (files.size() == 1) return files.front().hash;
  std::string all = "# ";
  for (const PriceFile& file : files) all += file.name + " " + file.hash + " ";
  const auto joined = ReadPriceFileUntrusted(all, "");
  TELLTALE_CHECK(joined, "a comment is a price file");
  return joined->hash;
}

}  // namespace

FoundRule PriceMatches::At(uint64_t unix_nanos) const {
  for (const One& one : matches) {
    for (const PriceRule* rule : *one.group) {
      if (rule->HoldsAt(unix_nanos)) return {rule, one.match, one.by_response_model, CostReason::kNone};
    }
  }
  return {.reason = matches.empty() ? otherwise : CostReason::kOutsideRuleDates};
}

std::shared_ptr<const PriceTable> PriceTable::BuiltIn() {
  static const std::shared_ptr<const PriceTable> table = Of(BuiltInPriceFiles(), {});
  return table;
}

Result<std::shared_ptr<const PriceTable>> PriceTable::WithUserFile(const std::string& path) {
  if (path.empty()) return BuiltIn();
  TELLTALE_ASSIGN_OR_RETURN(PriceFile file, ReadPriceFile(path));
  std::vector<PriceFile> user;
  user.push_back(std::move(file));
  return Of(BuiltInPriceFiles(), std::move(user));
}

std::shared_ptr<const PriceTable> PriceTable::Of(std::vector<PriceFile> built_in,
                                                 std::vector<PriceFile> user) {
  const std::shared_ptr<PriceTable> table(new PriceTable());
  const std::string hash = JoinedHash(built_in);
  for (PriceFile& file : user) {
    for (PriceRule& rule : file.rules) {
      rule.by_user = true;
      rule.id = "user:" + rule.id;
      table->rules_.push_back(std::move(rule));
    }
  }
  for (PriceFile& file : built_in) {
    std::ranges::move(file.rules, std::back_inserter(table->rules_));
  }
  std::ranges::sort(table->rules_, [](const PriceRule& a, const PriceRule& b) {
    return std::tie(b.by_user, a.provider, a.model, a.from) <
           std::tie(a.by_user, b.provider, b.model, b.from);
  });
  for (const PriceRule& rule : table->rules_)
    table->Index(rule.by_user ? table->user_ : table->built_in_, rule);
  table->version_ = NewestDay(table->rules_) + "-" + hash;
  if (!user.empty()) table->version_ += "+" + JoinedHash(user);
  return table;
}

void PriceTable::Index(Layer& layer, const PriceRule& rule) {
  const std::string model = LowerCase(rule.model);
  const std::string key = KeyOf(rule.provider, model);
  if (model.find('*') != std::string::npos) {
    layer.patterns[key].push_back(&rule);
    return;
  }
  layer.exact[key].push_back(&rule);
  if (const std::string_view base = WithoutDate(model); !base.empty()) {
    std::string& newest = layer.newest_snapshot[KeyOf(rule.provider, base)];
    newest = std::max(newest, key);
  }
}

void PriceTable::FindName(const Layer& layer, std::string_view provider, std::string_view model,
                          bool by_response_model, PriceMatches& found) const {
  if (model.empty() || model.size() > kPriceNameBytesMax) return;
  const ModelNames names = NamesOf(provider, model);
  for (const ModelName& name : names.names) {
    std::string key = KeyOf(provider, name.name);
    if (name.newest_snapshot) {
      const auto newest = layer.newest_snapshot.find(key);
      if (newest == layer.newest_snapshot.end()) continue;
      key = newest->second;
    }
    if (const auto at = layer.exact.find(key); at != layer.exact.end()) {
      found.matches.push_back({&at->second, name.how, by_response_model});
    }
  }
  // The pattern that says most about the name first.
  std::vector<std::pair<size_t, const RuleGroup*>> fitting;
  for (const auto& [key, group] : layer.patterns) {
    const std::string_view pattern = std::string_view(key).substr(key.find('\n') + 1);
    const bool fits =
        group.front()->provider == provider &&
        std::ranges::any_of(names.names, [&](const auto& name) { return FitsPattern(pattern, name.name); });
    if (fits) fitting.emplace_back(pattern.size(), &group);
  }
  std::ranges::sort(fitting, [](const auto& a, const auto& b) {
    return std::tie(b.first, a.second->front()->model) < std::tie(a.first, b.second->front()->model);
  });
  for (const auto& [size, group] : fitting)
    found.matches.push_back({group, PriceMatch::kPattern, by_response_model});
}

bool PriceTable::KnowsProvider(std::string_view provider) const {
  return std::ranges::any_of(rules_, [&](const PriceRule& rule) { return rule.provider == provider; });
}

void PriceTable::FindAt(const std::string& provider, const PriceNames& names, PriceMatches& found) const {
  const bool tuned = NamesOf(provider, names.response_model).fine_tune;
  for (const Layer* layer : {&user_, &built_in_}) {
    FindName(*layer, provider, names.response_model, true, found);
    // A fine-tune that answered costs what fine-tunes cost, whatever was asked for.
    if (tuned) continue;
    // An Azure deployment may be called gpt-4 and be another model; the user knows.
    if (provider == "azure.ai.openai" && layer == &built_in_) continue;
    FindName(*layer, provider, names.request_model, false, found);
  }
}

PriceMatches PriceTable::Find(const PriceNames& names) const {
  PriceMatches found;
  const std::string_view model = names.response_model.empty() ? names.request_model : names.response_model;
  if (model.empty()) {
    found.otherwise = CostReason::kModelNotTold;
    return found;
  }
  std::string provider = CanonicalProvider(names.provider);
  const bool told = !provider.empty();
  const std::string lower = LowerCase(model);
  if (!told) {
    const std::string prefix = CanonicalProvider(lower.substr(0, std::min(lower.find('/'), lower.size())));
    provider =
        lower.find('/') != std::string::npos && KnowsProvider(prefix) ? prefix : std::string(MakerOf(lower));
  }
  bool known = false;
  for (const std::string& one : ProvidersToAsk(provider)) {
    known = known || KnowsProvider(one);
    FindAt(one, names, found);
  }
  if (!told) {
    for (auto& one : found.matches) one.match = PriceMatch::kMaker;
  }
  if (provider.empty() || (told && !known)) {
    found.otherwise = CostReason::kProviderUnknown;
  } else if (NamesOf(provider, model).fine_tune) {
    found.otherwise = CostReason::kFineTuneUnknown;
  } else if (provider == "azure.ai.openai" && names.response_model.empty()) {
    found.otherwise = CostReason::kDeploymentName;
  }
  return found;
}

}  // namespace telltale
