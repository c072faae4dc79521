#!/usr/bin/env python3
"""LiteLLM's model table (facts) -> spec/prices/*.toml (our table, our format).

Usage: import_prices.py MODEL_PRICES.json AS_OF OUT_FOLDER
       import_prices.py ../shared/reference/model_prices.json 2026-07-24 spec/prices

One file per provider. A row is left out when its price cannot be said in tokens,
requests or searches (by the image, the second, the character), when it is a capacity
commitment or a single region, or when every price is 0 without the provider calling it
free: an unknown price must not become a 0. What is evidently wrong is put right here,
in Correct() and the lists below it, and said in the head of the file that it changes.
"""
import collections
import datetime
import json
import pathlib
import re
import sys
from decimal import Decimal

Provider = collections.namedtuple("Provider", "name file source strip notes", defaults=((), ()))

PROVIDERS = {}


def provider(keys: str, name: str, file: str, source: str, strip: tuple = (), notes: tuple = ()) -> None:
    for key in keys.split():
        PROVIDERS[key] = Provider(name, file, source, strip, notes)


provider("openai text-completion-openai", "openai", "openai", "https://platform.openai.com/docs/pricing", ("openai/",))
provider("anthropic", "anthropic", "anthropic", "https://docs.anthropic.com/en/docs/about-claude/pricing", (), (
    "batch: the Message Batches API bills every kind of token at half its price, a rule of the",
    "price page that the imported facts do not hold; applied to each row.",
    "web_search: 10 dollars per 1,000 searches with any model; the facts hold it for some rows only.",))
provider("gemini", "gcp.gemini", "gcp_gemini", "https://ai.google.dev/gemini-api/docs/pricing", ("gemini/",))
provider("vertex_ai vertex_ai-language-models vertex_ai-anthropic_models vertex_ai-mistral_models "
         "vertex_ai-llama_models vertex_ai-embedding-models vertex_ai-ai21_models vertex_ai-qwen_models "
         "vertex_ai-deepseek_models vertex_ai-openai_models vertex_ai-zai_models vertex_ai-minimax_models "
         "vertex_ai-moonshot_models vertex_ai-text-models vertex_ai-image-models", "gcp.vertex_ai", "gcp_vertex_ai",
         "https://cloud.google.com/vertex-ai/generative-ai/pricing", ("vertex_ai/",))
provider("bedrock bedrock_converse bedrock_mantle", "aws.bedrock", "aws_bedrock", "https://aws.amazon.com/bedrock/pricing/",
         ("bedrock/", "bedrock_mantle/"))
provider("azure azure_text", "azure.ai.openai", "azure_openai",
         "https://azure.microsoft.com/en-us/pricing/details/cognitive-services/openai-service/", ("azure/",))
provider("azure_ai", "azure.ai.inference", "azure_inference",
         "https://azure.microsoft.com/en-us/pricing/details/ai-foundry-models/", ("azure_ai/",))
provider("mistral codestral text-completion-codestral", "mistral_ai", "mistral", "https://mistral.ai/pricing",
         ("mistral/", "codestral/", "text-completion-codestral/"))
provider("cohere cohere_chat", "cohere", "cohere", "https://cohere.com/pricing", ("cohere/",))
provider("groq", "groq", "groq", "https://groq.com/pricing", ("groq/",))
provider("deepseek", "deepseek", "deepseek", "https://api-docs.deepseek.com/quick_start/pricing", ("deepseek/",))
provider("xai", "x_ai", "x_ai", "https://docs.x.ai/docs/models", ("xai/",))
provider("perplexity", "perplexity", "perplexity", "https://docs.perplexity.ai/getting-started/pricing", ("perplexity/",))
provider("moonshot", "moonshot_ai", "moonshot", "https://platform.moonshot.ai/docs/pricing/chat", ("moonshot/",))
provider("watsonx", "ibm.watsonx.ai", "watsonx", "https://www.ibm.com/products/watsonx-ai/pricing", ("watsonx/",))
provider("fireworks_ai fireworks_ai-embedding-models", "fireworks_ai", "fireworks", "https://fireworks.ai/pricing",
         ("fireworks_ai/",))
provider("together_ai", "together_ai", "together", "https://www.together.ai/pricing", ("together_ai/",))
provider("openrouter", "openrouter", "openrouter", "https://openrouter.ai/models", ("openrouter/",), (
    "*:free: OpenRouter bills nothing for a model id that ends in :free.",))
provider("deepinfra", "deepinfra", "deepinfra", "https://deepinfra.com/pricing", ("deepinfra/",))
provider("cerebras", "cerebras", "cerebras", "https://www.cerebras.ai/pricing", ("cerebras/",))
provider("sambanova", "sambanova", "sambanova", "https://cloud.sambanova.ai/plans/pricing", ("sambanova/",))
provider("voyage", "voyage", "voyage", "https://docs.voyageai.com/docs/pricing", ("voyage/",))
provider("ai21", "ai21", "ai21", "https://www.ai21.com/pricing", ("ai21/",))
provider("dashscope", "dashscope", "dashscope", "https://www.alibabacloud.com/help/en/model-studio/models", ("dashscope/",))
provider("databricks", "databricks", "databricks",
         "https://www.databricks.com/product/pricing/foundation-model-serving", ("databricks/",))
provider("zai", "zai", "zai", "https://docs.z.ai/guides/overview/pricing", ("zai/",))
provider("minimax", "minimax", "minimax", "https://www.minimax.io/price", ("minimax/",))
provider("novita", "novita", "novita", "https://novita.ai/pricing", ("novita/",))
provider("nebius", "nebius", "nebius", "https://nebius.com/prices-ai-studio", ("nebius/",))
provider("hyperbolic", "hyperbolic", "hyperbolic", "https://www.hyperbolic.ai/pricing", ("hyperbolic/",))
provider("replicate", "replicate", "replicate", "https://replicate.com/pricing", ("replicate/",))
provider("vercel_ai_gateway", "vercel_ai_gateway", "vercel_ai_gateway", "https://vercel.com/ai-gateway/models",
         ("vercel_ai_gateway/",))
provider("amazon_nova", "amazon_nova", "amazon_nova", "https://nova.amazon.com/", ("amazon-nova/",))
provider("jina_ai", "jina_ai", "jina", "https://jina.ai/embeddings", ("jina_ai/",))
provider("nvidia_nim", "nvidia_nim", "nvidia_nim", "https://build.nvidia.com/", ("nvidia_nim/",))
provider("cloudflare", "cloudflare", "cloudflare", "https://developers.cloudflare.com/workers-ai/platform/pricing/",
         ("cloudflare/",))

KINDS = {"chat": "chat", "responses": "chat", "completion": "chat", "embedding": "embedding", "rerank": "rerank",
         "audio_transcription": "audio", "audio_speech": "audio", "realtime": "chat", "image_generation": "image",
         "image_edit": "image"}

# Our field -> the fact's name, with the tier's suffix put where LiteLLM puts it.
FIELDS = [("input", "input_cost_per_token"), ("cache_read", "cache_read_input_token_cost"),
          ("cache_write", "cache_creation_input_token_cost"), ("cache_write_1h", "cache_creation_input_token_cost_above_1hr"),
          ("output", "output_cost_per_token"), ("reasoning", "output_cost_per_reasoning_token"),
          ("audio_input", "input_cost_per_audio_token"), ("audio_output", "output_cost_per_audio_token"),
          ("image_input", "input_cost_per_image_token"), ("image_output", "output_cost_per_image_token")]
TIERS = {"batch": "_batches", "flex": "_flex", "priority": "_priority"}
ABOVE = [128, 200, 256, 272, 512]

# Prices beyond this are a slip of units: the dearest real model is at 600 dollars.
PRICE_MAX = Decimal(2000)
# Likewise for embeddings: the dearest real ones are below a dollar.
EMBEDDING_PRICE_MAX = Decimal(20)

# An alias that the provider documents, and the row that it stands for.
ALIASES = {"anthropic": {"claude-sonnet-4-0": "claude-sonnet-4-20250514", "claude-opus-4-0": "claude-opus-4-20250514",
                         "claude-opus-4-1": "claude-opus-4-1-20250805"}}

# What a provider bills as it bills the standard tier.
STANDARD_TIERS = {"groq": ["flex"]}

SKIPPED_NAME = re.compile(r"\d+-x-\d+|commitment|^(us|eu|ap|ca|sa|me|af)(-gov)?-[a-z]+-\d/|\*|^invoke/|^together-ai-")


def per_million(value) -> Decimal | None:
    """Dollars per token -> dollars per million tokens, to a picodollar a token."""
    if value is None:
        return None
    return (Decimal(str(value)) * 1_000_000).quantize(Decimal("0.000001"))


def price_set(facts: dict, suffix: str = "") -> dict:
    prices = {}
    for ours, theirs in FIELDS:
        price = per_million(facts.get(theirs + suffix))
        if price is not None:
            prices[ours] = price
    return prices


def bands(facts: dict, suffix: str = "") -> list:
    found = []
    for thousands in ABOVE:
        band = price_set(facts, f"_above_{thousands}k_tokens{suffix}")
        if band:
            found.append({"tokens": thousands * 1000, **band})
    return found


def tiered(facts: dict) -> dict:
    """A list of ranges (DashScope): the first is the price, the others are bands."""
    first, *others = sorted(facts["tiered_pricing"], key=lambda tier: tier["range"][0])
    prices = price_set(first)
    prices["above"] = [{"tokens": int(tier["range"][0]), **price_set(tier)} for tier in others]
    return prices


def searches(facts: dict) -> Decimal | None:
    sizes = facts.get("search_context_cost_per_query")
    # Priced by a size that no usage tells: then the price of a search is not known.
    if not sizes or len(set(sizes.values())) != 1:
        return None
    return Decimal(str(next(iter(sizes.values()))))


def prices_of(facts: dict) -> dict:
    prices = tiered(facts) if "tiered_pricing" in facts else price_set(facts)
    if "cache_read" not in prices and facts.get("input_cost_per_token_cache_hit"):
        prices["cache_read"] = per_million(facts["input_cost_per_token_cache_hit"])
    if "tiered_pricing" not in facts and (above := bands(facts)):
        prices["above"] = above
    for tier, suffix in TIERS.items():
        if tier_prices := price_set(facts, suffix):
            if above := bands(facts, suffix):
                tier_prices["above"] = above
            prices[tier] = tier_prices
    for fact in ("input_cost_per_request", "input_cost_per_query"):
        if facts.get(fact):
            prices["request"] = Decimal(str(facts[fact]))
    if (search := searches(facts)) is not None:
        prices["web_search"] = search
    return prices


def correct_set(prices: dict, notes: collections.Counter) -> None:
    fresh = prices.get("input", Decimal(0))
    if fresh > 0 and prices.get("cache_read", fresh) > fresh:
        notes["cache_read above the price of fresh input: left out"] += 1
        del prices["cache_read"]
    for name in ("cache_write", "cache_write_1h"):
        if name in prices and prices[name] < fresh:
            notes[f"{name} below the price of fresh input, which no provider offers: left out"] += 1
            del prices[name]
    if prices.get("cache_write_1h", 0) > fresh * 3:
        notes["cache_write_1h above three times the price of fresh input, where providers ask two: left out"] += 1
        del prices["cache_write_1h"]
    if prices.get("audio_input", fresh) < fresh:
        notes["audio_input below the price of text, which no provider offers: left out"] += 1
        del prices["audio_input"]
    if prices.get("reasoning") == prices.get("output"):
        prices.pop("reasoning", None)
    if prices.get("reasoning") == 0 and prices.get("output"):
        notes["reasoning at 0 beside a priced output: left out"] += 1
        del prices["reasoning"]


def correct(name: str, prices: dict, notes: collections.Counter) -> None:
    correct_set(prices, notes)
    standard = {key: value for key, value in prices.items() if not isinstance(value, (dict, list))}
    for band in prices.get("above", []):
        correct_set({**standard, **band}, collections.Counter())
        for field in ("cache_write", "cache_write_1h"):
            if field in band and band[field] < band.get("input", standard.get("input", 0)):
                notes[f"{field} below the price of fresh input, which no provider offers: left out"] += 1
                del band[field]
        if band.get("cache_read", 0) > band.get("input", standard.get("input", Decimal(0))):
            notes["cache_read above the price of fresh input: left out"] += 1
            del band["cache_read"]
    for tier in TIERS:
        if tier not in prices:
            continue
        correct_set(prices[tier], notes)
        if "input" not in prices[tier] or ("output" in standard and "output" not in prices[tier]):
            notes[f"{tier} without a price of input or output: left out"] += 1
            del prices[tier]
        elif tier == "priority" and prices[tier]["input"] <= standard.get("input", 0):
            notes["priority no dearer than standard, which no provider offers: left out"] += 1
            del prices[tier]
        elif tier == "batch" and prices[tier]["input"] * 3 < standard.get("input", 0):
            notes["batch below a third of the standard price (the untuned model's batch price): left out"] += 1
            del prices[tier]
    if name == "anthropic":
        prices.setdefault("web_search", Decimal("0.01"))
        prices["batch"] = {key: (value / 2).normalize() for key, value in standard.items()
                           if key not in ("web_search", "request")}
        if "above" in prices:
            prices["batch"]["above"] = [{key: value if key == "tokens" else value / 2 for key, value in band.items()}
                                        for band in prices["above"]]


def usable(prices: dict, kind: str, name: str, notes: collections.Counter) -> bool:
    flat = [value for key, value in prices.items() if not isinstance(value, (dict, list)) and key != "web_search"]
    if not any(flat):
        return False
    if kind != "embedding" and kind != "rerank" and "request" not in prices and not ("input" in prices and "output" in prices):
        return False
    if kind == "chat" and prices.get("output") == 0 and "request" not in prices:
        notes[f"{name}: a chat model whose output is free: left out"] += 1
        return False
    if kind == "embedding" and max(flat) > EMBEDDING_PRICE_MAX:
        notes[f"{name}: an embedding at more than {EMBEDDING_PRICE_MAX} dollars per million, a slip of units: left out"] += 1
        return False
    if max(flat) > PRICE_MAX:
        notes[f"{name}: dearer than {PRICE_MAX} dollars per million, a slip of units: left out"] += 1
        return False
    return True


def number(value) -> str:
    if isinstance(value, int):
        return str(value)
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def inline(value) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {inline(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    return json.dumps(value) if isinstance(value, str) else number(value)


def read(table: dict) -> tuple[dict, dict]:
    rows, notes = collections.defaultdict(dict), collections.defaultdict(collections.Counter)
    for key, facts in table.items():
        target = PROVIDERS.get(facts.get("litellm_provider"))
        kind = KINDS.get(facts.get("mode"))
        if target is None or kind is None:
            continue
        model = key
        for prefix in target.strip:
            model = model.removeprefix(prefix)
        if SKIPPED_NAME.search(model):
            continue
        prices = prices_of(facts)
        if kind == "embedding" or kind == "rerank":
            if prices.get("output") == 0:
                del prices["output"]
            if prices.get("input") == 0 and "request" in prices:
                del prices["input"]
        if kind in ("embedding", "rerank"):
            for tier in TIERS:
                prices.get(tier, {}).pop("output", None)
        if not usable(prices, kind, model, notes[target]):
            continue
        correct(target.name, prices, notes[target])
        row = {"model": model, **({} if kind == "chat" else {"kind": kind}), **prices}
        previous = rows[target].get(model.lower())
        if previous is None or key.startswith(target.strip or ("\0",)):
            rows[target][model.lower()] = row
    for target, models in rows.items():
        for alias, original in ALIASES.get(target.name, {}).items():
            if alias not in models and original in models:
                models[alias] = {**models[original], "model": alias}
    return rows, notes


def text_of(target: Provider, models: dict, notes: collections.Counter, as_of: str) -> str:
    lines = [f"# Prices of {target.name}, in US dollars: per million tokens, but request and web_search each.",
             "# Made by tools/import_prices.py; the format is docs/reference/price_file.md."]
    lines += ["#", *(f"# {note}" for note in target.notes)] if target.notes else []
    if notes:
        lines += ["#", "# Facts put right on import (and in how many places):"]
        lines += [f"# - {note}" + (f" ({count})" if count > 1 else "") for note, count in sorted(notes.items())]
    lines += [f'provider = "{target.name}"', f'source = "{target.source}"', f"as_of = {as_of}"]
    if target.name in STANDARD_TIERS:
        lines.append(f"standard_tiers = {inline(STANDARD_TIERS[target.name])}")
    lines += ["rule = ["]
    if target.name == "openrouter":
        lines.append('  { model = "*:free", input = 0, output = 0 },')
    lines += [f"  {inline(row)}," for _, row in sorted(models.items())]
    return "\n".join([*lines, "]", ""])


def main(table_path: str, as_of: str, folder: str) -> None:
    datetime.date.fromisoformat(as_of)
    table = json.loads(pathlib.Path(table_path).read_text())
    for key in ("sample_spec", "fallback_generalizations"):
        table.pop(key, None)
    rows, notes = read(table)
    out = pathlib.Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    for target, models in sorted(rows.items()):
        (out / f"{target.file}.toml").write_text(text_of(target, models, notes[target], as_of))
    print(f"{sum(map(len, rows.values()))} rules of {len(rows)} providers", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
