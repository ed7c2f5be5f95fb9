from itertools import pairwise

from rooms.registry.arrivals import LINKS_REMEMBERED, Arrivals
from rooms.registry.commands import FRAME_CHARS_A_BATCH, FRAMES_A_BATCH
from rooms.registry.messages import Envelope, Frame, Moved, Stamp, packed, packed_frames, packed_head, read_envelope
from rooms.registry.outbox import MOST_CHARS, Outbox


def frames(*texts: str, to: str = "ben") -> list[Frame]:
    return [Frame(to, text, "ann") for text in texts]


def filled(*texts: str) -> Outbox:
    outbox = Outbox()
    for frame in frames(*texts):
        assert outbox.send(frame)
    return outbox


def taken(outbox: Outbox, now: float = 0) -> tuple[Frame, ...]:
    """The next batch, wherever its frames go."""
    return tuple(frame for group in outbox.take(now)[0].values() for frame in group)


def texts(group: list[Frame]) -> list[str]:
    return [frame.text for frame in group]


def came(arrivals: Arrivals, stamp: Stamp, *items: Frame, worker: str = "w") -> list[str]:
    """What is new of what comes from a worker."""
    fresh = [item.text for item in items if not arrivals.had(worker, item.doubts)]
    arrivals.note(worker, stamp)
    return fresh


def test_frames_go_in_the_order_they_came() -> None:
    outbox = filled("1", "2", "3")
    assert [frame.text for frame in taken(outbox)] == ["1", "2", "3"]
    assert taken(outbox) == ()
    assert outbox.chars == 0


def test_a_batch_is_bounded_in_frames_and_in_size() -> None:
    many = filled(*map(str, range(FRAMES_A_BATCH + 1)))
    assert [len(taken(many)), len(taken(many))] == [FRAMES_A_BATCH, 1]
    large = filled(*["x" * (FRAME_CHARS_A_BATCH // 4)] * 5)
    assert [len(taken(large)), len(taken(large))] == [4, 1]


def test_what_waits_for_redis_is_bounded() -> None:
    outbox = Outbox()
    while outbox.send(Frame("ben", "x" * 60_000, "ann")):
        pass
    assert MOST_CHARS < outbox.chars < MOST_CHARS + 64_000
    taken(outbox)
    assert outbox.send(Frame("ben", "x", "ann"))


def test_a_frame_of_a_doubtful_batch_goes_again_with_its_stamp_and_is_dropped_by_who_had_it() -> None:
    sender, receiver = filled("1", "2"), Arrivals()
    batch = taken(sender)
    assert came(receiver, (1, 7), *batch) == ["1", "2"]
    sender.doubt(batch, (1, 7), until=100)
    for frame in frames("1", "2", "3"):
        sender.send(frame)
    again = taken(sender)
    assert [frame.doubts for frame in again] == [((1, 7),), ((1, 7),), ()]
    assert came(receiver, (2, 1), *again) == ["3"]


def test_who_did_not_have_the_doubtful_batch_takes_the_frame() -> None:
    sender, receiver = filled("1"), Arrivals()
    assert came(receiver, (1, 6), *frames("0")) == ["0"]
    sender.doubt(taken(sender), (1, 7), until=100)
    sender.send(*frames("1"))
    assert came(receiver, (2, 1), *taken(sender)) == ["1"]


def test_a_frame_may_be_in_doubt_more_than_once() -> None:
    sender, first, second = filled("1"), Arrivals(), Arrivals()
    batch = taken(sender)
    came(first, (1, 7), *batch)
    sender.doubt(batch, (1, 7), until=100)
    sender.send(*frames("1"))
    batch = taken(sender)
    came(second, (2, 1), *batch)
    sender.doubt(batch, (2, 1), until=100)
    sender.send(*frames("1"))
    (last,) = taken(sender)
    assert came(first, (3, 1), last) == came(second, (3, 1), last) == []


def test_what_is_known_of_a_frame_survives_an_outage_before_it_went() -> None:
    outbox = filled("1")
    outbox.doubt(taken(outbox), (1, 7), until=100)
    outbox.send(*frames("1"))
    assert [frame.doubts for frame in outbox.take_all()] == [((1, 7),)]
    outbox.send(*frames("1"))
    assert [frame.doubts for frame in taken(outbox)] == [((1, 7),)]


def test_old_doubts_are_forgotten() -> None:
    outbox = filled("1")
    outbox.doubt(taken(outbox), (1, 7), until=100)
    outbox.tidy(101)
    outbox.send(*frames("1"))
    assert [frame.doubts for frame in taken(outbox)] == [()]


def test_one_workers_stamps_say_nothing_of_anothers() -> None:
    receiver = Arrivals()
    came(receiver, (1, 7), *frames("1"), worker="other")
    (frame,) = frames("1")
    assert came(receiver, (2, 1), Frame(frame.peer_id, frame.text, frame.sender, ((1, 7),))) == ["1"]


def test_links_that_ended_long_ago_are_forgotten() -> None:
    receiver = Arrivals()
    sizes = []
    for link in range(1, 3_000):
        came(receiver, (link, 1))
        sizes.append(len(receiver._latest))
    assert all(before <= after for before, after in pairwise(sizes))
    assert max(sizes) == LINKS_REMEMBERED


def test_frames_go_straight_to_the_worker_that_redis_told_of_for_a_second() -> None:
    outbox = filled("1")
    outbox.send(Frame("cy", "2", "ann"))
    outbox.learn_route("ben", "w1", now=10)
    assert {worker: texts(group) for worker, group in outbox.take(10.9)[0].items()} == {"w1": ["1"], "": ["2"]}
    outbox.forget_route("ben")
    outbox.send(*frames("3"))
    assert list(outbox.take(10.9)[0]) == [""]


def test_after_that_second_frames_wait_until_redis_says_that_the_id_is_still_there() -> None:
    outbox = filled("1", "2")
    outbox.learn_route("ben", "w1", now=10)
    assert outbox.take(11.1) == ({}, ["ben"])
    outbox.send(*frames("3"))
    assert outbox.take(11.1) == ({}, [])
    assert outbox.looked_up("ben", "w1", 11.2) == ""
    assert {worker: texts(group) for worker, group in outbox.take(12)[0].items()} == {"w1": ["1", "2", "3"]}


def test_if_it_is_not_there_any_more_they_wait_for_what_may_come_back_from_there() -> None:
    outbox = filled("2")
    outbox.learn_route("ben", "w1", now=10)
    outbox.take(11.1)
    assert outbox.looked_up("ben", "w2", 11.2) == "w1"
    assert not outbox.came_back(Frame("ben", "1", "ann"), 11.3)
    assert outbox.take(11.3) == ({}, [])
    assert outbox.end_detour("ben") == []
    assert {worker: texts(group) for worker, group in outbox.take(11.3)[0].items()} == {"": ["1", "2"]}


def test_a_frame_that_comes_back_before_redis_answers_asks_for_the_marker() -> None:
    outbox = filled("2")
    outbox.learn_route("ben", "w1", now=10)
    outbox.take(11.1)
    assert outbox.came_back(Frame("ben", "1", "ann"), 11.2)
    assert outbox.looked_up("ben", "w2", 11.3) == ""
    assert outbox.take(11.3) == ({}, [])
    outbox.end_detour("ben")
    assert [frame.text for frame in taken(outbox, 11.4)] == ["1", "2"]


def test_a_marker_that_does_not_come_is_waited_for_only_so_long() -> None:
    outbox = filled("2")
    outbox.came_back(Frame("ben", "1", "ann"), 10)
    assert outbox.tidy(11.9) == []
    assert taken(outbox) == ()
    assert outbox.tidy(12.1) == []
    assert [frame.text for frame in taken(outbox)] == ["1", "2"]


def test_frames_for_an_id_that_moved_go_on_in_order_when_all_of_them_are_back() -> None:
    outbox = filled("1", "2")
    outbox.learn_route("ben", "old", now=0)
    sent = outbox.take(0)[0]["old"]
    outbox.send(*frames("3"))
    outbox.send(Frame("cy", "other", "ann"))
    assert outbox.came_back(sent[0], 0)
    outbox.send(*frames("4"))
    assert not outbox.came_back(sent[1], 0)
    assert {worker: texts(group) for worker, group in outbox.take(0)[0].items()} == {"": ["other"]}
    assert outbox.end_detour("ben") == []
    assert {worker: texts(group) for worker, group in outbox.take(0)[0].items()} == {"": ["1", "2", "3", "4"]}
    assert outbox.chars == 0


def test_frames_that_followed_their_id_for_long_wait_for_it_with_all_behind_them() -> None:
    outbox = Outbox()
    for frame in (Frame("ben", "1", "ann", hops=2), Frame("ben", "2", "ann", hops=0)):
        outbox.came_back(frame, 0)
    outbox.send(*frames("3"))
    assert texts(outbox.end_detour("ben")) == ["1", "2", "3"]
    assert (outbox.chars, taken(outbox)) == (0, ())


def test_what_must_not_overtake_older_frames_can_be_withdrawn() -> None:
    outbox = filled("1", "2")
    outbox.send(Frame("cy", "3", "ann"))
    assert texts(outbox.withdraw({"ben"})) == ["1", "2"]
    assert outbox.chars == 1
    assert [frame.text for frame in taken(outbox)] == ["3"]


def test_an_outage_ends_every_detour() -> None:
    outbox = filled("2")
    outbox.came_back(Frame("ben", "1", "ann"), 0)
    assert texts(outbox.take_all()) == ["1", "2"]
    assert outbox.end_detour("ben") == []
    assert (outbox.chars, taken(outbox)) == (0, ())


def test_an_envelope_put_together_by_redis_reads_as_one_packed_at_once() -> None:
    sent = frames("ü", "", "x" * 70_000)
    parts = packed_frames(sent)
    script_made = packed_head("worker", (3, 4)) + b"\xdc\x00\x03" + b"".join(map(_bytes, parts[1::2]))
    assert read_envelope(script_made) == Envelope("worker", (3, 4), list(sent))
    assert read_envelope(packed("worker", [Moved("ben")])) == Envelope("worker", (0, 0), [Moved("ben")])
    assert read_envelope(b"\xc1 not ours") is None


def _bytes(part: str | bytes) -> bytes:
    return part if isinstance(part, bytes) else part.encode()
