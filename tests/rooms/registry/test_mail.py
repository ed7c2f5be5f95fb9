from itertools import pairwise

from rooms.registry.mail import MOST_CHARS, Mail
from rooms.registry.orders import FRAME_CHARS_A_BATCH, FRAMES_A_BATCH
from rooms.registry.words import Envelope, Frame, Moved, Stamp, packed, packed_frames, packed_head, read_envelope


def frames(*texts: str, to: str = "ben") -> list[Frame]:
    return [Frame(to, text, "ann") for text in texts]


def filled(*texts: str) -> Mail:
    mail = Mail()
    for frame in frames(*texts):
        assert mail.send(frame)
    return mail


def came(mail: Mail, stamp: Stamp, *items: Frame, worker: str = "w") -> list[str]:
    return [item.text for item in mail.fresh(Envelope(worker, stamp, list(items))) if isinstance(item, Frame)]


def test_frames_go_in_the_order_they_came() -> None:
    mail = filled("1", "2", "3")
    assert [frame.text for frame in mail.take()] == ["1", "2", "3"]
    assert mail.take() == ()
    assert mail.outgoing_chars == 0


def test_a_batch_is_bounded_in_frames_and_in_size() -> None:
    many = filled(*map(str, range(FRAMES_A_BATCH + 1)))
    assert [len(many.take()), len(many.take())] == [FRAMES_A_BATCH, 1]
    large = filled(*["x" * (FRAME_CHARS_A_BATCH // 4)] * 5)
    assert [len(large.take()), len(large.take())] == [4, 1]


def test_what_waits_for_redis_is_bounded() -> None:
    mail = Mail()
    while mail.send(Frame("ben", "x" * 60_000, "ann")):
        pass
    assert MOST_CHARS < mail.outgoing_chars < MOST_CHARS + 64_000
    mail.take()
    assert mail.send(Frame("ben", "x", "ann"))


def test_a_frame_of_a_doubtful_batch_goes_again_with_its_stamp_and_is_dropped_by_who_had_it() -> None:
    sender, receiver = filled("1", "2"), Mail()
    batch = sender.take()
    assert came(receiver, (1, 7), *batch) == ["1", "2"]
    sender.doubt(batch, (1, 7), until=100)
    for frame in frames("1", "2", "3"):
        sender.send(frame)
    again = sender.take()
    assert [frame.again for frame in again] == [((1, 7),), ((1, 7),), ()]
    assert came(receiver, (2, 1), *again) == ["3"]


def test_who_did_not_have_the_doubtful_batch_takes_the_frame() -> None:
    sender, receiver = filled("1"), Mail()
    assert came(receiver, (1, 6), *frames("0")) == ["0"]
    sender.doubt(sender.take(), (1, 7), until=100)
    sender.send(*frames("1"))
    assert came(receiver, (2, 1), *sender.take()) == ["1"]


def test_a_frame_may_be_in_doubt_more_than_once() -> None:
    sender, first, second = filled("1"), Mail(), Mail()
    batch = sender.take()
    came(first, (1, 7), *batch)
    sender.doubt(batch, (1, 7), until=100)
    sender.send(*frames("1"))
    batch = sender.take()
    came(second, (2, 1), *batch)
    sender.doubt(batch, (2, 1), until=100)
    sender.send(*frames("1"))
    (last,) = sender.take()
    assert came(first, (3, 1), last) == came(second, (3, 1), last) == []


def test_what_is_known_of_a_frame_survives_an_outage_before_it_went() -> None:
    mail = filled("1")
    mail.doubt(mail.take(), (1, 7), until=100)
    mail.send(*frames("1"))
    assert [frame.again for frame in mail.take_all()] == [((1, 7),)]
    mail.send(*frames("1"))
    assert [frame.again for frame in mail.take()] == [((1, 7),)]


def test_old_doubts_are_forgotten() -> None:
    mail = filled("1")
    mail.doubt(mail.take(), (1, 7), until=100)
    mail.settle(101)
    mail.send(*frames("1"))
    assert [frame.again for frame in mail.take()] == [()]


def test_one_workers_stamps_say_nothing_of_anothers() -> None:
    receiver = Mail()
    came(receiver, (1, 7), *frames("1"), worker="other")
    (frame,) = frames("1")
    assert came(receiver, (2, 1), Frame(frame.peer_id, frame.text, frame.sender, ((1, 7),))) == ["1"]


def test_links_that_ended_long_ago_are_forgotten() -> None:
    receiver = Mail()
    sizes = []
    for link in range(1, 3_000):
        came(receiver, (link, 1))
        sizes.append(len(receiver._latest))
    assert all(before <= after for before, after in pairwise(sizes))
    assert max(sizes) == 1024


def test_an_envelope_put_together_by_redis_reads_as_one_packed_at_once() -> None:
    sent = frames("ü", "", "x" * 70_000)
    parts = packed_frames(sent)
    script_made = packed_head("worker", (3, 4)) + b"\xdc\x00\x03" + b"".join(map(_bytes, parts[1::2]))
    assert read_envelope(script_made) == Envelope("worker", (3, 4), list(sent))
    assert read_envelope(packed("worker", Moved("ben"))) == Envelope("worker", (0, 0), [Moved("ben")])
    assert read_envelope(b"\xc1 not ours") is None


def _bytes(part: str | bytes) -> bytes:
    return part if isinstance(part, bytes) else part.encode()
