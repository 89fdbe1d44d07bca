"""A small client of the YAML language server: what an editor says to it, and what it answers."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from types import TracebackType
from typing import IO, Any

from tests.editors.install import PROGRAM

_PATIENCE = 30  # seconds for one answer; the first one starts node
Message = dict[str, Any]


class LanguageServer:
    """One server for one folder, over stdio. Answers are as the protocol has them.

    `settings` are an editor's own, such as `{"yaml.schemas": {…}}`.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self._folder = folder
        self._settings = settings
        self._sent = 0
        self._heard: Queue[Message] = Queue()
        self._process = subprocess.Popen(
            [*PROGRAM, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in: IO[bytes] = self._process.stdin
        self._listener = Thread(target=self._listen, args=(self._process.stdout,), daemon=True)
        self._listener.start()

    def __enter__(self) -> "LanguageServer":
        uri = self._folder.as_uri()
        self._ask(
            "initialize",
            {
                "processId": None,
                "rootUri": uri,
                "workspaceFolders": [{"uri": uri, "name": "project"}],
                "capabilities": _CAPABILITIES,
            },
        )
        self._tell("initialized", {})
        self._until_it_has_its_settings()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._listener.join()  # it closes what it reads
        self._in.close()
        self._process.wait()

    def open(self, texts: Mapping[str, str]) -> dict[str, list[Message]]:
        """Open files of the folder with those texts; the marks that the server puts into each."""
        for path, text in texts.items():
            document = {"uri": self._uri(path), "languageId": "yaml", "version": 1, "text": text}
            self._tell("textDocument/didOpen", {"textDocument": document})
        waiting = {self._uri(path): path for path in texts}
        marks = {}
        while waiting:
            message = self._next()
            if message.get("method") == "textDocument/publishDiagnostics":
                path = waiting.pop(message["params"]["uri"], "")
                marks[path] = message["params"]["diagnostics"]
        return {path: marks[path] for path in texts}

    def completions(self, path: str, line: int, character: int) -> dict[str, Message]:
        """What is offered at a place (counted from 0), by label."""
        answer = self._ask("textDocument/completion", self._place(path, line, character))
        return {item["label"]: item for item in answer["items"]}

    def hover(self, path: str, line: int, character: int) -> str:
        """The text that is shown over a place; empty if there is none."""
        answer = self._ask("textDocument/hover", self._place(path, line, character))
        return str(answer["contents"]["value"]) if answer else ""

    def _until_it_has_its_settings(self) -> None:
        """It judges what is opened before that without a schema, and only later again."""
        path = "pipelines/ready.yaml"
        marks = self.open({path: "no_such_key: 1\n"})[path]
        while not marks:
            message = self._next()
            if message.get("method") == "textDocument/publishDiagnostics":
                marks = message["params"]["diagnostics"]

    def _place(self, path: str, line: int, character: int) -> Message:
        place = {"line": line, "character": character}
        return {"textDocument": {"uri": self._uri(path)}, "position": place}

    def _uri(self, path: str) -> str:
        return (self._folder / path).as_uri()

    def _ask(self, method: str, params: Message) -> Any:
        self._sent += 1
        self._send({"id": self._sent, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == self._sent and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def _tell(self, method: str, params: Message) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._in.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._in.flush()

    def _next(self) -> Message:
        """The next message that is not a question of the server; questions are answered."""
        while True:
            try:
                message = self._heard.get(timeout=_PATIENCE)
            except Empty:
                raise AssertionError("the language server does not answer") from None
            if "method" not in message or "id" not in message:
                return message
            self._send({"id": message["id"], "result": self._answer(message)})

    def _answer(self, question: Message) -> Any:
        if question["method"] != "workspace/configuration":
            return None
        return [self._section(item["section"]) for item in question["params"]["items"]]

    def _section(self, name: str) -> Message:
        start = f"{name}."
        return {k.removeprefix(start): v for k, v in self._settings.items() if k.startswith(start)}

    def _listen(self, out: IO[bytes]) -> None:
        with out:
            while header := out.readline():
                length = int(header.partition(b":")[2])
                while out.readline().strip():
                    pass  # other headers
                self._heard.put(json.loads(out.read(length)))


_CAPABILITIES = {
    "workspace": {"configuration": True, "workspaceFolders": True},
    "textDocument": {
        "completion": {
            "completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}
        },
        "hover": {"contentFormat": ["markdown"]},
    },
}
