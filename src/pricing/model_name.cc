#include "pricing/model_name.h"

#include <algorithm>
#include <array>

#include "pricing/provider_name.h"

namespace telltale {
namespace {

bool IsDigits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

int Number(std::string_view digits) {
  int number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

bool IsYear(std::string_view text) {
  return text.size() == 4 && IsDigits(text) && Number(text) >= 2020 && Number(text) < 2100;
}

bool IsMonthAndDay(std::string_view month, std::string_view day) {
  return month.size() == 2 && day.size() == 2 && IsDigits(month) && IsDigits(day) && Number(month) >= 1 &&
         Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31;
}

// The names found so far; each step goes over what was there when it began.
class Steps {
 public:
  explicit Steps(std::string first) { names_.push_back({std::move(first), PriceMatch::kExact}); }

  void Add(std::string_view name, PriceMatch how, bool newest_snapshot = false) {
    if (name.empty()) return;
    for (const ModelName& known : names_) {
      if (known.name == name && known.newest_snapshot == newest_snapshot) return;
    }
    names_.push_back({std::string(name), how, newest_snapshot});
  }

  template <typename Step>
  void ForEach(Step step) {
    const size_t count = names_.size();
    for (size_t i = 0; i < count; ++i) {
      const std::string name = names_[i].name;
      step(std::string_view(name));
    }
  }

  std::vector<ModelName> Take() { return std::move(names_); }

 private:
  std::vector<ModelName> names_;
};

// models/X, publishers/google/models/X, projects/P/locations/L/publishers/G/models/X,
// arn:aws:bedrock:...:inference-profile/X, openai/X where openai is the provider itself.
void AddWithoutPrefix(std::string_view provider, std::string_view name, Steps& steps) {
  if (name.starts_with("arn:")) {
    if (const size_t slash = name.rfind('/'); slash != std::string_view::npos) {
      steps.Add(name.substr(slash + 1), PriceMatch::kPrefix);
    }
    return;
  }
  if (const size_t at = name.rfind("publishers/"); at != std::string_view::npos) {
    const std::string_view rest = name.substr(at + 11);
    const size_t models = rest.find("/models/");
    if (models == std::string_view::npos) return;
    steps.Add(rest.substr(models + 8), PriceMatch::kPrefix);
    steps.Add(std::string(rest.substr(0, models)) + "/" + std::string(rest.substr(models + 8)),
              PriceMatch::kPrefix);
    return;
  }
  if (name.starts_with("models/")) return steps.Add(name.substr(7), PriceMatch::kPrefix);
  const size_t slash = name.find('/');
  if (slash == std::string_view::npos) return;
  const std::string_view prefix = name.substr(0, slash);
  if (CanonicalProvider(prefix) == provider || (prefix == "google" && provider.starts_with("gcp."))) {
    steps.Add(name.substr(slash + 1), PriceMatch::kPrefix);
  }
}

void AddWithoutRegion(std::string_view name, Steps& steps) {
  constexpr std::array<std::string_view, 11> kRegions = {"us.", "eu.", "apac.", "global.", "us-gov.", "jp.",
                                                         "au.", "ca.", "sa.",   "me.",     "af."};
  for (const std::string_view region : kRegions) {
    if (name.starts_with(region)) steps.Add(name.substr(region.size()), PriceMatch::kRegion);
  }
}

// Bedrock: X-v1 and X-v1:0 are one model; X-v1:0:48k is a context size of it, told by
// the usage. The Anthropic client on Bedrock is answered with Anthropic's own name.
void AddBedrockVersions(std::string_view name, Steps& steps) {
  if (name.ends_with('k')) {
    const size_t colon = name.rfind(':');
    if (colon != std::string_view::npos && IsDigits(name.substr(colon + 1, name.size() - colon - 2))) {
      steps.Add(name.substr(0, colon), PriceMatch::kVersion);
    }
  }
  const std::string vendor(name.starts_with("claude-") ? "anthropic." : "");
  const std::string full = vendor + std::string(name);
  if (!vendor.empty()) steps.Add(full, PriceMatch::kVersion);
  if (name.find(':') != std::string_view::npos) return;
  steps.Add(full + ":0", PriceMatch::kVersion);
  for (const char* version : {"-v1:0", "-v2:0", "-v1"}) steps.Add(full + version, PriceMatch::kVersion);
}

// Google: X@default is X, X-001 is the first stable version of X; Claude on Vertex is told as
// X-20250929 by Anthropic's client and listed as X@20250929.
void AddGoogleVersions(std::string_view name, Steps& steps) {
  for (const std::string_view suffix : {"@default", "@latest", "-001", "-002", "@001", "@002"}) {
    if (name.ends_with(suffix)) steps.Add(name.substr(0, name.size() - suffix.size()), PriceMatch::kVersion);
  }
  const std::string_view base = WithoutDate(name);
  if (base.empty() || name.size() - base.size() != 9) return;
  const char other = name[base.size()] == '@' ? '-' : '@';
  steps.Add(std::string(base) + other + std::string(name.substr(base.size() + 1)), PriceMatch::kVersion);
}

// -0613: month and day, as OpenAI and xAI once dated their snapshots. Others mean a year
// and a month by four digits (mistral-large-2407), and those are models of their own.
std::string_view WithoutMonthAndDay(std::string_view name) {
  if (name.size() < 6) return {};
  const std::string_view end = name.substr(name.size() - 5);
  if (end[0] != '-' || !IsMonthAndDay(end.substr(1, 2), end.substr(3, 2))) return {};
  return name.substr(0, name.size() - 5);
}

bool IsTuned(std::string_view name) {
  return name.starts_with("ft:") || name.find(".ft-") != std::string_view::npos ||
         name.starts_with("tunedmodels/") || name.find("/tunedmodels/") != std::string_view::npos;
}

// ft:BASE:org:name:id by ft:BASE; what comes after the base is whose it is.
ModelNames TunedNames(Steps steps) {
  steps.ForEach([&](std::string_view name) {
    if (!name.starts_with("ft:")) return;
    steps.Add(name.substr(0, name.find(':', 3)), PriceMatch::kFineTune);
  });
  return {steps.Take(), true};
}

}  // namespace

std::string_view WithoutDate(std::string_view name) {
  if (name.size() > 11) {
    const std::string_view end = name.substr(name.size() - 11);
    if (end[0] == '-' && IsYear(end.substr(1, 4)) && end[5] == '-' && end[8] == '-' &&
        IsMonthAndDay(end.substr(6, 2), end.substr(9, 2))) {
      return name.substr(0, name.size() - 11);
    }
  }
  if (name.size() > 9) {
    const std::string_view end = name.substr(name.size() - 9);
    if ((end[0] == '-' || end[0] == '@') && IsYear(end.substr(1, 4)) &&
        IsMonthAndDay(end.substr(5, 2), end.substr(7, 2))) {
      return name.substr(0, name.size() - 9);
    }
  }
  return {};
}

ModelNames NamesOf(std::string_view provider, std::string_view model) {
  Steps steps(LowerCase(model));
  steps.ForEach([&](std::string_view name) { AddWithoutPrefix(provider, name, steps); });
  bool tuned = false;
  steps.ForEach([&](std::string_view name) { tuned = tuned || IsTuned(name); });
  if (tuned) return TunedNames(std::move(steps));

  if (provider == "aws.bedrock") {
    steps.ForEach([&](std::string_view name) { AddWithoutRegion(name, steps); });
    steps.ForEach([&](std::string_view name) { AddBedrockVersions(name, steps); });
  }
  if (provider.starts_with("gcp.")) {
    steps.ForEach([&](std::string_view name) { AddGoogleVersions(name, steps); });
  }
  steps.ForEach([&](std::string_view name) { steps.Add(WithoutDate(name), PriceMatch::kSnapshot); });
  if (provider == "openai" || provider == "x_ai" || provider == "azure.ai.openai") {
    steps.ForEach([&](std::string_view name) { steps.Add(WithoutMonthAndDay(name), PriceMatch::kSnapshot); });
  }
  steps.ForEach([&](std::string_view name) {
    if (!name.ends_with("-latest")) return;
    const std::string_view base = name.substr(0, name.size() - 7);
    steps.Add(base, PriceMatch::kLatest);
    steps.Add(base, PriceMatch::kLatest, true);
  });
  return {steps.Take(), false};
}

}  // namespace telltale
