"""What one client may ask of the broker. Numbers come from DESIGN.md's security baseline; 0 switches a limit off."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit of the broker, with its unit in its name."""

    frames_per_s: int = 100  # sustained by one socket; a call's set-up sends about 60 at once
    burst_frames: int = 400
    sockets_per_network: int = 600  # a school's one address, three sockets a person
    claims_per_minute: int = 600  # ids claimed from one network
    early_frames: int = 16  # before the registry answered: no client sends any so soon but one in a hurry
    early_bytes: int = 64 * 1024  # as one frame's most
    mailbox_s: float = 5.0  # frames for somebody who lost the connection: as long as a client takes to come back
    stranger_s: float = 1.0  # frames for an id never seen: a page may dial while the other still registers
    mailbox_frames: int = 64
    mailbox_bytes: int = 256 * 1024
    mailboxes_bytes: int = 64 * 1024 * 1024  # all mailboxes of a process
    silence_s: float = 60.0  # a socket without any frame is dead, as with the PeerJS server
    queue_bytes: int = 1024 * 1024  # written for one slow reader before its socket goes
