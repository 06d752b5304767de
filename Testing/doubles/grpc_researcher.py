"""A small gRPC server under the name of Fed-BioMed's service, run as `python grpc_researcher.py PORT CERT KEY SEEN`.

It writes a line into SEEN for everything that reaches it: what passed the gateway, and with which headers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import grpc

SERVICE = "researcher.ResearcherService"
CHUNK = 4_000_000
LARGEST_MESSAGE = 100 * 1024 * 1024  # as Fed-BioMed's


class Handlers(grpc.GenericRpcHandler):
    def __init__(self, seen: Path) -> None:
        self._seen = seen

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        method = details.method.rpartition("/")[2]
        self._note({"method": method, "headers": {key: str(value) for key, value in details.invocation_metadata}})
        return {
            "ReplyTask": grpc.stream_unary_rpc_method_handler(self._count),
            "GetTaskUnary": grpc.unary_stream_rpc_method_handler(self._send),
            "Feedback": grpc.unary_unary_rpc_method_handler(lambda request, context: request),
        }.get(method)

    def _count(self, requests: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        total = 0
        for one in requests:
            total += len(one)
        self._note({"received": total})
        return str(total).encode()

    def _send(self, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        """Answer ``BYTES SECONDS``: so many bytes, in pieces, waiting between them for so long."""
        left, pause = int(request.split()[0]), float(request.split()[1])
        while left > 0:
            yield bytes(min(left, CHUNK))
            left -= CHUNK
            if left > 0:
                sleep(pause)

    def _note(self, line: dict[str, object]) -> None:
        with self._seen.open("a") as stream:
            stream.write(json.dumps(line) + "\n")


def main() -> None:
    port, certificate, key, seen = sys.argv[1:]
    options = [("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", LARGEST_MESSAGE)]
    server = grpc.server(ThreadPoolExecutor(8), handlers=(Handlers(Path(seen)),), options=options)
    credentials = grpc.ssl_server_credentials([(Path(key).read_bytes(), Path(certificate).read_bytes())])
    server.add_secure_port(f"127.0.0.1:{port}", credentials)
    server.start()
    print("ready", flush=True)
    sys.stdin.read()  # ends with its parent
    server.stop(0)


if __name__ == "__main__":
    main()
