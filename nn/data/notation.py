"""Text that stands for a number, such as amounts, percentages and dates.

Its meaning is not certain, so ``load_csv`` does not convert it.
"""

import re
from collections.abc import Iterable

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = r"(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?"
_DATE = re.compile(
    rf"(?:{_WEEKDAY}[.,]?\s*)?(?:"
    r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([t\s].*)?|\d{4}[-/](0[1-9]|1[0-2])|(0[1-9]|1[0-2])[-/]\d{4}"  # 2024-01-31, 2024-01
    r"|\d{1,2}:\d\d(:\d\d(\.\d+)?)?(\s?[ap]m)?(\s?(z|utc|gmt|[-+]\d\d:?\d\d))?"  # 12:30, 1:30 pm
    rf"|\d{{1,2}}(st|nd|rd|th)?[\s./-]*{_MONTH}[.]?([\s.,/-]*\d{{2,4}})?"  # 1 Jan, 1 Jan 2024
    rf"|{_MONTH}[\s.,/-]*\d{{1,2}}(st|nd|rd|th)?([\s,/-]+\d{{2,4}})?|{_MONTH}[\s.,/-]*\d{{4}}"  # Jan 1, Jan 1, 2024, Jan 2024
    r"|\d{4}\s?[-/]?[wq]\d{1,2}(-?\d)?|q[1-4][\s/-]*\d{4})",  # 2024-W05, 2024Q1, Q1 2024
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(([01]\d|2[0-3])[0-5]\d([0-5]\d)?)?")  # 20240131
_FRACTION = re.compile(r"[-+]?(\d+\s+)?\d+\s*[/\u2044]\s*\d+")
_CURRENCY = r"[$\u00a2-\u00a5\u058f\u060b\u09f2\u09f3\u0e3f\u17db\u20a0-\u20c0\uff04\uffe0\uffe1\uffe5\uffe6]"
_UNIT = (
    r"(?:[munpkcdMGT\u00b5\u03bc]?(?:m|g|l|s|Hz|hz|V|W|A|J|Pa|bar|mol|Wh|cal)|[kMGTKmgt][bB]|[kKM]|B|bn|mn|mio|mrd|tsd|tn"
    r"|h|hrs?|hours?|mins?|minutes?|secs?|seconds?|days?|weeks?|months?|yrs?|years?|lbs?|oz|ft|mi|miles?|in|inch|inches"
    r"|mph|kmh|rpm|hp|HP|psi|ppm|dB|eV|ha|ml|mL|dL|L|\u00b0\s?[CFK]?|\u2103|\u2109|\u03a9)"
)
_QUANTITY = re.compile(  # a currency, digits with separators, and a sign, a multiplier or units; another letter needs a space
    rf"\(?[-+\u2212\u00b1~\u2248]?(?:(?:US|R|C|A|HK)?{_CURRENCY}|[A-Z]{{3}}(?=[\s\d]))?\s*[-+\u2212]?"
    r"(?:\d|[.,](?=\d)|[\u00bc-\u00be\u2150-\u215e])[\d.,_'\u2019\u066b\u066c\s\u00bc-\u00be\u2150-\u215e]*(?:[eE][-+]?\d+|[x\u00d7*]\s?10\^?[-+\u2212]?\d+)?"
    rf"\s*(?:[%\uff05\u066a\u2030\u2031]|{_CURRENCY}|(?:{_UNIT})(?:\s*/\s*{_UNIT})?[23\u00b2\u00b3]?"
    r"|(?:eur|usd|gbp|chf|jpy|cny|inr|EUR|USD|GBP|CHF|JPY|CNY|INR)|(?<=\s)[A-Za-z])?\)?"
)
_CODED = re.compile(r"[-+]?0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_WITH_SUFFIX = re.compile(r"([-+]?[\d.,]*\d)(\D+)")


def is_date(entry: str) -> bool:
    """Return whether an entry is a date or a time.

    >>> [is_date(entry) for entry in ("2024-01-31", "31.1.2024", "1 Jan", "12:30", "Jan-2024", "May", "Q1")]
    [True, True, True, True, True, False, False]
    """
    return bool(_DATE.fullmatch(entry))


def is_date_in_digits(entry: str) -> bool:
    """Return whether an entry is a number that can be read as a date, such as 20240131.

    >>> is_date_in_digits("20240131"), is_date_in_digits("20241331")
    (True, False)
    """
    return bool(_DIGITS.fullmatch(entry))


def looks_numeric(entry: str) -> bool:
    """Return whether an entry is a quantity or a date that is not written as a plain number.

    >>> [looks_numeric(entry) for entry in ("10%", "$1,000", "1_000", "5 kg", "10k", "5 \N{DEGREE SIGN}C", "1/2", "0x10")]
    [True, True, True, True, True, True, True, True]
    >>> [looks_numeric(entry) for entry in ("2024-01-31", "1 Jan", "Q1", "1st", "10-20", "4wd")]
    [True, True, False, False, False, False]
    """
    return any(pattern.fullmatch(entry) for pattern in (_QUANTITY, _DATE, _FRACTION, _CODED))


def common_suffix(entries: Iterable[str]) -> str:
    """Return the text that follows the number in every entry; or ``""`` if there is none, or fewer than three numbers.

    >>> common_suffix(["24 widgets", "48 widgets", "72 widgets"]), common_suffix(["1st", "2nd", "3rd"])
    (' widgets', '')
    """
    found = [_WITH_SUFFIX.fullmatch(entry) for entry in entries]
    if not found or not all(found):
        return ""
    pairs = {match.groups() for match in found if match}
    suffixes = {suffix for _, suffix in pairs}
    return suffixes.pop() if len(suffixes) == 1 and len(pairs) > 2 else ""
