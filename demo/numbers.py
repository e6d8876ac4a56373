"""Turkish numbers with valid check digits, made up from a running number: identity, tax and mobile numbers."""

_MOBILE_PREFIXES = ("505", "506", "507", "530", "532", "533", "535", "536", "537", "541", "542", "543", "545", "551")
_SPREAD = 7_654_321  # coprime to the powers of ten below, so neighbours do not look like neighbours and none repeats


def identity_number(index: int) -> str:
    """The TCKN of eleven digits for this index (0 to 99,999,999); two check digits after nine."""
    body = f"{1 + index % 9}{(index + 1) * _SPREAD % 10**8:08d}"
    digits = [int(digit) for digit in body]
    tenth = (sum(digits[0::2]) * 7 - sum(digits[1::2])) % 10
    return f"{body}{tenth}{(sum(digits) + tenth) % 10}"


def tax_number(index: int) -> str:
    """The VKN of ten digits for this index (0 to 999,999,999); one check digit after nine."""
    body = f"{(index + 1) * _SPREAD % 10**9:09d}"
    total = sum(_weighed(int(digit), 9 - place) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def _weighed(digit: int, weight: int) -> int:
    shifted = (digit + weight) % 10
    return (shifted * 2**weight) % 9 or 9 if shifted else 0


def mobile_number(index: int) -> str:
    """A Turkish mobile number in E.164 for this index."""
    prefix = _MOBILE_PREFIXES[index % len(_MOBILE_PREFIXES)]
    return f"+90{prefix}{2_000_000 + (index + 1) * _SPREAD % 7_999_999:07d}"
