# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""counted.py - what must hold of every reading of the counters, whatever is counted meanwhile."""


class Climbing:
    """Numbers that may rise from one reading to the next, and neither fall nor vanish nor be below zero."""

    def __init__(self):
        self.highest = {}

    def see(self, numbers):
        """{anything: number}; what fell, as text, or "" if nothing did."""
        wrong = [f"{key} is {number}" for key, number in numbers.items() if number < 0]
        wrong += [f"{key} fell from {before} to {numbers.get(key)}" for key, before in self.highest.items()
                  if numbers.get(key, -1) < before]
        self.highest.update(numbers)
        return "; ".join(wrong)


def total_key(row):
    return row["hook"], row["iface"], row["verdict"]


def climbing_totals(document):
    """What of "stats totals -j" never falls while it is attached; flows leave the table, so live ones may."""
    return {(*total_key(row), part): row[part] for row in document["totals"]
            for part in ("packets", "bytes", "closed_packets", "closed_bytes")}


def climbing_rules(document):
    return {(row["id"], part): row[part] for row in document["rules"]
            for part in ("packets", "bytes", "dropped_packets", "dropped_bytes") if row.get(part) is not None}


def unclosed(document):
    """By how much rows of "stats totals -j" are not their live and closed parts: {(hook, iface, verdict, part): by}"""
    off = {(*total_key(row), part): row[f"live_{part}"] + row[f"closed_{part}"] - row[part]
           for row in document["totals"] for part in ("packets", "bytes")}
    return {key: by for key, by in off.items() if by}


def below_zero(rows):
    return [(key, row) for row in rows for key, value in row.items() if isinstance(value, int) and value < 0]
