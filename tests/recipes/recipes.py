#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""examples/: what their first lines and the recipes say is what is run."""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess

from tap import VICC, Skip, equal, has, main, test

TOP = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = TOP / "examples"


def run(command, status=0):
    """A line of an example, with vicc as it was built."""
    words = [VICC if word == "vicc" else word for word in shlex.split(command)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60,
                          cwd=TOP, check=False)
    equal(done.returncode, status, f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


def told(path):
    """The command in the first lines of an example."""
    return re.search(r"vicc exec -t .*", path.read_text())[0]


@test
def pytest_with_pyscard(_place):
    out = run(told(EXAMPLES / "pytest/test_card.py")
              .replace("pytest", "pytest -p no:cacheprovider", 1)
              .replace("python3", "/usr/bin/python3"))
    has(out, "6 passed")


@test
def pytest_fails_when_the_card_does(_place):
    out = run("vicc exec -t iso7816 -o pin=0815 -- /usr/bin/python3 -m pytest "
              "-p no:cacheprovider examples/pytest", status=1)
    has(out, "1 failed, 5 passed")


@test
def node(_place):
    if shutil.which("node") is None:
        raise Skip("no node")
    has(run(told(EXAMPLES / "node/card.test.mjs")), "pass 3", "fail 0")


@test
def shell(_place):
    equal(run(told(EXAMPLES / "shell/test.sh")).count("ok "), 3)
    run("vicc exec -t handler-test -- sh examples/shell/test.sh", status=1)


@test
def recipes_run_what_is_there(_place):
    for name in ("github.yml", "gitlab.yml"):
        command = re.search(r"vicc/run (.*)",
                            (EXAMPLES / "ci" / name).read_text()
                            .split("\njobs:")[-1].split("\ncards:")[-1])[1]
        run("vicc exec " + command.replace("vicc/examples", "examples"))


@test
def recipes_are_yaml(_place):
    try:
        import yaml  # pylint: disable=import-outside-toplevel
    except ImportError:
        raise Skip("no python3-yaml") from None
    github = yaml.safe_load((EXAMPLES / "ci/github.yml").read_text())
    assert all(set(step) & {"run", "uses"}
               for step in github["jobs"]["cards"]["steps"])
    gitlab = yaml.safe_load((EXAMPLES / "ci/gitlab.yml").read_text())
    assert isinstance(gitlab["cards"]["script"], list)


@test
def what_the_container_runs(_place):
    text = (EXAMPLES / "ci/Containerfile").read_text()
    words = [word for name in ("ENTRYPOINT", "CMD")
             for word in json.loads(re.search(rf"^{name} (.*)", text,
                                              re.M)[1])]
    assert re.fullmatch("3b(:[0-9a-f]{2})+\n", run(shlex.join(words)))
    # Runs as a user, and builds with what ./run builds with.
    has(text, "\nUSER card\n", "need_for_build")


@test
def all_are_listed(_place):
    page = (EXAMPLES / "README.md").read_text()
    for path in EXAMPLES.iterdir():
        if path.is_dir() and any(path.iterdir()):
            has(page, f"]({path.name}/")


os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
main()
