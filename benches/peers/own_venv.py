"""The virtual environment of a comparison: where its peers are installed, and nowhere else."""

import importlib.util
import subprocess
import sys
import venv
from pathlib import Path


def enter(work, packages):
    """Returns inside the environment of `work`, with every package at hand; outside, makes it,
    runs the script there and ends with its exit code. Packages are imported by the name they are
    installed by."""
    work.mkdir(parents=True, exist_ok=True)
    home = work / "venv"
    if Path(sys.prefix).resolve() != home.resolve():
        if not home.exists():
            venv.create(home, with_pip=True)
        sys.exit(subprocess.run([home / "bin/python", *sys.argv]).returncode)
    # An environment of an earlier version of the script lacks some of them.
    lacking = [name for name in packages if importlib.util.find_spec(name) is None]
    if lacking:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *lacking], check=True)
