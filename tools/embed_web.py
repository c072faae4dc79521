#!/usr/bin/env python3
"""web/dist -> an assembly file with the bytes and a C++ table of the files.

Usage: embed_web.py DIST OUT.S OUT.inc
"""
import gzip
import mimetypes
import pathlib
import sys

TEXT = {".html", ".js", ".css", ".svg", ".json", ".txt", ".map", ".webmanifest"}
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".woff2": "font/woff2",
    ".woff": "font/woff",
}


def main(dist: str, assembly: str, table: str) -> None:
    root = pathlib.Path(dist)
    folder = pathlib.Path(assembly).parent / "ui"
    folder.mkdir(parents=True, exist_ok=True)
    blobs, rows = ['.section .rodata, "a"'], []

    def blob(symbol: str, path: pathlib.Path) -> None:
        blobs.extend([f".global {symbol}", f".global {symbol}_end", f"{symbol}:", f'.incbin "{path}"', f"{symbol}_end:"])

    files = sorted(path for path in root.rglob("*") if path.is_file() and path.suffix != ".map") if root.is_dir() else []
    for number, path in enumerate(files):
        symbol = f"telltale_ui_{number}"
        blob(symbol, path.resolve())
        if path.suffix in TEXT:
            packed = folder / f"{number}.gz"
            packed.write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
            blob(f"{symbol}_gz", packed.resolve())
        kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        relative = path.relative_to(root).as_posix()
        # Vite names what is under assets/ after its content.
        immutable = "true" if relative.startswith("assets/") else "false"
        rows.append(f'TELLTALE_UI_FILE({symbol}, "/{relative}", "{kind}", {immutable})')
    blobs.append('.section .note.GNU-stack, "", @progbits')
    pathlib.Path(assembly).write_text("\n".join(blobs) + "\n")
    pathlib.Path(table).write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
