# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Faults that are known and not mended yet. A round that finds nothing else passes and is counted by the name given here;
`--strict` lets it fail. What is mended is to be taken out."""
import collections
import re

# `sign` is the finding that tells the fault, `covers` are all that come with it.
Known = collections.namedtuple("Known", ("kind", "sign", "covers", "name"))

KNOWN = [
    Known("kill", r"^next temporary: ", r"^next temporary: ", "a temporary file outlasts the next run"),
    Known("kill", r"^missing: shop/web\.yaml", r"^missing: shop/web\.yaml",
          "a policy that is to get another name is removed before it is written under that name"),
    Known("loss", r"^lost folder: ", r"^lost folder: ", "the folder of a new namespace is not synced"),
    Known("loss", r"^lost evidence: ", r"^lost evidence: ", "evidence is not synced, by design"),
    Known("fault", r"^unwanted: production/cart\.yaml", r"production/(cart\.yaml|mine\.yml)",
          "a policy under another file name is overlooked when its folder or file can't be read, and written twice"),
    Known("fault", r"^permissions: ", r"^(permissions|silent|unnamed|next permissions): ",
          "a file whose permissions can't be read gets those of a new one"),
    Known("fault", r"^contents: shop/web\.yaml", r"shop/web(-d150db0a)?\.(yaml|json)",
          "policies of one name are written over each other where the file of the name can't be removed"),
    Known("fault", r"^replaced: production/frontend\.yaml", r"(production/frontend|kept/web)\.yaml",
          "a link that can't be read is replaced by a file"),
]


def split_findings(kind, findings):
    """The names of known faults, and the findings that none of them covers."""
    shown = [each for each in KNOWN if each.kind == kind and any(re.search(each.sign, one) for one in findings)]
    new = [one for one in findings if not any(re.search(each.covers, one) for each in shown)]
    return {each.name for each in shown}, new
