from rooms.turn import TTL_S, Askers, IceServers, credential, ice_servers

NOW_S = 1_700_000_000


def known(stun: tuple[str, ...] = (), turn: tuple[str, ...] = (), secret: str = "", *, derives_stun: bool = True) -> IceServers:
    return IceServers(stun, turn, secret, derives_stun)


def test_a_credential_is_what_the_relay_computes_too() -> None:
    """The password is `openssl dgst -sha1 -hmac north -binary | base64` of the username."""
    assert credential("north", NOW_S + TTL_S, "abc") == ("1700086400:abc", "rdRes6D4AdS5DA7lyYxp56skEtQ=")


def test_nothing_set_gives_no_servers() -> None:
    assert ice_servers(known(), NOW_S, "abc") == []


def test_a_relay_comes_with_a_credential_that_holds_a_day() -> None:
    relay = ("turn:t.example:3478", "turns:t.example:5349?transport=tcp")
    username, password = credential("north", NOW_S + 86_400, "abc")
    assert ice_servers(known(("stun:s.example:3478",), relay, "north"), NOW_S, "abc") == [
        {"urls": ["stun:s.example:3478"]},
        {"urls": list(relay), "username": username, "credential": password},
    ]


def test_a_relay_without_its_secret_is_not_told() -> None:
    assert ice_servers(known((), ("turns:t.example:5349",)), NOW_S, "abc") == []


def test_the_relay_is_asked_for_stun_where_no_other_server_is_named() -> None:
    relay = (
        "turn:t.example:3478?transport=udp",
        "turn:t.example:3478",
        "turn:t.example:3478?transport=tcp",
        "turns:t.example:5349",
    )
    assert ice_servers(known((), relay, "north"), NOW_S, "abc")[0] == {"urls": ["stun:t.example:3478"]}


def test_no_stun_is_added_where_the_operator_develops() -> None:
    relay = ("turn:t.example:3478",)
    assert [server["urls"] for server in ice_servers(known((), relay, "north", derives_stun=False), NOW_S, "abc")] == [
        list(relay)
    ]


def test_a_network_over_its_limit_waits_and_no_other_does() -> None:
    askers = Askers(per_minute=3)
    assert [askers.may_ask("school", 0) for _ in range(4)] == [True, True, True, False]
    assert askers.may_ask("home", 0)
    assert not askers.may_ask("school", 19)
    assert askers.may_ask("school", 20)


def test_zero_is_no_limit() -> None:
    askers = Askers(per_minute=0)
    assert all(askers.may_ask("school", 0) for _ in range(10_000))


def test_quiet_networks_are_forgotten() -> None:
    askers = Askers(per_minute=3)
    for number in range(1_000):
        askers.may_ask(f"network {number}", 0)
    askers.may_ask("home", 61)
    assert set(askers.buckets) == {"home"}
