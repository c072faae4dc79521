// Genkit names a model's span "plugin/model", and tells neither anywhere else.
#include "calls/mapping.h"
#include "calls/vocabulary.h"

namespace telltale {

void ReadGenkitModelName(MapContext& context) {
  Call& call = context.call;
  const size_t slash = call.display_name.find('/');
  if (slash == std::string_view::npos || !call.request.model.empty() || !IsModelCall(call.kind)) return;
  call.request.model = call.display_name.substr(slash + 1);
  if (call.provider.empty())
    call.provider = CanonicalProvider(call.display_name.substr(0, slash), context.arena());
  if (context.explanation == nullptr) return;
  context.explanation->Told("request.model", "genkit:name", "genkit, after the plugin's name");
  context.explanation->Told("provider", "genkit:name", "genkit, the plugin's name");
}

}  // namespace telltale
