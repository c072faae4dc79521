"""Texts to tokenize, out of what a machine with Python and Debian has; nothing is copied into the tree."""

import ast
import gettext
import gzip
import random
import re
import sysconfig
from pathlib import Path

from .peers import ROOT

# A prompt with a page of context.
PROMPT_BYTES = 4600
PROMPTS = 300
ONE_LETTER = b"a" * (1 << 20)

# Below this a text says little about speed: the caches hold all of it.
BYTES_MIN = 300_000


def _readable(path: Path) -> str:
    body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return body.decode("utf-8", "ignore")


def _shuffled(paths) -> list:
    found = sorted(path for path in paths if path.is_file() and not path.is_symlink())
    random.Random(7).shuffle(found)
    return found


def _sources() -> list:
    root = Path(sysconfig.get_paths()["stdlib"])
    # Its tests are left out: some are tables of strange characters.
    return _shuffled(path for path in root.rglob("*.py")
                     if not {"site-packages", "dist-packages", "test", "tests"} & set(path.relative_to(root).parts))


def code(size: int) -> bytes:
    """The source of the Python standard library."""
    text = bytearray()
    for path in _sources():
        text += path.read_bytes().decode("utf-8", "ignore").encode()
        if len(text) >= size:
            break
    return bytes(text[:size]).decode("utf-8", "ignore").encode()


def _docstrings():
    for path in _sources():
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and (text := ast.get_docstring(node)):
                yield text


def _documents():
    roots = [Path("/usr/share/doc"), Path("/usr/share/perl"), ROOT / ".cache", ROOT / "web" / "node_modules"]
    names = re.compile(r"(README.*|.*\.(md|txt|pod|rst)(\.gz)?|METADATA|copyright)$")
    for path in _shuffled(path for root in roots for path in root.rglob("*") if names.match(path.name)):
        try:
            yield _readable(path)
        except (OSError, EOFError):
            continue


def _is_prose(paragraph: str) -> bool:
    plain = sum(c.isalpha() or c in " \n,.'" for c in paragraph)
    return len(paragraph) >= 160 and plain >= 0.94 * len(paragraph) and ". " in paragraph


def prose(size: int) -> bytes:
    """Paragraphs of sentences from the documents and docstrings of what is installed, each once."""
    seen, parts, length = set(), [], 0
    for source in (_documents(), _docstrings()):
        for text in source:
            for paragraph in re.split(r"\n\s*\n", text):
                known = " ".join(paragraph.split())
                if known in seen or not _is_prose(paragraph):
                    continue
                seen.add(known)
                parts.append(paragraph)
                length += len(paragraph) + 2
                if length >= size:
                    return "\n\n".join(parts).encode()[:size].decode("utf-8", "ignore").encode()
    return "\n\n".join(parts).encode()


def cjk(size: int) -> bytes:
    """Chinese, Japanese and Korean messages of what is installed."""
    lines = set()
    for path in Path("/usr/share/locale").glob("*/LC_MESSAGES/*.mo"):
        if path.parts[-3].split("_")[0] not in ("zh", "ja", "ko"):
            continue
        try:
            catalog = gettext.GNUTranslations(path.open("rb"))._catalog
        except (OSError, UnicodeDecodeError, ValueError):
            continue
        lines.update(text for key, text in catalog.items() if key and isinstance(text, str))
    wide = [line for line in lines if sum(c >= "\u2e80" for c in line) * 2 > len(line)]
    wide.sort()
    random.Random(7).shuffle(wide)
    return "\n".join(wide).encode()[:size].decode("utf-8", "ignore").encode()


def prompts(text: bytes) -> tuple:
    """What comes first to warm up with, and prompts from the rest, which share nothing with it but their kind."""
    half = len(text) // 2
    warm = text[:half].decode("utf-8", "ignore").encode()
    rest = text[half:]
    cut = [rest[at:at + PROMPT_BYTES].decode("utf-8", "ignore").encode().replace(b"\0", b" ")
           for at in range(0, len(rest) - PROMPT_BYTES + 1, PROMPT_BYTES)]
    return warm, cut[:PROMPTS]
