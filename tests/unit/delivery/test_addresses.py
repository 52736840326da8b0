"""Addresses: judged as text, then as what they stand for."""

import ipaddress
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows_app.delivery.addresses import AddressError, Reach, Target, is_public, judge, networks, read_target

TRICKS = [
    "https://user@hooks.example.com/", "https://user:pw@hooks.example.com/", "https://hooks.example.com@127.0.0.1/",
    "ftp://hooks.example.com/", "file:///etc/passwd", "gopher://hooks.example.com/", "//hooks.example.com/",
    "HTTPS://hooks.example.com/", "https:/hooks.example.com/", "https://hooks.example.com./", "https://hooks..example.com/",
    "https://localhost/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/",
    "https://0x7f.0.0.1/", "https://127.0.0.0x1/", "https://1.2.3.0x/", "https://127.0.0.1.5/", "https://[::1/", "https://[fe80::1%25eth0]/",
    "https://hooks.example.com:0/", "https://hooks.example.com:99999/", "https://hooks.example.com:https/",
    "https://１２７.0.0.1/", "https://hooks。example。com/", "https://ｈooks.example.com/", "https://exämple.com/",
    "https://hooks.example.com\\@127.0.0.1/", "https://hooks.example.com#@127.0.0.1/", "https://hooks.example.com?x",
    "https://hooks.example.com/a b", "https://hooks.example.com/\r\nHost: x", "https://hooks.example.com/\x00",
    "https://hooks.example.com/../x", "https://hooks.example.com/%2e%2E/x", "https://hooks.example.com/a//b",
    "https://hooks.example.com/a%2fb", "https://hooks.example.com/a%5Cb", "https://hooks.example.com/%zz", "https://hooks.example.com/#x",
    " https://hooks.example.com/", "https://hooks.example.com/\n", "https://-a.example.com/", "https://a_b.example.com/",
    "https:///x", "https://", "", "https://" + "a" * 3000 + ".com/",
]  # fmt: skip
HIDDEN = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.1", "0.0.0.0",  # noqa: S104
    "198.18.0.1", "224.0.0.1", "255.255.255.255", "192.88.99.1", "192.0.2.1", "240.0.0.1", "::", "::1", "::7f00:1",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1", "2002:7f00:1::",
    "2001:0:808:808::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "100::1",
    "5f00::1",
]  # fmt: skip


def target(url: str = "https://hooks.example.com/x") -> Target:
    return read_target(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://hooks.example.com", ("https", "hooks.example.com", 443, "/", False)),
        (
            "https://hooks.example.com:8443/a/b.c?d=%2Fe&f",
            ("https", "hooks.example.com", 8443, "/a/b.c?d=%2Fe&f", False),
        ),
        ("http://intern.example.com/", ("http", "intern.example.com", 80, "/", False)),
        ("https://xn--exmple-cua.com/", ("https", "xn--exmple-cua.com", 443, "/", False)),
        ("https://8.8.8.8/", ("https", "8.8.8.8", 443, "/", True)),
        ("https://[2606:4700::1111]:443/", ("https", "2606:4700::1111", 443, "/", True)),
    ],
)
def test_a_plain_address_is_taken_apart(url: str, expected: tuple[str, str, int, str, bool]) -> None:
    found = read_target(url)

    assert (found.scheme, found.host, found.port, found.path, found.literal) == expected


@pytest.mark.parametrize("url", TRICKS)
def test_what_could_be_read_in_two_ways_is_refused(url: str) -> None:
    with pytest.raises(AddressError):
        read_target(url)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://hooks.example.com/{text}"):
        with suppress(AddressError):
            assert read_target(url).url.isascii()


def test_what_is_read_is_read_again_the_same() -> None:
    found = read_target("https://[2606:4700::1111]/a?b")

    assert read_target(found.url) == found


@pytest.mark.parametrize("address", HIDDEN)
def test_no_other_address_is_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", HIDDEN)
def test_one_hidden_address_among_public_ones_refuses_them_all(address: str) -> None:
    with pytest.raises(AddressError, match="not an address of the public internet"):
        judge(["8.8.8.8", address], target(), Reach.FAR, ())


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450::1"])
def test_public_addresses_are_public(address: str) -> None:
    assert judge([address, address], target(), Reach.FAR, ()) == (address,)


@pytest.mark.parametrize("bad", ["", "localhost", "fe80::1%eth0", "8.8.8.8 "])
def test_what_a_resolver_should_not_say_is_refused(bad: str) -> None:
    with pytest.raises(AddressError):
        judge([bad], target(), Reach.FAR, ())


def test_a_name_without_address_is_refused() -> None:
    with pytest.raises(AddressError, match="has no address"):
        judge([], target(), Reach.FAR, ())


@pytest.mark.parametrize("url", ["http://hooks.example.com/", "https://8.8.8.8/"])
def test_outside_only_https_and_names_are_used(url: str) -> None:
    with pytest.raises(AddressError, match="only https"):
        judge(["8.8.8.8"], target(url), Reach.FAR, ())


def test_a_public_address_is_too_far_for_who_may_stay_in_the_house_only() -> None:
    with pytest.raises(AddressError, match="usual port"):
        judge(["8.8.8.8"], target(), Reach.OURS, networks(["10.0.0.0/8"]))


def test_an_opened_network_may_be_entered_by_any_way() -> None:
    ours = networks(["10.1.0.0/16", "fd12::/16"])

    assert judge(["10.1.2.3", "fd12::5"], target("http://box.example.com:8080/"), Reach.OURS, ours)
    with pytest.raises(AddressError):
        judge(["10.2.0.1"], target(), Reach.FAR, ours)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::5", "fd00:ec2::254", "::ffff:169.254.169.254", "100.100.100.200"]
)
def test_metadata_stays_closed_whatever_is_opened(address: str) -> None:
    with pytest.raises(AddressError):
        judge([address], target(), Reach.FAR, networks(["0.0.0.0/0", "::/0"]))


def test_a_network_that_is_none_is_said() -> None:
    with pytest.raises(AddressError, match="HTTP_NETWORKS"):
        networks(["10.1.2.3/8"])
