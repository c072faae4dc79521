"""One tokenizer for Python, timed in a process of its own. Started by token_peers.py, with its Python.

    token_peer.py PEER VOCABULARY ENCODING ROUNDS [--warm FILE] [--split] FILE

Prints what token_timer prints: the CPU nanoseconds of each round or, with --split, of each text.
"""

import argparse
import json
import sys
import time
from pathlib import Path


def tiktoken_encode(vocabulary, encoding):
    import tiktoken
    from tiktoken_ext import openai_public

    # tiktoken would download its file: it is the one that ./dev fetched and checked.
    openai_public.load_tiktoken_bpe = lambda *_, **__: tiktoken.load.load_tiktoken_bpe(str(vocabulary))
    return tiktoken.Encoding(**openai_public.ENCODING_CONSTRUCTORS[encoding]()).encode_ordinary, str


def bpe_openai_encode(_vocabulary, encoding):
    from bpe_openai import _bindings

    return _bindings.tokenizer_for_encoding(encoding).encode, str


def gigatoken_encode(vocabulary, _encoding):
    import gigatoken

    return gigatoken.Tokenizer.from_tiktoken(vocabulary).encode, bytes


def quicktok_encode(_vocabulary, encoding):
    import quicktok

    return quicktok.get_encoding(encoding).encode_ordinary, str


def toktok_encode(_vocabulary, encoding):
    import toktok

    return toktok._encoding(encoding).encode_to_numpy, str


OPENERS = {"tiktoken": tiktoken_encode, "bpe-openai": bpe_openai_encode, "gigatoken": gigatoken_encode,
           "quicktok-v1": quicktok_encode, "toktok-rs": toktok_encode}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=OPENERS)
    parser.add_argument("vocabulary", type=Path)
    parser.add_argument("encoding")
    parser.add_argument("rounds", type=int)
    parser.add_argument("--warm", type=Path)
    parser.add_argument("--split", action="store_true")
    parser.add_argument("file", type=Path)
    arguments = parser.parse_args()

    encode, kind = OPENERS[arguments.peer](arguments.vocabulary, arguments.encoding)
    form = (lambda body: body.decode()) if kind is str else (lambda body: body)
    if arguments.warm:
        encode(form(arguments.warm.read_bytes()))
    body = arguments.file.read_bytes()
    texts = body.split(b"\0") if arguments.split else [body] * arguments.rounds
    texts = [form(text) for text in texts]
    nanos, tokens = [], 0
    for text in texts:
        start = time.process_time_ns()
        ids = encode(text)
        nanos.append(time.process_time_ns() - start)
        tokens += len(ids)
    json.dump({"nanos": nanos, "tokens": tokens if arguments.split else tokens // len(texts)}, sys.stdout)


if __name__ == "__main__":
    main()
