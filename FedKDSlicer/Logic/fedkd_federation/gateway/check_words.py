"""What each layer of the connection can fail with, in words for whoever runs a site, and what to do about it."""

from __future__ import annotations

from enum import StrEnum

from fedkd.federation.names import Frozen


class Layer(StrEnum):
    """What stands between a site and its first round, in the order in which it is met."""

    ADDRESS = "address"
    TLS = "TLS"
    THEIR_CERTIFICATE = "their certificate"
    OUR_CERTIFICATE = "our certificate"
    ADMISSION = "admission"
    ALLOW_LIST = "allow-list"
    PASSWORD = "password"  # noqa: S105 - the name of a layer
    VERSION = "version"
    APPROVAL = "approval"
    PROGRAM = "program"


class CheckStep(Frozen):
    """A layer, and whether it holds.

    Args:
        what: one sentence.
        what_to_do: empty where it holds.
    """

    layer: Layer
    ok: bool
    what: str
    what_to_do: str = ""


class CheckReport(Frozen):
    """All layers up to the first that does not hold."""

    steps: tuple[CheckStep, ...]

    @property
    def ok(self) -> bool:
        """Whether the site can take part."""
        return all(step.ok for step in self.steps)


class LayerError(Exception):
    """A layer does not hold."""

    def __init__(self, layer: Layer, what: str, what_to_do: str) -> None:
        super().__init__(what)
        self.step = CheckStep(layer=layer, ok=False, what=what, what_to_do=what_to_do)


def name_unknown(host: str) -> LayerError:
    return LayerError(
        Layer.ADDRESS,
        f"No computer named {host} is known here.",
        "Check that this computer is on the internet. If it is, ask your IT department whether it may look up this "
        "name, and the coordinator whether the name is right.",
    )


def nobody_listens(address: str, reason: str) -> LayerError:
    return LayerError(
        Layer.ADDRESS,
        f"Nobody answers at {address}: {reason}.",
        "The coordinator's gateway may not be running: ask. If it is, your firewall stops this connection: ask your IT "
        f"department to allow TCP connections from this computer to {address}.",
    )


def no_tls(address: str, reason: str) -> LayerError:
    return LayerError(
        Layer.TLS,
        f"Something answers at {address}, but no encrypted connection comes about ({reason}).",
        "Usually another program is at this address, or a firewall opens encrypted connections: ask your IT department "
        "to exempt this address, and the coordinator whether the address is right.",
    )


def false_coordinator(address: str, reason: str) -> LayerError:
    return LayerError(
        Layer.THEIR_CERTIFICATE,
        f"Who answers at {address} is not the coordinator of this study, or cannot prove it ({reason}). "
        "It was told nothing, not even the password.",
        "Do not go on. Check this computer's clock; ask your IT department whether it opens encrypted connections; "
        "then tell the coordinator by telephone.",
    )


def our_certificate(reason: str) -> LayerError:
    words = {
        "certificate revoked": (
            "This site was revoked: its certificate holds no more.",
            "Ask the coordinator, who can enroll the site again.",
        ),
        "certificate has expired": (
            "This site's certificate has expired.",
            "Check this computer's clock. If it is right, ask the coordinator to revoke and enroll the site again.",
        ),
        "certificate is not yet valid": (
            "This site's certificate does not hold yet: the clock here, or the coordinator's, is wrong.",
            "Check this computer's clock, then tell the coordinator.",
        ),
    }
    what, to_do = words.get(
        reason,
        (
            f"The coordinator does not accept this site's certificate ({reason}).",
            "It may have been replaced: import the newest kit. Otherwise ask the coordinator.",
        ),
    )
    return LayerError(Layer.OUR_CERTIFICATE, what, to_do)


def not_admitted() -> LayerError:
    return LayerError(
        Layer.ADMISSION,
        "The coordinator knows this site, but has not admitted it yet.",
        "Send the file SITE.answer.json, which the import of the kit made, to the coordinator; ask whether it arrived.",
    )


def address_not_allowed() -> LayerError:
    return LayerError(
        Layer.ALLOW_LIST,
        "The coordinator does not let this site in from the address with which it connects.",
        "Ask your IT department which public address this computer has to the outside, and tell it to the coordinator.",
    )


def wrong_password() -> LayerError:
    return LayerError(
        Layer.PASSWORD,
        "The coordinator does not know this site's password.",
        "If the password was set anew here, send the new SITE.answer.json to the coordinator. Otherwise set it anew.",
    )


def unexpected(status: int) -> LayerError:
    return LayerError(
        Layer.TLS,
        f"The coordinator's gateway answered in an unexpected way (status {status}).",
        "It may be of another version: tell the coordinator this number.",
    )


def other_version(here: str, there: str) -> LayerError:
    return LayerError(
        Layer.VERSION,
        f"The coordinator works with version {there}, and {here} is installed here.",
        "Agree with the coordinator on one version, and install it at all places.",
    )


def other_code(version: str) -> LayerError:
    return LayerError(
        Layer.VERSION,
        f"The coordinator and this site both have version {version}, but not the same code.",
        "One of the two was changed after it was installed: install it anew here, then ask the coordinator to.",
    )


def nothing_approved() -> LayerError:
    return LayerError(
        Layer.APPROVAL,
        "Nothing was approved at this site yet.",
        "Read the study file and the plan, and approve them, or do not.",
    )


def other_agreement(what: str) -> LayerError:
    return LayerError(
        Layer.APPROVAL,
        f"The coordinator's {what} is not the one that was approved here: this site will not run it.",
        f"Ask the coordinator for the new {what}, read what changed, and approve it, or do not.",
    )


def no_program(reason: str) -> LayerError:
    return LayerError(
        Layer.PROGRAM,
        f"The way to the coordinator is open, but its program does not answer ({reason}).",
        "Nothing is wrong here: wait until the coordinator starts the study, or ask.",
    )
