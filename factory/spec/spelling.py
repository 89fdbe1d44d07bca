"""Letters of the world in those of ASCII, for names that every warehouse takes.

What a letter becomes may never change: columns are called by it. So the tables are here, and
what is not in them comes from the Unicode names of characters, which are fixed for ever.
"""

import re
import unicodedata

_LATIN = {
    "ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h",
    "\N{LATIN SMALL LETTER DOTLESS I}": "i", "ŋ": "ng", "ə": "e", "ƒ": "f",
}  # fmt: skip
_GREEK = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip
_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i",
    "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch",
    "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya", "ё": "e", "і": "i", "є": "ye",
    "ї": "yi", "ґ": "g", "ў": "u",
}  # fmt: skip
_LETTERS = {**_LATIN, **_GREEK, **_CYRILLIC}
_CALLED = re.compile(r"(?:LETTER|SYLLABLE) (?:SMALL )?(\w+)")  # HIRAGANA LETTER KA
_SYMBOLS = 8  # so many are spelled out where a name has nothing else


def spell(text: str) -> str:
    """`text` in ASCII: letters keep their case, what is no letter or digit becomes a space."""
    composed = unicodedata.normalize("NFC", text)
    pairs = zip(composed, f"{composed[1:]} ", strict=False)
    return "".join(_spell(each, then) for each, then in pairs)


def spell_symbols(text: str) -> str:
    """What the first symbols of `text` are called: `%` is PERCENT SIGN."""
    names = (unicodedata.name(each, "") for each in text.strip()[:_SYMBOLS])
    return " ".join(names)


def _spell(letter: str, following: str) -> str:
    if letter.isascii():
        return letter
    apart = unicodedata.normalize("NFKD", letter)  # without its accents, ligatures, squares
    known = _LETTERS.get(letter.lower(), _LETTERS.get(apart[0].lower()))
    if known is not None:
        return _in_case(known, letter, following)
    plain = "".join(each if each.isascii() else " " for each in apart).strip()
    if plain:
        return plain
    kind = unicodedata.category(letter)
    if kind.startswith("M"):  # an accent
        return ""
    return _by_name(letter) if kind.startswith("L") else " "


def _by_name(letter: str) -> str:
    called = _CALLED.search(unicodedata.name(letter, ""))
    return called[1].lower() if called else f"u{ord(letter):x}"


def _in_case(known: str, letter: str, following: str) -> str:
    if not letter.isupper():
        return known
    return known.upper() if following.isupper() else known.capitalize()
