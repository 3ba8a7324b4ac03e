#!/usr/bin/env python3
"""Moves the border of each comparison in the code of availability and credits (`<` to `<=` and so on), one at a time, and runs the tests
that hold it: a bill that is wrong only at a border is found by nobody else. Says which borders no test defends, and then exits with 1.

    scripts/mutants.py [PART OF A PATH...]     about a minute for each comparison; works in place and puts each file back
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACES = [
    *("domain/credit", "domain/downtime", "domain/incident.rs", "domain/probe.rs", "credits", "incidents", "policy/mod.rs"),
    *("store/downtime.rs", "store/credits.rs", "store/probes.rs", "store/incidents.rs"),
]
# Cheapest first: most fall to the first.
TESTS = [
    ["-p", "komek-crm", "--lib", "--", "domain::", "credits::", "incidents::", "policy::"],
    ["-p", "komek-tests", "--test", "credits"],
    ["-p", "komek-tests", "--test", "store"],
    ["-p", "komek-crm", "--test", "cli"],
    ["-p", "komek-tests", "--test", "web"],
    ["-p", "komek-tests", "--test", "api", "--", "--skip", "schemathesis"],
]
MOVED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
# What comes to the same: a part of the line, and why.
SAME = {
    "look.health > open.health": "equal ones have been dealt with above",
    "|starts| *starts > ends": "what lasts no time is not written down by saw()",
}
COMPARISON = re.compile(r"(?<= )(<=|>=|<|>)(?= )")


def comparisons(wanted):
    """Path, number of the line (from 0), place in it and sign of each comparison."""
    for place in PLACES:
        place = ROOT / "crm/src" / place
        for path in [place] if place.is_file() else sorted(place.rglob("*.rs")):
            if "tests" in path.name or not any(part in str(path) for part in wanted or [""]):
                continue
            for number, line in enumerate(path.read_text().splitlines()):
                if not line.lstrip().startswith("//"):
                    for found in COMPARISON.finditer(line):
                        yield path, number, found.start(), found.group()


def cargo(*arguments):
    # What a property finds in mutated code is no regression to be kept.
    kept = {**os.environ, "PROPTEST_DISABLE_FAILURE_PERSISTENCE": "true"}
    return subprocess.run(["cargo", *arguments], cwd=ROOT, env=kept, capture_output=True, text=True)


def killer():
    """The test target that notices; `None` if none does."""
    built = cargo("build", "-q", "--locked", "--workspace", "--bins")
    if built.returncode != 0:
        return "the compiler"
    for test in TESTS:
        if cargo("test", "-q", "--locked", *test).returncode != 0:
            return " ".join(test[1:4])
    return None


def main():
    survivors = 0
    for path, number, at, sign in comparisons(sys.argv[1:]):
        text = path.read_text()
        lines = text.splitlines(keepends=True)
        line = lines[number]
        where = f"{path.relative_to(ROOT)}:{number + 1}: {line.strip()}  ({sign} to {MOVED[sign]})"
        reason = next((why for part, why in SAME.items() if part in line), None)
        if reason:
            print(f"same      {where}: {reason}", flush=True)
            continue
        lines[number] = line[:at] + MOVED[sign] + line[at + len(sign):]
        try:
            path.write_text("".join(lines))
            found = killer()
        finally:
            path.write_text(text)
        survivors += found is None
        print(f"{'killed' if found else 'SURVIVED':9} {where}{f' by {found}' if found else ''}", flush=True)
    return 1 if survivors else 0


sys.exit(main())
