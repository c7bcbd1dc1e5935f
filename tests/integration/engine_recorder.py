"""Between carreld and the engine: passes everything on and remembers what was asked."""

import json
import os
import re
import socket
import threading

ENGINE = os.environ.get("CARREL_TEST_ENGINE_SOCKET", "/var/run/docker.sock")


class Recorder:
    def __init__(self, path, engine=ENGINE):
        self.path, self.engine = str(path), engine
        self.asked = []  # of each connection, the bytes so far
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client, socket.socket(socket.AF_UNIX) as engine:
            engine.connect(self.engine)
            seen = bytearray()
            self.asked.append(seen)
            back = threading.Thread(target=self.copy, args=(engine, client, bytearray()), daemon=True)
            back.start()
            self.copy(client, engine, seen)
            back.join()

    @staticmethod
    def copy(source, target, seen):
        try:
            while data := source.recv(65536):
                seen += data
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def requests(self):
        """(method, path, body), as far as they are whole."""
        found = []
        for seen in list(self.asked):
            rest = bytes(seen)
            while b"\r\n\r\n" in rest:
                head, rest = rest.split(b"\r\n\r\n", 1)
                method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
                length = re.search(rb"(?i)^content-length: *(\d+)", head, flags=re.M)
                size = int(length.group(1)) if length else 0
                if len(rest) < size:
                    break
                found.append((method, path, rest[:size]))
                rest = rest[size:]
        return found

    def created(self):
        """What containers were asked for: the engine's own words, by role."""
        return [json.loads(body) for method, path, body in self.requests() if method == "POST" and "/containers/create" in path]
