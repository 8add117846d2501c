# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""What `meson install` puts into an empty directory, and how strangers use it:
by headers and pkg-config files alone."""

import os
import pathlib
import shutil
import subprocess
import tempfile

from tap import equal

SOURCE = pathlib.Path(os.environ["VICC_SOURCE"])
STRICT = ["-Wall", "-Wextra", "-Werror"]


class Installed:
    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="vicc-installed-"))
        subprocess.run(["meson", "install", "-C", os.environ["VICC_BUILD"],
                        "--no-rebuild", "--destdir", self.root], check=True,
                       capture_output=True)
        pc = next(self.root.rglob("libvicc.pc"))
        self.libraries = str(pc.parent.parent)
        self.vicc = str(next(self.root.rglob("bin/vicc")))
        self.env = dict(os.environ, PATH=os.pathsep.join(
                            [os.path.dirname(self.vicc), "/usr/bin",
                             os.environ["PATH"]]),
                        PKG_CONFIG_PATH=str(pc.parent),
                        PKG_CONFIG_SYSROOT_DIR=str(self.root),
                        LD_LIBRARY_PATH=self.libraries,
                        VICC_DRIVER=str(next(self.root.rglob(
                            "libifdvpcd.so"))))

    def flags(self, name):
        return subprocess.run(["pkg-config", "--cflags", "--libs", name],
                              env=self.env, check=True, capture_output=True,
                              text=True).stdout.split()

    def run(self, command, **more):
        done = subprocess.run([str(word) for word in command], env=self.env,
                              capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, **more)
        return done.returncode, done.stdout, done.stderr

    def compile(self, source, out, *words, compiler="cc", library="libvicc"):
        done = self.run([compiler, *STRICT, source, *words,
                         *self.flags(library), "-o", out])
        equal(done, (0, "", ""), f"{compiler} {source}")
        return str(out)

    def close(self):
        shutil.rmtree(self.root)
