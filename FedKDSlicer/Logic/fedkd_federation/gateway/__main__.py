"""``python -m fedkd_federation.gateway``: see `requests` for what it can be asked."""

from __future__ import annotations

from fedkd_federation.channel import Channel
from fedkd_federation.gateway.worker import serve

if __name__ == "__main__":
    raise SystemExit(serve(Channel()))
