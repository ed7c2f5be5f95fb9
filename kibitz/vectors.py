"""Recomputes every value of vector files and says each difference: the contract between the two languages, checked.

A file is a record of groups. A group that is not known or has no rows, a row with a missing or an unknown field, a file
that cannot be read and one in which nothing was compared are errors of their own, said with their place.
Twin: widget/tools/vectors.ts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kibitz.vector_groups import CONTEXT, DOOR_INVITE, FROZEN, NOT_YET, VERDICTS, Group, Row
from kibitz.wire.codec import as_record
from kibitz.wire.refusal import Refused
from kibitz.wire.tokens import json_text
from kibitz.wire.values import read_json

_VERDICT_FIELDS: Final = ({"gives"}, {"refused", "where"})


@dataclass(slots=True)
class Report:
    """What was found in files: lines for a person, and whether all was well."""

    lines: list[str] = field(default_factory=list)
    is_good: bool = True

    def fail(self, line: str) -> None:
        """Says a difference or an error."""
        self.lines.append(line)
        self.is_good = False


def check_files(paths: list[str]) -> Report:
    """Checks each file; reads nothing else."""
    report = Report()
    for path in paths:
        try:
            text = Path(path).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            report.fail(f"{path}: cannot be read: {problem}")
            continue
        check_text(Path(path).name, text, report)
    return report


def check_text(name: str, text: str, report: Report) -> None:
    """Checks the text of one file, group by group."""
    value = read_json(text)
    groups = value if isinstance(value, Refused) else as_record(value, "")
    if isinstance(groups, Refused):
        report.fail(f"{name}: {groups.sentence}")
        return
    context = _context(name, groups, report)
    compared = 0
    for group_name, part in groups.items():
        place = f"{name} {group_name}"
        if group_name in NOT_YET:
            _put_off(place, part, report)
        elif group_name not in CONTEXT:
            compared += _check_group(place, part, _group(group_name, groups), context, report)
    if compared == 0:
        report.fail(f"{name}: nothing was compared, since no group that is checked here has a row")


def _put_off(place: str, part: object, report: Report) -> None:
    if isinstance(as_record(part, ""), Refused):
        report.fail(f"{place}: a record with named fields was expected")
    else:
        report.lines.append(f"{place}: not yet")


def _context(name: str, groups: Mapping[str, object], report: Report) -> Row:
    found: dict[str, Any] = {}
    for key, codec in CONTEXT.items():
        if key in groups:
            decoded = codec.decode(groups[key], key)
            if isinstance(decoded, Refused):
                report.fail(f"{name} {decoded.where}: {decoded.sentence}")
            else:
                found[key] = decoded
    return found


def _group(name: str, groups: Mapping[str, object]) -> Group | None:
    if name == "invite" and "creator_key" in groups:
        return DOOR_INVITE
    return FROZEN.get(name) or VERDICTS.get(name)


def _check_group(place: str, value: object, group: Group | None, context: Row, report: Report) -> int:
    """Says what differs in a group, and answers how many rows were looked at."""
    rows = _rows(value, group, context)
    if group is None or isinstance(rows, str):
        report.fail(f"{place}: {rows}")
        return 0
    differences = [line for at, row in enumerate(rows) for line in _check_row(f"{place}[{at}]", row, group, context)]
    for line in differences:
        report.fail(line)
    verdict = _counted(len(differences), "difference") if differences else "all equal"
    report.lines.append(f"{place}: {_counted(len(rows), 'row')}, {verdict}")
    return len(rows)


def _rows(value: object, group: Group | None, context: Row) -> list[object] | str:
    """The rows of a group, or why there are none."""
    if group is None:
        return "this group is not known here"
    lacking = [key for key in group.needs if key not in context]
    if lacking:
        return f"needs {', '.join(lacking)}"
    rows = group.rows(value)
    return "its rows have another shape" if isinstance(rows, Refused) else rows or "it has no rows"


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _check_row(place: str, value: object, group: Group, context: Row) -> Iterator[str]:
    entries = as_record(value, "")
    if isinstance(entries, Refused):
        yield f"{place}: this row is no record"
        return
    complaint = _wrong_fields(entries, group)
    row = _given(entries, group, context)
    if complaint or isinstance(row, str):
        yield f"{place}: {complaint or row}"
        return
    found = _found(group.compute(row, context), group)
    stated = {key: part for key, part in entries.items() if key in (group.found or ("gives", "refused", "where"))}
    for key, part in stated.items():
        if key not in found or _text(found[key]) != _text(part):
            yield f"{place}.{key}: stated {_text(part)}, computed {_text(found.get(key, found))}"
    yield from _check_refused(f"{place}.refused", entries.get("refused"), group, context)


def _wrong_fields(entries: Mapping[str, object], group: Group) -> str:
    """What is wrong with the names of a row's fields, empty for nothing."""
    asides = {"why"} | ({"refused"} if group.refuse else set())
    stated = set(entries) - set(group.given) - asides
    wanted = [set(group.found) - set(group.given)] if group.found else _VERDICT_FIELDS
    missing = sorted(set(group.given) - set(entries)) or (sorted(wanted[0] - stated) if stated not in wanted else [])
    unknown = sorted(stated - set().union(*wanted))
    if unknown:
        return f"the field {unknown[0]} is not known here"
    if group.refuse and "refused" not in entries:
        return "the field refused is missing"
    return f"the field {missing[0]} is missing" if missing else "" if stated in wanted else "it states two verdicts"


def _given(entries: Mapping[str, object], group: Group, context: Row) -> Row | str:
    row: dict[str, Any] = {}
    for key, codec in group.given.items():
        decoded = codec.decode(entries.get(key), key)
        if isinstance(decoded, Refused):
            return f"{decoded.where}: {decoded.sentence}"
        row[key] = decoded
    named = [row["key"]] if "key" in row else row.get("allowed", [])
    strangers = [name for name in named if name not in context["keys"]]
    return f"no key is called {strangers[0]}" if strangers else row


def _found(computed: object, group: Group) -> Mapping[str, object]:
    if not group.found:
        return _verdict(computed)
    values = as_record(computed, "")
    return {} if isinstance(values, Refused) else {key: _shown(part) for key, part in values.items()}


def _verdict(computed: object) -> Mapping[str, object]:
    return {"refused": computed.code, "where": computed.where} if isinstance(computed, Refused) else {"gives": computed}


def _shown(part: object) -> object:
    return {"refused": part.code, "where": part.where} if isinstance(part, Refused) else part


def _check_refused(place: str, rows: object, group: Group, context: Row) -> Iterator[str]:
    """Rows inside a row that must be refused, each for its own reason."""
    if group.refuse is None:
        return
    if not isinstance(rows, list):
        yield f"{place}: a list was expected"
        return
    for at, value in enumerate(rows):
        entries = as_record(value, "")
        if isinstance(entries, Refused) or set(entries) != {"why", *group.refused}:
            yield f"{place}[{at}]: the fields why, {', '.join(group.refused)} were expected"
        elif not all(isinstance(part, str) for part in entries.values()):
            yield f"{place}[{at}]: texts were expected"
        elif not isinstance(group.refuse(entries, context), Refused):
            yield f"{place}[{at}]: accepted, though it should be refused ({entries['why']})"


def _text(value: object) -> str:
    """JSON with sorted keys, so that equal values are equal texts."""
    return json_text(_sorted(value))


def _sorted(value: object) -> object:
    match value:
        case dict():
            return {key: _sorted(value[key]) for key in sorted(value)}
        case list() | tuple():
            return [_sorted(part) for part in value]
        case _:
            return value
