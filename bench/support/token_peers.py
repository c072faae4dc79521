"""The tokenizers under measurement: ours through token_timer, others as PyPI's wheels in .cache/peers/tokens."""

import json
import os
import subprocess
from pathlib import Path

from .peers import PEERS, ROOT, Absent

FOLDER = PEERS / "tokens"
VOCABULARIES = ROOT / ".cache" / "vocabularies"
SECONDS_MAX = 120

def _run(command) -> dict:
    # Peers that would take every core are held to one.
    env = {**os.environ, "RAYON_NUM_THREADS": "1"}
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired as late:
        raise RuntimeError(f"not done within {SECONDS_MAX} s") from late
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip()[-300:])
    return json.loads(done.stdout)


class Ours:
    name = "telltale"
    label = "Telltale"

    def __init__(self, timer: Path):
        self._timer = timer

    def prepare(self) -> str:
        if not self._timer.exists():
            raise Absent(f"{self._timer.name} is not built: ./dev build")
        return "of this commit"

    def measure(self, encoding: str, text: Path, rounds: int, warm: Path | None = None, split=False) -> dict:
        command = [self._timer, "--ids", "--encoding", encoding, "--rounds", str(rounds)]
        command += ["--warm", warm] if warm else []
        return _run([*command, *(["--split"] if split else []), text])


class Wheel:
    def __init__(self, package: str, version: str):
        self.name = self.label = package
        self._version = version

    def prepare(self) -> str:
        python = FOLDER / "bin" / "python"
        if not python.exists():
            subprocess.run(["python3", "-m", "venv", FOLDER], check=True)
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:",
             f"{self.name}=={self._version}"], capture_output=True, text=True)
        if done.returncode != 0:
            raise Absent(f"pip install {self.name}: {done.stderr.strip()[-300:]}")
        return self._version

    def measure(self, encoding: str, text: Path, rounds: int, warm: Path | None = None, split=False) -> dict:
        command = [FOLDER / "bin" / "python", Path(__file__).with_name("token_peer.py"), self.name,
                   VOCABULARIES / f"{encoding}.tiktoken", encoding, str(rounds)]
        command += ["--warm", warm] if warm else []
        return _run([*command, *(["--split"] if split else []), text])


def all_peers(timer: Path) -> list:
    # PyPI's packages toktok and quicktok are others.
    wheels = {"tiktoken": "0.14.0", "bpe-openai": "0.1.4", "quicktok-v1": "0.4.0", "toktok-rs": "0.3.0",
              "gigatoken": "0.10.0"}
    return [Ours(timer), *(Wheel(name, version) for name, version in wheels.items())]
