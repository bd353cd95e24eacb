# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""patience.hpp for tests in Python: how long to wait for what has to come."""
import os


def slowness():
    """At least 1. What is no number counts as 1, as in patience.hpp."""
    told = os.environ.get("CPG_TEST_SLOW", "1")
    return max(int(told) if told.isdigit() else 1, 1)


def patient(seconds):
    return seconds * slowness()
