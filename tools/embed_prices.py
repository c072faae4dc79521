#!/usr/bin/env python3
"""Price files -> rows of {name, text} for src/pricing/built_in.cc.

Usage: embed_prices.py OUT.inc FILE...
"""
import pathlib
import sys

# No compiler must take a longer literal than this; neighbours are joined to one.
PIECE_BYTES = 12_000


def main(out: str, files: list[str]) -> None:
    rows = []
    for path in sorted(map(pathlib.Path, files), key=lambda path: path.name):
        text = path.read_bytes().decode()
        pieces = [text[i : i + PIECE_BYTES] for i in range(0, len(text), PIECE_BYTES)]
        literals = "\n".join(f'R"prices({piece})prices"' for piece in pieces)
        rows.append(f'{{"{path.name}",\n{literals}}},')
    pathlib.Path(out).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(out).write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
