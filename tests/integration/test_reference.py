#!/usr/bin/env python3
"""docs/reference is what the property tables and routes of this build give."""
import filecmp
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from servers import BINARY, ROOT, Tally, temp_dir  # noqa: E402


def is_current():
    made = temp_dir()
    try:
        subprocess.run([BINARY, "docs", made], check=True, capture_output=True)
        kept = os.path.join(ROOT, "docs", "reference")
        names = sorted(set(os.listdir(made)) | set(os.listdir(kept)))
        differ = [n for n in names if not all(os.path.exists(os.path.join(d, n)) for d in (made, kept))
                  or not filecmp.cmp(os.path.join(made, n), os.path.join(kept, n), shallow=False)]
        assert not differ, f"write them anew with ./dev docs: {', '.join(differ)}"
    finally:
        shutil.rmtree(made)


tally = Tally()
tally.run("docs/reference is current", is_current)
tally.finish()
