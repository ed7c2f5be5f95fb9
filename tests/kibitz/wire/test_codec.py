from kibitz.wire.codec import Codec, kept
from kibitz.wire.refusal import Refused


def looking(seen: list[object]) -> Codec[str]:
    """Reads texts, and notes what it was shown."""

    def decode(value: object, where: str) -> str | Refused:
        seen.append(value)
        return value if isinstance(value, str) else Refused("wrong-type", where)

    return Codec(decode)


def test_what_cannot_be_read_is_left_out() -> None:
    assert kept(looking([]), 3).decode([1, "a", None, "b"], "") == ["a", "b"]


def test_a_flood_of_what_cannot_be_read_is_not_looked_at() -> None:
    seen: list[object] = []
    assert kept(looking(seen), 3).decode([0] * 11 + ["a"] * 100_000, "") == ["a"]
    assert len(seen) == 12
    assert kept(looking([]), 3).decode([0] * 12 + ["a"], "") == []


def test_after_enough_the_rest_is_not_looked_at() -> None:
    seen: list[object] = []
    assert kept(looking(seen), 3).decode(["a"] * 100_000, "") == ["a"] * 3
    assert len(seen) == 3
