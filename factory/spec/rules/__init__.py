"""The rules, one a file. `ON_MISFITS` word what the schema refuses; the others look further."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from factory.spec.document import Candidate, Document
from factory.spec.model import TargetSpec
from factory.spec.problems import Problem
from factory.spec.rules import (
    bad_value,
    missing_key,
    patterns,
    unknown_key,
    wrong_type,
)
from factory.spec.validation import Wording

DocumentRule = Callable[[Document], Iterator[Problem]]
AcrossRule = Callable[[Sequence[Candidate], TargetSpec | None], Iterator[Problem]]

ON_MISFITS: Mapping[str, Wording] = {
    "additionalProperties": unknown_key.problems,
    "required": missing_key.problems,
    "type": wrong_type.problems,
    "enum": bad_value.of_a_list,
    "anyOf": bad_value.no_form,
    "pattern": patterns.problems,
    "propertyNames": patterns.bad_keys,
    "minimum": bad_value.out_of_bounds,
    "maximum": bad_value.out_of_bounds,
    "minItems": bad_value.out_of_bounds,
    "maxItems": bad_value.out_of_bounds,
    "minLength": bad_value.out_of_bounds,
    "uniqueItems": bad_value.twice,
}

ON_DOCUMENTS: tuple[DocumentRule, ...] = ()
ACROSS: tuple[AcrossRule, ...] = ()
