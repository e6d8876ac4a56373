"""The weights a new installation begins with: what two records of one customer look like, and what others look like.

Every row: how often the field agrees, is near, agrees partly, or differs, where both records have it. The rows of
"stranger" for names and contact points are averages; where the base is known, how usual the value is here counts.
Set by judgement from published practice (Winkler 2006 on m and u; Turkish surnames and households by the Turkish
Statistical Institute), not from any data set; `estimation` fits them to an installation.
"""

from __future__ import annotations

Row = tuple[float, float, float, float]
Table = dict[str, dict[str, Row]]

SAME, STRANGER = "same", "stranger"

PERSON: Table = {
    "given_name": {
        "same": (0.84, 0.10, 0.045, 0.015),
        "stranger": (0.008, 0.004, 0.012, 0.976),
        "relative": (0.006, 0.008, 0.02, 0.966),
        "twin": (0.003, 0.017, 0.03, 0.95),
        "namesake": (0.93, 0.03, 0.03, 0.01),
    },
    "family_name": {
        "same": (0.86, 0.07, 0.02, 0.05),
        "stranger": (0.0015, 0.001, 0.003, 0.9945),
        "relative": (0.84, 0.04, 0.03, 0.09),
        "twin": (0.93, 0.04, 0.01, 0.02),
        "namesake": (0.93, 0.04, 0.01, 0.02),
    },
    "generation": {
        "same": (0.2, 0.001, 0.79, 0.009),
        "stranger": (0.05, 0.001, 0.9, 0.049),
        "relative": (0.05, 0.001, 0.9, 0.049),
        "twin": (0.05, 0.001, 0.9, 0.049),
        "namesake": (0.01, 0.001, 0.6, 0.389),
    },
    "birth_date": {
        "same": (0.87, 0.09, 0.02, 0.02),
        "stranger": (0.00006, 0.0015, 0.006, 0.9924),
        "relative": (0.0005, 0.003, 0.004, 0.9925),
        "twin": (0.97, 0.02, 0.005, 0.005),
        "namesake": (0.0005, 0.002, 0.002, 0.9955),
    },
    "tax_id": {
        "same": (0.97, 0.01, 0.005, 0.015),
        "stranger": (0.000001, 0.00001, 0.00001, 0.99998),
        "relative": (0.0005, 0.0005, 0.0005, 0.9985),
        "twin": (0.0005, 0.0005, 0.0005, 0.9985),
        "namesake": (0.0005, 0.0005, 0.0005, 0.9985),
    },
    "email": {
        "same": (0.6, 0.08, 0.02, 0.3),
        "stranger": (0.000003, 0.0003, 0.0003, 0.9994),
        "relative": (0.15, 0.02, 0.02, 0.81),
        "twin": (0.1, 0.02, 0.02, 0.86),
        "namesake": (0.1, 0.05, 0.02, 0.83),
    },
    "phone": {
        "same": (0.6, 0.05, 0.01, 0.34),
        "stranger": (0.000003, 0.0001, 0.0001, 0.9998),
        "relative": (0.25, 0.01, 0.01, 0.73),
        "twin": (0.25, 0.01, 0.01, 0.73),
        "namesake": (0.25, 0.01, 0.01, 0.73),
    },
    "identifier": {
        "same": (0.6, 0.001, 0.001, 0.398),
        "stranger": (0.000001, 0.0001, 0.0001, 0.9998),
        "relative": (0.001, 0.001, 0.001, 0.997),
        "twin": (0.001, 0.001, 0.001, 0.997),
        "namesake": (0.001, 0.001, 0.001, 0.997),
    },
    "address": {
        "same": (0.58, 0.12, 0.08, 0.22),
        "stranger": (0.00001, 0.00005, 0.008, 0.99194),
        "relative": (0.72, 0.1, 0.06, 0.12),
        "twin": (0.72, 0.1, 0.06, 0.12),
        "namesake": (0.72, 0.1, 0.06, 0.12),
    },
}

ORGANISATION: Table = {
    "organisation_name": {
        "same": (0.72, 0.16, 0.1, 0.02),
        "stranger": (0.00005, 0.0003, 0.03, 0.96965),
        "sister": (0.01, 0.06, 0.75, 0.18),
    },
    "tax_id": {
        "same": (0.97, 0.01, 0.005, 0.015),
        "stranger": (0.000001, 0.00001, 0.00001, 0.99998),
        "sister": (0.0005, 0.0005, 0.0005, 0.9985),
    },
    "email": {
        "same": (0.45, 0.35, 0.05, 0.15),
        "stranger": (0.000003, 0.0003, 0.0003, 0.9994),
        "sister": (0.1, 0.4, 0.05, 0.45),
    },
    "phone": {
        "same": (0.6, 0.1, 0.01, 0.29),
        "stranger": (0.000003, 0.0001, 0.0001, 0.9998),
        "sister": (0.35, 0.1, 0.01, 0.54),
    },
    "identifier": {
        "same": (0.6, 0.001, 0.001, 0.398),
        "stranger": (0.000001, 0.0001, 0.0001, 0.9998),
        "sister": (0.001, 0.001, 0.001, 0.997),
    },
    "address": {
        "same": (0.62, 0.12, 0.08, 0.18),
        "stranger": (0.00001, 0.00005, 0.008, 0.99194),
        "sister": (0.72, 0.1, 0.06, 0.12),
    },
}

PARTNERS_EACH: dict[bool, dict[str, float]] = {
    True: {"same": 0.1, "relative": 1.2, "twin": 0.015, "namesake": 0.02},
    False: {"same": 0.1, "sister": 0.1},
}
"""How many other records a record has, on average, that are the same customer, a relative in the base, and so on."""

SURE_BITS, DOUBTFUL_BITS = 8.0, -1.0
"""From SURE_BITS (0.4 % doubt) on two are the same; below DOUBTFUL_BITS (one in three) they are different."""
