"""The rules, one subject a file. `ON_MISFITS` word what the schema refuses; the others look
further: at a file on its own, and at all pipelines together."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from factory.spec.document import Candidate, Document
from factory.spec.problems import Problem
from factory.spec.rules import (
    across,
    ambiguous,
    bad_value,
    bounds,
    checks,
    columns,
    depends_on,
    formats,
    missing_key,
    names,
    networks,
    patterns,
    prefix,
    rejects,
    schedule,
    secrets,
    source,
    tables,
    targets,
    tests,
    unknown_key,
    wrong_type,
)
from factory.spec.validation import Wording

DocumentRule = Callable[[Document], Iterator[Problem]]
AcrossRule = Callable[[Sequence[Candidate]], Iterator[Problem]]

ON_MISFITS: Mapping[str, Wording] = {
    "additionalProperties": unknown_key.problems,
    "required": missing_key.problems,
    "type": wrong_type.problems,
    "enum": bad_value.of_a_list,
    "anyOf": bad_value.no_form,
    "pattern": patterns.problems,
    "minimum": bad_value.out_of_bounds,
    "maximum": bad_value.out_of_bounds,
    "minItems": bad_value.out_of_bounds,
    "maxItems": bad_value.out_of_bounds,
    "minLength": bad_value.out_of_bounds,
    "minProperties": bad_value.one_kind,
    "maxProperties": bad_value.one_kind,
    "uniqueItems": bad_value.twice,
}

ON_DOCUMENTS: Sequence[DocumentRule] = (
    secrets.problems,
    ambiguous.problems,
    source.problems,
    schedule.problems,
    names.pipeline_name,
    names.bucket_name,
    names.table_name,
    prefix.problems,
    tables.one_or_several,
    tables.merge_needs_key,
    tables.partition,
    columns.contract,
    columns.closed_contract,
    columns.named_columns,
    formats.dates,
    formats.encoding,
    bounds.problems,
    checks.problems,
    tests.problems,
    targets.problems,
    networks.entries,
)

ACROSS: Sequence[AcrossRule] = (
    across.duplicate_pipelines,
    across.duplicate_tables,
    rejects.taken_by_rejects,
    depends_on.unknown_pipelines,
    depends_on.cycles,
)
