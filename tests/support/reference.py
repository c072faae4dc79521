"""Where the reference material is. It is not part of this repository: without it the
tests that need it are skipped and say so."""

import json

import pytest

from support.process import ROOT

FOLDER = (ROOT / ".." / "shared" / "reference").resolve()


def captures(signal="traces"):
    """One pytest parameter per captured request: (body path, meta)."""
    folder = FOLDER / "captures"
    found = []
    for meta_path in sorted(folder.glob(f"*/*.{signal}.meta.json")):
        stem = meta_path.name.removesuffix(".meta.json")
        (body,) = [p for p in meta_path.parent.glob(stem + ".*") if p != meta_path]
        found.append(pytest.param(body, json.loads(meta_path.read_text()), id=stem.removesuffix(f".{signal}")))
    return found or [_absent(folder)]


def samples():
    """One pytest parameter per OTLP/JSON sample of another project."""
    folder = FOLDER / "otlp-samples"
    found = [pytest.param(p, id=str(p.relative_to(folder))) for p in sorted(folder.rglob("*.json"))]
    return found or [_absent(folder, 1)]


def _absent(folder, values=2):
    missing = pytest.mark.skip(reason=f"no reference material at {folder}")
    return pytest.param(*[None] * values, marks=missing, id="no-reference-material")
