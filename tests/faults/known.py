# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""What a round may find, by design. One that finds nothing else passes and is counted by the name given here; `--strict`
lets it fail."""
import collections
import re

# `sign` is the finding that tells the fault, `covers` are all that come with it.
Known = collections.namedtuple("Known", ("kind", "sign", "covers", "name"))

# The next run finds the old name's file with its owner, who stays there; nothing tells it that the other is no longer
# wanted, and cpg removes no policy of an earlier run.
BOTH_NAMES = "a policy that was changing its name is there under both, which allow the same"

KNOWN = [
    Known("kill", r"^next unwanted: shop/web-", r"^next unwanted: shop/web-", BOTH_NAMES),
    Known("fault", r"^next unwanted: shop/web-", r"^next unwanted: shop/web-", BOTH_NAMES),
    Known("loss", r"^lost evidence: ", r"^lost evidence: ", "evidence is not synced, by design"),
]


def split_findings(kind, findings):
    """The names of known faults, and the findings that none of them covers."""
    shown = [each for each in KNOWN if each.kind == kind and any(re.search(each.sign, one) for one in findings)]
    new = [one for one in findings if not any(re.search(each.covers, one) for each in shown)]
    return {each.name for each in shown}, new
