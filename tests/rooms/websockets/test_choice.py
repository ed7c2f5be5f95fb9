import pytest
from uvicorn.importer import import_from_string

from kibitz_site.checks import slow_frames
from kibitz_site.env import read_env
from rooms.websockets.choice import CHOICES, PICOWS, WEBSOCKETS, uvicorn_classes


@pytest.mark.parametrize("wanted", CHOICES)
def test_each_choice_names_classes_that_exist(wanted: str) -> None:
    for name in uvicorn_classes(wanted, is_installed=True).values():
        assert isinstance(import_from_string(name), type)


def test_without_picows_the_other_is_taken() -> None:
    assert uvicorn_classes(PICOWS, is_installed=False) == uvicorn_classes(WEBSOCKETS, is_installed=True)
    assert uvicorn_classes(PICOWS, is_installed=True) != uvicorn_classes(WEBSOCKETS, is_installed=True)


def test_picows_is_the_default_and_its_absence_is_told() -> None:
    assert read_env({})["BROKER_WS"] == PICOWS
    finding = slow_frames(read_env({}), lambda: False)
    assert finding
    assert "picows is not installed" in finding[0]
    assert slow_frames(read_env({}), lambda: True) is None
    assert slow_frames(read_env({"BROKER_WS": WEBSOCKETS}), lambda: False) is None


def test_another_word_is_named() -> None:
    assert [problem.name for problem in read_env({"BROKER_WS": "wsproto"}).problems] == ["BROKER_WS"]
