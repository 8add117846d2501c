#!/usr/bin/python3
"""summary.py BUILD... - adds up what `meson test` left in its logs: the cases
of each test from the JUnit file, and from the other one those tests that came
to no good end though none of their cases says so.

SPDX-License-Identifier: LGPL-2.1-or-later
Copyright (C) 2026 the vicc authors
"""
import glob
import json
import os
import sys
import xml.etree.ElementTree as tree


def newest(build, kind):
    """With a wrapper, its name is in that of the log."""
    return max(glob.glob(f"{build}/meson-logs/testlog*.{kind}"),
               key=os.path.getmtime)


def cases(builds):
    for build in builds:
        path = newest(build, "junit.xml")
        for suite in tree.parse(path).iter("testsuite"):
            for case in suite.iter("testcase"):
                yield f"{build}: {suite.get('name')}: {case.get('name')}", case


def broken(builds):
    """Tests that ran out of time, crashed, or printed something else."""
    for build in builds:
        with open(newest(build, "json"), encoding="utf-8") as log:
            for test in map(json.loads, log):
                if test["result"] not in ("OK", "SKIP", "FAIL"):
                    yield f"{build}: {test['name']}: {test['result']}"


passed, failed, skipped = 0, list(broken(sys.argv[1:])), []
for name, case in cases(sys.argv[1:]):
    if case.find("failure") is not None or case.find("error") is not None:
        failed.append(name)
    elif (skip := case.find("skipped")) is not None:
        skipped.append(f"{name} {skip.get('message', '')}".strip())
    else:
        passed += 1

for name in skipped:
    print("skipped:", name)
for name in failed:
    print("failed:", name)
print(f"{passed} passed, {len(failed)} failed"
      + (f", {len(skipped)} skipped" if skipped else ""))
sys.exit(1 if failed or passed == 0 else 0)
