"""The host's API over TLS, and a name server that knows one name, for test-image.sh.

Usage: test-image-host.py CHAIN KEY; prints the port of the API.
"""

import http.server
import json
import socket
import ssl
import sys
import threading

NAME_SERVER = ("127.0.0.77", 53)

CONNECTION = {
    "id": "11111111-1111-4111-8111-111111111111",
    "name": "Found by DNS",
    "short_name": "slack",
    "readable_collection_id": "acme",
    "status": "active",
    "entity_count": 0,
    "is_authenticated": True,
    "auth_method": None,
    "federated_search": False,
    "created_at": "2026-01-01T00:00:00Z",
    "modified_at": "2026-01-01T00:00:00Z",
}


def answer_names(server: socket.socket) -> None:
    """Every name has the address 127.0.0.1, and no address of IPv6: RFC 1035, section 4."""
    while True:
        query, asker = server.recvfrom(512)
        question_end = query.index(0, 12) + 5
        is_ipv4 = query[question_end - 4 : question_end - 2] == b"\0\1"
        head = query[:2] + b"\x81\x80\0\1" + (b"\0\1" if is_ipv4 else b"\0\0") + b"\0\0\0\0"
        answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1" if is_ipv4 else b""
        server.sendto(head + query[12:question_end] + answer, asker)


class Host(http.server.BaseHTTPRequestHandler):
    """Knows one connection."""

    def do_GET(self) -> None:
        body = json.dumps([CONNECTION]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
names.bind(NAME_SERVER)
threading.Thread(target=answer_names, args=(names,), daemon=True).start()

host = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Host)
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(sys.argv[1], sys.argv[2])
host.socket = tls.wrap_socket(host.socket, server_side=True)
print(host.server_address[1], flush=True)
host.serve_forever()
