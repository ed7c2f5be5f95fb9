"""Frames that wait a moment for somebody who is just coming, or coming back. In memory only, and bounded three ways.

Who never comes is told of once: one EXPIRE for each sender, however many frames waited.
"""

from dataclasses import dataclass, field

from rooms.broker.limits import Limits


@dataclass(frozen=True, slots=True)
class Waiting:
    """A frame that waits. sender: the peer id that wrote it."""

    text: str
    sender: str


@dataclass(slots=True)
class Mailbox:
    """The frames for one id, oldest first."""

    until: float
    frames: list[Waiting] = field(default_factory=list)
    size_bytes: int = 0


@dataclass(slots=True)
class Mailboxes:
    """All mailboxes of a process. Sizes count characters, which for broker frames are bytes but for rare letters."""

    limits: Limits
    boxes: dict[str, Mailbox] = field(default_factory=dict)
    size_bytes: int = 0

    def keep(self, peer_id: str, waiting: Waiting, until: float) -> bool:
        """Whether there was room. until: when to give up; a box keeps the first time it was given."""
        if until <= 0:
            return False
        box = self.boxes.get(peer_id) or Mailbox(until)
        size = len(waiting.text)
        limits = self.limits
        is_full = len(box.frames) >= limits.mailbox_frames or box.size_bytes + size > limits.mailbox_bytes
        if is_full or self.size_bytes + size > limits.mailboxes_bytes:
            return False
        box.frames.append(waiting)
        box.size_bytes += size
        self.size_bytes += size
        self.boxes[peer_id] = box
        return True

    def take(self, peer_id: str) -> list[Waiting]:
        """Everything that waits for an id, out of its box."""
        box = self.boxes.pop(peer_id, None)
        if box is None:
            return []
        self.size_bytes -= box.size_bytes
        return box.frames

    def overdue(self, now: float) -> list[tuple[str, str]]:
        """Empties the boxes nobody came for; answers (id, sender) once for each sender."""
        late = [peer_id for peer_id, box in self.boxes.items() if box.until <= now]
        return [
            (peer_id, sender) for peer_id in late for sender in dict.fromkeys(waiting.sender for waiting in self.take(peer_id))
        ]
