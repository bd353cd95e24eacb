# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Faults that are known and not mended yet. A round that finds nothing else passes and is counted by the name given here;
`--strict` lets it fail. What is mended is to be taken out."""
import re

# The kinds of rounds, what a finding looks like, and the name of the fault.
KNOWN = [
    (("kill",), r"^next temporary: ", "a temporary file outlasts the next run"),
    (("loss",), r"^lost folder: ", "the folder of a new namespace is not synced"),
    (("loss",), r"^lost evidence: ", "evidence is not synced, by design"),
]


def is_known(kind, finding):
    """The name of the known fault that this finding shows."""
    return next((name for kinds, pattern, name in KNOWN if kind in kinds and re.search(pattern, finding)), None)
