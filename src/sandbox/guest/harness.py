"""What CPython boots inside the sandbox. It holds no secret and is no wall: the agent shares its interpreter, so whatever
this file says, the host believes only as far as frames.ts and instance.ts have checked it. It speaks the same frames as
harness.js over one socket, which it takes away from standard input and output before any agent code runs."""

import sys

# The folder of this file is the root of the sandbox, and no place for modules.
if sys.path and sys.path[0] in ('/', ''):
    del sys.path[0]

# Only what every agent needs. The rest is most of a boot's processor time, so it waits for whoever asks for it, or for a
# moment in which nobody waits for this sandbox: see `warm_up`.
import binascii
import collections.abc
import enum
import fcntl
import gc
import importlib.machinery
import io
import itertools
import json
import os
import re
import select
import time
import types
import _thread

LIBRARY = list(sys.path)
ROOT = os.path.join(os.environ.get('TMPDIR', '/tmp'), 'agent')
PACKAGES = ROOT + '/.packages'
MESSAGE_CHARS = 4_000
STACK_CHARS = 8_000
LOG_CHARS = 8_000
HEADER_BYTES = 60_000
PIECE_BYTES = 262_144
CHARGE_DELAY = 0.025
CHARGES_AT_ONCE = 2_000
PROGRESS_EVERY = 0.05
LEFTOVERS_SECONDS = 0.1
MAX_SAFE_INTEGER = 2**53 - 1


# ---------------------------------------------------------------- what an agent imports as `bureau`


class BureauError(Exception):
    """A failure with a code of the contract."""

    code = 'AGENT_THREW'


class CapReached(BureauError):
    """What was to be charged goes beyond what the caller allows. Nothing was charged or delivered."""

    code = 'CAP_REACHED'


class EgressDenied(BureauError):
    """The host is not declared in `egress`, or not on the public internet."""

    code = 'EGRESS_DENIED'
    host = None


class FetchFailed(BureauError, OSError):
    """The host did not answer, or its answer broke off."""


class InputRejected(BureauError):
    """Raise it for an input that fits the schema and still cannot be taken."""

    code = 'AGENT_INPUT_REJECTED'

    def __init__(self, message, path='', issues=None):
        super().__init__(message)
        self.issues = issues or [{'path': path, 'message': message}]


class NeverSettled(BureauError):
    """The agent awaits something that can never happen."""


def file(accept=(), max_bytes=10_000_000):
    """The schema of a file input, which arrives as a File."""
    return {'type': 'string', 'format': 'bureau-file', 'x-accept': list(accept), 'x-max-bytes': max_bytes}


# ---------------------------------------------------------------- the wire


class Wire:
    """The socket to the host. One lock for words, one for listening: an agent's threads may log, too."""

    def __init__(self, inlet, fd):
        self.inlet, self.fd = inlet, fd
        self.held = bytearray()
        self.header = None
        self.speaking = _thread.RLock()
        self.listening = _thread.RLock()

    def send(self, frame, payload=b''):
        line = json.dumps(frame, ensure_ascii=False, allow_nan=False, separators=(',', ':'))
        rest = memoryview(line.encode('utf-8', 'replace') + b'\n' + payload)
        with self.speaking:
            while rest:
                rest = rest[os.write(self.fd, rest) :]

    def fill(self):
        data = os.read(self.inlet, 65_536)
        if not data:
            os._exit(0)
        self.held += data

    def cut(self):
        """The next frame, if all of it has arrived."""
        if self.header is None:
            end = self.held.find(b'\n')
            if end < 0:
                return None
            self.header = json.loads(bytes(self.held[:end]))
            del self.held[: end + 1]
        need = self.header.get('bytes', 0)
        if len(self.held) < need:
            return None
        payload = bytes(self.held[:need])
        del self.held[:need]
        header, self.header = self.header, None
        return header, payload

    def receive(self):
        """Waits for the next frame."""
        while (frame := self.cut()) is None:
            self.fill()
        return frame

    def is_readable(self):
        return bool(select.select([self.inlet], [], [], 0)[0])


def take_wire():
    """Moves the socket where nobody prints to. What native code writes to 0 or 1 goes nowhere."""
    inlet, outlet = (fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (0, 1))
    null = os.open('/dev/null', os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    return Wire(inlet, outlet)


wire = take_wire()
here = _thread._local()


class Waiting:
    """An answer that is expected from the host. Awaited in an async agent, pumped for in any other."""

    def __init__(self):
        self.is_done = False
        self.value = None
        self.error = None
        self.future = None

    def settle(self, value=None, error=None):
        if self.is_done:
            return
        self.is_done, self.value, self.error = True, value, error
        if self.future is not None and not self.future.done():
            self.future.set_result(None)

    def __await__(self):
        if not self.is_done:
            if getattr(here, 'is_blocking', False):
                yield self
            else:
                import asyncio

                self.future = asyncio.get_running_loop().create_future()
                yield from self.future.__await__()
        if self.error is not None:
            raise self.error
        return self.value


def block(steps):
    """Does a coroutine of ours to its end, listening to the host meanwhile."""
    was, here.is_blocking = getattr(here, 'is_blocking', False), True
    try:
        while True:
            waiting = steps.send(None)
            while not waiting.is_done:
                with wire.listening:
                    if not waiting.is_done:
                        obey(*wire.receive())
    except StopIteration as done:
        return done.value
    finally:
        here.is_blocking = was


# ---------------------------------------------------------------- words


def cut(text, most):
    return text if len(text) <= most else text[:most] + '…'


def without_host_paths(text):
    text = text.replace(PACKAGES + '/', '').replace(ROOT + '/', '')
    return text.replace(STDLIB + '/', 'python/')


STDLIB = os.path.dirname(os.__file__)


def describe_error(error):
    try:
        import traceback

        message = str(error)
        name = type(error).__name__
        told = message if isinstance(error, BureauError) else (f'{name}: {message}' if message else name)
        if isinstance(error, SyntaxError) and error.filename:
            place = without_host_paths(str(error.filename))
            told = f'{name}: {error.msg} ({place}, line {error.lineno})'
        lines = traceback.TracebackException.from_exception(error, capture_locals=False)
        seen = set()
        each = lines
        while each is not None and id(each) not in seen:
            seen.add(id(each))
            each.stack[:] = [frame for frame in each.stack if not is_ours(frame.filename)]
            each = each.__cause__ or each.__context__
        stack = without_host_paths(''.join(lines.format()))
        made = {'message': cut(without_host_paths(told), MESSAGE_CHARS)}
        return {**made, 'stack': cut(stack, STACK_CHARS)} if 'File "' in stack else made
    except BaseException:
        # Its own __str__ raised: nothing of it can be shown.
        return {'message': 'an exception that cannot be described was raised'}


def without_stack(error):
    """What went wrong after the agent answered: its own lines have no part in it."""
    return type(error)(*error.args)


def is_ours(name):
    return name == cut.__code__.co_filename or name.startswith('<frozen importlib')


# ---------------------------------------------------------------- JSON


def to_json(value):
    """Strict JSON as UTF-8.
    Raises TypeError or ValueError for what JSON cannot hold: bytes, NaN, cycles, lone surrogates."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(',', ':'), default=as_plain)
    try:
        return text.encode('utf-8')
    except UnicodeEncodeError:
        raise ValueError('a text holds half of a surrogate pair, which UTF-8 cannot hold') from None


def as_plain(value):
    import dataclasses

    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    raise TypeError(f'a value of type {type(value).__name__} is not JSON')


# ---------------------------------------------------------------- schemas of types


def schema_of(hint):
    """JSON Schema of a type: str, int, float, bool, None, list, dict, Literal, Union, Annotated, enums, dataclasses,
    TypedDicts and File."""
    if isinstance(hint, dict) or isinstance(hint, bool):
        return hint
    import dataclasses
    import typing

    simple = {str: 'string', bool: 'boolean', int: 'integer', float: 'number', type(None): 'null', None: 'null'}
    if hint is typing.Any or hint is object:
        return {}
    if hint is File:
        return file()
    if hint in simple:
        return {'type': simple[hint]}
    if hint is list or hint is tuple:
        return {'type': 'array'}
    if hint is dict:
        return {'type': 'object'}
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        made = dict(schema_of(args[0]))
        for note in args[1:]:
            made.update({'description': note} if isinstance(note, str) else note if isinstance(note, dict) else {})
        return made
    if origin is typing.Literal:
        return {'enum': list(args)}
    if origin is typing.Union or origin is getattr(types, 'UnionType', None):
        return {'anyOf': [schema_of(each) for each in args]}
    if origin in (list, collections.abc.Sequence, collections.abc.Iterable):
        return {'type': 'array', 'items': schema_of(args[0])}
    if origin in (dict, collections.abc.Mapping):
        return {'type': 'object', 'additionalProperties': schema_of(args[1])}
    if origin in (getattr(typing, 'Required', None), getattr(typing, 'NotRequired', None)) and origin is not None:
        return schema_of(args[0])
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {'enum': [each.value for each in hint]}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return of_dataclass(hint)
    if isinstance(hint, type) and hasattr(hint, '__required_keys__'):
        hints = typing.get_type_hints(hint, include_extras=True)
        properties = {name: schema_of(each) for name, each in hints.items()}
        return {'type': 'object', 'properties': properties, 'required': sorted(hint.__required_keys__)}
    raise TypeError(f'there is no JSON Schema for {hint!r}: give the schema itself')


def of_dataclass(hint):
    import dataclasses
    import typing

    hints = typing.get_type_hints(hint, include_extras=True)
    properties, required = {}, []
    for field in dataclasses.fields(hint):
        schema = dict(schema_of(hints[field.name]))
        if field.default is not dataclasses.MISSING:
            try:
                schema['default'] = json.loads(to_json(field.default))
            except (TypeError, ValueError):
                # Not JSON: a default that the form cannot show.
                pass
        elif field.default_factory is dataclasses.MISSING:
            required.append(field.name)
        properties[field.name] = schema
    return {'type': 'object', 'properties': properties, 'required': required}


def built(hint, value):
    """JSON as the type wants it: dataclasses and enums are made, anything else stays as it came."""
    if hint is None or isinstance(hint, (dict, bool)):
        return value
    import dataclasses
    import typing

    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return built(args[0], value)
    if origin is typing.Union or origin is getattr(types, 'UnionType', None):
        several = [each for each in args if each is not type(None)]
        return built(several[0], value) if len(several) == 1 and value is not None else value
    if origin is list and isinstance(value, list):
        return [built(args[0], each) for each in value]
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint(value)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint) and isinstance(value, dict):
        hints = typing.get_type_hints(hint, include_extras=True)
        known = {field.name for field in dataclasses.fields(hint) if field.init}
        return hint(**{name: built(hints[name], each) for name, each in value.items() if name in known})
    return value


def filled(schema, value, path=''):
    """The input with the defaults of its schema, and files where the schema says so."""
    if not isinstance(schema, dict):
        return value
    if schema.get('format') == 'bureau-file':
        return as_file(schema, value, path)
    if isinstance(value, dict) and isinstance(schema.get('properties'), dict):
        for name, each in schema['properties'].items():
            if name in value:
                value[name] = filled(each, value[name], f'{path}.{name}' if path else name)
            elif isinstance(each, dict) and 'default' in each:
                value[name] = json.loads(to_json(each['default']))
    elif isinstance(value, list) and 'items' in schema:
        value[:] = [filled(schema['items'], each, f'{path}.{at}' if path else str(at)) for at, each in enumerate(value)]
    return value


def as_file(schema, value, path):
    accept = schema.get('x-accept') or []
    if isinstance(value, str):
        value = File(None, None, {'name': 'inline', 'type': accept[0] if accept else 'text/plain'}, value.encode())
    if not isinstance(value, File):
        return value
    most = schema.get('x-max-bytes')
    if isinstance(most, int) and value.size > most:
        raise InputRejected(f'The file has {value.size} bytes; at most {most} are taken', path)
    plain = value.type.split(';')[0].strip().lower()
    if accept and not any(
        plain.startswith(each[:-1]) if each.endswith('/*') else each in ('*', plain) for each in accept
    ):
        raise InputRejected(f'The file is {value.type}; taken are {", ".join(accept)}', path)
    return value


# ---------------------------------------------------------------- files


class File:
    """A file input, pulled from the host piece by piece: a large one need not fit into memory.
    In an async agent what reads is awaited: `await file.text()`, `async for chunk in file`."""

    def __init__(self, run, key, facts, content=None):
        self._run, self._key, self._content = run, key, content
        self.name, self.type = facts['name'], facts['type']
        self.size = facts['size'] if content is None else len(content)

    async def _piece(self, offset, length):
        if self._content is not None:
            return self._content[offset : offset + length]
        return await self._run.read(self._key, offset, min(length, PIECE_BYTES, self.size - offset))

    async def _bytes(self):
        parts = []
        offset = 0
        while offset < self.size:
            part = await self._piece(offset, PIECE_BYTES)
            if not part:
                raise EOFError(f'The file {self.name} ended early')
            offset += len(part)
            parts.append(part)
        return b''.join(parts)

    async def _text(self, encoding, errors):
        return (await self._bytes()).decode(encoding, errors)

    def _do(self, steps):
        return self._run.do(steps) if self._run is not None else do_now(steps)

    def bytes(self):
        return self._do(self._bytes())

    def text(self, encoding='utf-8-sig', errors='strict'):
        return self._do(self._text(encoding, errors))

    def read(self, offset, length):
        """At most `length` bytes from `offset`."""
        return self._do(self._piece(offset, length))

    def open(self, mode='rb', encoding='utf-8-sig', errors='strict', newline=None):
        """A file object to read from, as csv.reader and the like take it. It waits, in an async agent too."""
        raw = io.BufferedReader(FileReader(self), PIECE_BYTES)
        if mode in ('rb', 'br'):
            return raw
        if mode in ('r', 'rt'):
            return io.TextIOWrapper(raw, encoding=encoding, errors=errors, newline=newline)
        raise ValueError('a file input is only read: mode is "r" or "rb"')

    def __iter__(self):
        offset = 0
        while offset < self.size:
            part = block(self._piece(offset, PIECE_BYTES))
            offset += len(part)
            yield part

    async def __aiter__(self):
        offset = 0
        while offset < self.size:
            part = await self._piece(offset, PIECE_BYTES)
            offset += len(part)
            yield part

    def __repr__(self):
        return f'<File {self.name} {self.type} {self.size} bytes>'


class FileReader(io.RawIOBase):
    def __init__(self, source):
        self._source, self._at = source, 0

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=0):
        base = 0 if whence == 0 else self._at if whence == 1 else self._source.size
        self._at = max(0, base + offset)
        return self._at

    def tell(self):
        return self._at

    def readinto(self, into):
        if self._at >= self._source.size:
            return 0
        part = block(self._source._piece(self._at, len(into)))
        into[: len(part)] = part
        self._at += len(part)
        return len(part)


def do_now(steps):
    """An inline file needs no host; in an async agent it is awaited all the same."""
    return steps if run is not None and run.is_async else block(steps)


def with_files(current, files, value):
    """Replaces every {"$file": key} by the file of that key. Only keys the host announced count."""
    if isinstance(value, list):
        return [with_files(current, files, each) for each in value]
    if not isinstance(value, dict):
        return value
    key = value.get('$file')
    if isinstance(key, str) and key in files:
        return File(current, key, files[key])
    return {name: with_files(current, files, each) for name, each in value.items()}


# ---------------------------------------------------------------- the run at hand

agent = None
run = None
numbers = itertools.count()


class Run:
    def __init__(self, header, is_async):
        self.id = header['run']
        self.is_async = is_async
        self.is_over = False
        self.is_canceled = False
        self.task = None
        self.prices = {event: int(price) for event, price in header.get('prices', {}).items()}
        self.secrets = header.get('secrets', [])
        self.cap = int(header.get('cap', '0'))
        self.spent = 0
        self.pending = {}
        self.charges = 0
        self.charged_at = 0.0
        self.progress_at = 0.0
        self.log_bytes = 0
        self.log_limit = header['log']
        self.is_log_cut = False
        self.reads = {}
        self.fetches = {}

    def do(self, steps):
        return steps if self.is_async else block(steps)

    def need_open(self):
        if self.is_over:
            raise BureauError('The run is over: its context can no longer be used')

    @property
    def is_expecting(self):
        return bool(self.reads) or any(each.is_expecting for each in self.fetches.values())

    def listen(self):
        """Hears what has arrived without waiting for more."""
        with wire.listening:
            while True:
                while (frame := wire.cut()) is not None:
                    obey(*frame)
                if not wire.is_readable():
                    return
                wire.fill()

    # ---- words

    def log(self, level, message, fields=None):
        if self.is_over or self.is_log_cut:
            return
        frame = {'t': 'log', 'level': level, 'message': cut(str(message), LOG_CHARS)}
        if fields:
            try:
                text = to_json(fields)
                if len(text) <= LOG_CHARS:
                    frame['fields'] = json.loads(text)
                else:
                    frame['message'] = cut(f'{frame["message"]} {text.decode()}', LOG_CHARS)
            except (TypeError, ValueError, RecursionError):
                # Not JSON: shown as text rather than lost.
                frame['message'] = cut(f'{frame["message"]} {fields!r}', LOG_CHARS)
        if len(json.dumps(frame, ensure_ascii=False).encode('utf-8', 'replace')) > HEADER_BYTES:
            frame = {'t': 'log', 'level': level, 'message': cut(frame['message'], LOG_CHARS // 8)}
        self.log_bytes += len(frame['message']) + 40
        if self.log_bytes > self.log_limit:
            self.is_log_cut = True
            frame = {'t': 'log_cut'}
        wire.send(frame)

    def progress(self, fraction, message):
        self.need_open()
        if isinstance(fraction, bool) or not isinstance(fraction, (int, float)) or not 0 <= fraction <= 1:
            raise BureauError('Progress is a fraction between 0 and 1')
        now = time.monotonic()
        if fraction < 1 and now - self.progress_at < PROGRESS_EVERY:
            return
        self.progress_at = now
        wire.send({'t': 'progress', 'fraction': fraction, 'message': cut(str(message), 500)})

    # ---- money

    def spend(self, event, n):
        if not isinstance(event, str) or event not in self.prices:
            known = ', '.join(self.prices) or 'no events'
            raise BureauError(f'Unknown event {event!r}: the manifest prices {known}')
        if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MAX_SAFE_INTEGER:
            raise BureauError('An event is charged a whole number of times, at least once')
        spent = self.spent + self.prices[event] * n
        if spent > self.cap:
            raise CapReached(f'Charging {event} would go beyond what the caller allowed')
        self.spent = spent

    def charge(self, event, n):
        self.need_open()
        self.spend(event, n)
        self.pending[event] = self.pending.get(event, 0) + n
        self.charges += 1
        # Told at once, and counted together beyond that: an agent that charges per row must not flood the host.
        now = time.monotonic()
        if self.charges <= CHARGES_AT_ONCE or now - self.charged_at >= CHARGE_DELAY:
            self.charged_at = now
            self.flush_charges()

    def flush_charges(self):
        pending, self.pending = self.pending, {}
        for event, n in pending.items():
            wire.send({'t': 'charge', 'event': event, 'n': n})

    def emit(self, chunk, event):
        self.need_open()
        payload = to_json(chunk)
        if len(payload) > PIECE_BYTES:
            raise BureauError(f'A chunk has at most {PIECE_BYTES} bytes as JSON; this one has {len(payload)}')
        if event is not None:
            self.spend(event, 1)
        self.flush_charges()
        wire.send({'t': 'emit', 'bytes': len(payload), **({} if event is None else {'event': event})}, payload)

    # ---- what comes back

    async def put(self, name, content, kind, event):
        self.need_open()
        data = content.encode() if isinstance(content, str) else content
        if not isinstance(name, str) or not isinstance(data, (bytes, bytearray, memoryview)):
            raise BureauError('An artifact is a name and bytes or a string')
        data = memoryview(data).cast('B')
        if event is not None:
            self.spend(event, 1)
        self.flush_charges()
        request = next(numbers)
        frame = {'t': 'artifact', 'request': request, 'name': cut(name, 199), 'type': cut(str(kind), 199)}
        frame.update({'size': len(data), **({} if event is None else {'event': event})})
        stored = self.reads[request] = Waiting()
        offset = 0
        while True:
            piece = data[offset : offset + PIECE_BYTES]
            wire.send({**frame, 'offset': offset, 'bytes': len(piece)}, bytes(piece))
            offset += len(piece)
            if offset >= len(data):
                break
        await stored

    async def read(self, key, offset, length):
        self.need_open()
        if length <= 0:
            return b''
        request = next(numbers)
        answer = self.reads[request] = Waiting()
        wire.send({'t': 'read', 'request': request, 'file': key, 'offset': offset, 'length': length})
        return await answer

    async def fetch(self, url, method, headers, body, redirect):
        self.need_open()
        fetch = Fetch(self, next(numbers), body)
        pairs = [[str(name), str(value)] for name, value in headers]
        frame = {'t': 'fetch', 'id': fetch.id, 'url': str(url), 'method': method, 'headers': pairs}
        frame.update({'redirect': redirect, 'body': body is not None})
        if body is not None:
            frame['size'] = len(body)
        if len(json.dumps(frame)) > 48_000:
            raise BureauError('The address and the headers are too long')
        self.fetches[fetch.id] = fetch
        fetch.head = Waiting()
        wire.send(frame)
        return Response(fetch, await fetch.head)

    def end(self):
        global run
        if self.is_over:
            return False
        flush_streams()
        self.flush_charges()
        self.is_over = True
        run = None
        return True

    def fail(self, code, error, **extra):
        if self.end():
            wire.send({'t': 'failed', 'code': code, **describe_error(error), **extra})


# ---------------------------------------------------------------- the network, which the host has


class Fetch:
    def __init__(self, owner, number, body):
        self.run, self.id = owner, number
        self.rest = memoryview(body) if body is not None else None
        self.head = None
        self.pull = None

    @property
    def is_expecting(self):
        return any(each is not None and not each.is_done for each in (self.head, self.pull))

    def send_piece(self):
        if not self.rest:
            return wire.send({'t': 'fetch_sent', 'id': self.id})
        piece, self.rest = self.rest[:PIECE_BYTES], self.rest[PIECE_BYTES:]
        wire.send({'t': 'fetch_data', 'id': self.id, 'bytes': len(piece)}, bytes(piece))

    def failed(self, header):
        if header['code'] == 'EGRESS_DENIED':
            error = EgressDenied(header['message'])
            error.host = header['host']
        else:
            error = FetchFailed(header['message'])
        self.run.fetches.pop(self.id, None)
        for each in (self.head, self.pull):
            if each is not None:
                each.settle(error=error)


class Response:
    """The answer to ctx.fetch. In an async agent what reads is awaited."""

    def __init__(self, fetch, head):
        self._fetch, self._has_body = fetch, head['body']
        self.status, self.url, self.redirected = head['status'], head['url'], head['redirected']
        self.reason = head['statusText']
        self.ok = 200 <= self.status < 300
        self.headers = Headers(head['headers'])

    async def _piece(self):
        if not self._has_body:
            return None
        fetch = self._fetch
        fetch.run.need_open()
        if fetch.id not in fetch.run.fetches:
            return None
        fetch.pull = Waiting()
        wire.send({'t': 'fetch_pull', 'id': fetch.id})
        return await fetch.pull

    async def _bytes(self):
        parts = []
        while (part := await self._piece()) is not None:
            parts.append(part)
        return b''.join(parts)

    async def _text(self):
        said = re.search(r'charset="?([\w.:-]+)', self.headers.get('content-type', ''))
        try:
            return (await self._bytes()).decode(said.group(1) if said else 'utf-8', 'replace')
        except LookupError:
            raise FetchFailed(f'The answer is in an encoding nobody knows: {said.group(1)}') from None

    async def _json(self):
        return json.loads(await self._bytes())

    def bytes(self):
        return self._fetch.run.do(self._bytes())

    def text(self):
        return self._fetch.run.do(self._text())

    def json(self):
        return self._fetch.run.do(self._json())

    def close(self):
        """No more of it is wanted."""
        if self._fetch.run.fetches.pop(self._fetch.id, None) is not None and not self._fetch.run.is_over:
            wire.send({'t': 'fetch_stop', 'id': self._fetch.id})

    def raise_for_status(self):
        if not self.ok:
            raise FetchFailed(f'{self.url} answered {self.status} {self.reason}'.strip())
        return self

    def __iter__(self):
        while (part := block(self._piece())) is not None:
            yield part

    async def __aiter__(self):
        while (part := await self._piece()) is not None:
            yield part


class Headers(dict):
    """By lower-case name; asked for in any case."""

    def __init__(self, pairs):
        super().__init__()
        for name, value in pairs:
            lower = name.lower()
            self[lower] = f'{dict.__getitem__(self, lower)}, {value}' if lower in self.keys() else value

    def __getitem__(self, name):
        return super().__getitem__(name.lower())

    def __contains__(self, name):
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name, default=None):
        return super().get(name.lower(), default)


# ---------------------------------------------------------------- what an agent is given


class Log:
    def __init__(self, current):
        self._run = current

    def debug(self, message, **fields):
        self._run.log('debug', message, fields)

    def info(self, message, **fields):
        self._run.log('info', message, fields)

    def warn(self, message, **fields):
        self._run.log('warn', message, fields)

    warning = warn

    def error(self, message, **fields):
        self._run.log('error', message, fields)


class Artifacts:
    def __init__(self, current):
        self._run = current

    def put(self, name, content, type='application/octet-stream', charge=None):
        """Gives the caller a file, once the run is paid. Returns when it is stored; awaited in an async agent."""
        return self._run.do(self._run.put(name, content, type, charge))


class Context:
    """What a run is given besides its input. In an async agent `fetch`, `artifacts.put` and reading are awaited."""

    def __init__(self, current):
        self._run = current
        self.run_id = current.id
        self.log = Log(current)
        self.artifacts = Artifacts(current)

    @property
    def canceled(self):
        """Has the caller stopped the run? Look at it between pieces of long work; an async agent is canceled itself."""
        if not self._run.is_over and not self._run.is_canceled and not self._run.is_async:
            self._run.listen()
        return self._run.is_canceled

    def progress(self, fraction, message=''):
        self._run.progress(fraction, message)

    def charge(self, event, n=1):
        """Charges an event of the manifest n times. Raises CapReached; nothing is charged then."""
        self._run.charge(event, n)

    def emit(self, chunk, charge=None):
        """Delivers a JSON value of at most 256 kB now; with `charge` the event is charged in the same step."""
        self._run.emit(chunk, charge)

    def secret(self, name):
        """Stands for a secret in the headers of a request; None where nobody has set it."""
        return '{{secret.%s}}' % name if name in self._run.secrets else None

    def fetch(self, url, method=None, headers=None, body=None, json=None, redirect='follow'):
        """Requests a host that `egress` declares. Raises EgressDenied or FetchFailed."""
        pairs = list(headers.items() if hasattr(headers, 'items') else headers or [])
        if json is not None:
            body = to_json(json)
            if not any(str(name).lower() == 'content-type' for name, _ in pairs):
                pairs.append(('content-type', 'application/json'))
        if isinstance(body, str):
            body = body.encode()
        if body is not None and not isinstance(body, (bytes, bytearray)):
            raise BureauError('The body of a request is bytes or a string')
        verb = (method or ('GET' if body is None else 'POST')).upper()
        return self._run.do(self._run.fetch(url, verb, pairs, body, redirect))


# ---------------------------------------------------------------- print, logging


class LogStream(io.TextIOBase):
    """Standard output and error of an agent: whole lines become log lines."""

    encoding = 'utf-8'
    errors = 'replace'

    def __init__(self, level):
        self._level, self._held = level, ''

    def writable(self):
        return True

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f'write() takes a str, not {type(text).__name__}')
        lines = (self._held + text).split('\n')
        self._held = cut(lines.pop(), LOG_CHARS)
        for line in lines:
            self._say(line)
        return len(text)

    def _say(self, line):
        current = run
        if current is not None:
            current.log(self._level, line)

    def end(self):
        held, self._held = self._held, ''
        if held:
            self._say(held)


def attach(logging):
    """What agents and their packages log goes where print goes."""

    class LogHandler(logging.Handler):
        def emit(self, record):
            current = run
            if current is None:
                return
            at = record.levelno
            level = 'error' if at >= 40 else 'warn' if at >= 30 else 'info' if at >= 20 else 'debug'
            try:
                current.log(level, self.format(record))
            except Exception:
                # A message that does not go with its arguments ends no run.
                pass

    logging.getLogger().addHandler(LogHandler())
    logging.getLogger().setLevel(logging.INFO)


streams = (LogStream('info'), LogStream('warn'))


def flush_streams():
    for stream in streams:
        stream.end()


# ---------------------------------------------------------------- loading


class Agent:
    def __init__(self, module, entry, manifest):
        self.module, self.entry, self.manifest = module, entry, manifest
        self.is_async = is_kind(entry, COROUTINE | ASYNC_GENERATOR)
        self.takes_context = takes_two(entry)
        self.input = manifest.get('input') if isinstance(manifest, dict) else None
        self.schema = schema_of(self.input) if self.input is not None else None


# Of code objects, as inspect has them: importing it costs more than all that a plain function needs.
VARARGS, GENERATOR, COROUTINE, ASYNC_GENERATOR = 0x04, 0x20, 0x80, 0x200


def is_plain(entry):
    return isinstance(entry, types.FunctionType) and not entry.__dict__


def is_kind(entry, flags):
    if is_plain(entry):
        return bool(entry.__code__.co_flags & flags)
    import inspect

    kinds = {
        GENERATOR: inspect.isgeneratorfunction,
        COROUTINE: inspect.iscoroutinefunction,
        ASYNC_GENERATOR: inspect.isasyncgenfunction,
    }
    return any(is_one(entry) for kind, is_one in kinds.items() if flags & kind)


def takes_two(entry):
    if is_plain(entry):
        code = entry.__code__
        needed = code.co_argcount - len(entry.__defaults__ or ())
        named = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
        has_all = all(name in (entry.__kwdefaults__ or {}) for name in named)
        return needed <= 2 and has_all and (code.co_argcount >= 2 or bool(code.co_flags & VARARGS))
    import inspect

    try:
        inspect.signature(entry).bind(None, None)
        return True
    except TypeError:
        return False
    except ValueError:
        return True


def load(payload):
    global agent
    wire.send({'t': 'loading'})
    try:
        files = json.loads(payload)['files']
        if shadows_library(name for name, _ in files):
            warm_up(lambda: False)
        for name, content in files:
            at = os.path.join(ROOT, name)
            os.makedirs(os.path.dirname(at), exist_ok=True)
            with open(at, 'wb') as out:
                out.write(binascii.a2b_base64(content))
        os.makedirs(ROOT, exist_ok=True)
        os.chdir(ROOT)
        sys.path.insert(0, ROOT)
        sys.path.insert(1, PACKAGES)
        importlib.invalidate_caches()
        # Imported later, it seeds itself.
        if 'random' in sys.modules:
            sys.modules['random'].seed()
        module = importlib.import_module('agent')
        entry = getattr(module, 'run', None)
        if not callable(entry):
            raise BureauError('agent.py has no function run: write def run(input, ctx) or async def run(input, ctx)')
        manifest = getattr(module, 'AGENT', None)
        if manifest is not None and not isinstance(manifest, dict):
            raise BureauError('AGENT is not a dict')
        if manifest is not None:
            manifest = with_hints(manifest, entry)
        agent = Agent(module, entry, manifest)
        wire.send({'t': 'loaded'})
        return True
    except BaseException as error:
        told = BureauError('agent.py ends the process while it is loaded') if isinstance(error, SystemExit) else error
        wire.send({'t': 'failed', 'code': 'AGENT_NOT_LOADABLE', **describe_error(told), 'dirty': True})
        return False


def with_hints(manifest, entry):
    """AGENT with the schemas that the types of `run` give where it names none."""
    if is_plain(entry) and not entry.__annotations__:
        return manifest
    import inspect
    import typing

    try:
        hints = typing.get_type_hints(entry, include_extras=True)
    except Exception:
        # Names that only a type checker knows.
        return manifest
    answer = hints.pop('return', None)
    origin, args = typing.get_origin(answer), typing.get_args(answer)
    if origin is collections.abc.Generator and len(args) == 3:
        answer = args[2]
    elif origin in (collections.abc.AsyncGenerator, collections.abc.AsyncIterator, collections.abc.Iterator):
        answer = None
    first = next(iter(inspect.signature(entry).parameters), None)
    made = dict(manifest)
    for name, hint in (('input', hints.get(first)), ('output', answer)):
        if hint is not None and hint is not type(None) and name not in made:
            made[name] = hint
    return made


def camel(name):
    """timeout_ms as the manifest has it: timeoutMs."""
    return re.sub(r'_([a-z])', lambda found: found.group(1).upper(), name)


def manifest_of(loaded):
    if loaded.manifest is None:
        return {'contract': 1, 'bare': True}
    made = {'contract': 1, **loaded.manifest}
    if 'description' not in made and loaded.module.__doc__:
        import inspect

        # Its first paragraph; the rest is for whoever reads the code.
        made['description'] = ' '.join(inspect.cleandoc(loaded.module.__doc__).split('\n\n')[0].split())
    for name in ('input', 'output'):
        if made.get(name) is not None:
            made[name] = schema_of(made[name])
    if isinstance(made.get('limits'), dict):
        made['limits'] = {camel(str(name)): each for name, each in made['limits'].items()}
    price = made.get('price')
    if isinstance(price, dict):
        made['price'] = {name: as_credits(each) for name, each in price.items()}
    if is_kind(loaded.entry, GENERATOR | ASYNC_GENERATOR):
        made.setdefault('streams', True)
    return made


def as_credits(value):
    if isinstance(value, dict):
        return {name: as_credits(each) for name, each in value.items()}
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def describe(header):
    try:
        for folder, names, found in os.walk(ROOT):
            if folder == ROOT and '.packages' in names:
                names.remove('.packages')
            for name in found:
                if name.endswith('.py'):
                    path = os.path.join(folder, name)
                    with open(path, 'rb') as source:
                        compile(source.read(), path, 'exec', dont_inherit=True)
        payload = to_json(manifest_of(agent))
        wire.send({'t': 'result', 'bytes': len(payload)}, payload[: header['out'] + 1])
    except BaseException as error:
        wire.send({'t': 'failed', 'code': 'AGENT_NOT_LOADABLE', **describe_error(error), 'dirty': True})


# ---------------------------------------------------------------- running


def can_wake(selector):
    # The two are the loop's own pipe, which threads wake, and the host.
    return run is None or run.is_expecting or _thread._count() > 0 or len(selector.get_map()) > 2


async def drain(current, answer):
    if isinstance(answer, types.AsyncGeneratorType):
        async for chunk in answer:
            current.emit(chunk, None)
        return None
    return await answer


def run_async(current, answer):
    import asyncio
    import selectors

    class Watchful(selectors.DefaultSelector):
        """Says so when nothing is left that could ever wake the event loop."""

        def select(self, timeout=None):
            if timeout is None and not can_wake(self):
                raise NeverSettled('The agent awaits something that can never happen')
            return super().select(timeout)

    loop = asyncio.SelectorEventLoop(Watchful())
    asyncio.set_event_loop(loop)
    try:
        loop.add_reader(wire.inlet, hear_all)
        current.task = loop.create_task(drain(current, answer))
        return loop.run_until_complete(current.task)
    finally:
        current.task = None
        loop.remove_reader(wire.inlet)
        end_leftovers(loop)
        asyncio.set_event_loop(None)
        loop.close()


def end_leftovers(loop):
    """What the agent did not await ends with its run, and never goes on in another's."""
    import asyncio

    try:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=LEFTOVERS_SECONDS))
        loop.run_until_complete(asyncio.wait_for(loop.shutdown_asyncgens(), LEFTOVERS_SECONDS))
    except BaseException:
        # What cannot be ended has no loop from here on.
        pass


def hear_all():
    wire.fill()
    while (frame := wire.cut()) is not None:
        obey(*frame)


def run_sync(current, answer):
    if not isinstance(answer, types.GeneratorType):
        return answer
    try:
        while True:
            current.emit(next(answer), None)
    except StopIteration as done:
        return done.value


def is_awaited(answer):
    if isinstance(answer, types.GeneratorType):
        # As types.coroutine marks them.
        return bool(answer.gi_code.co_flags & 0x100)
    return isinstance(answer, (collections.abc.Awaitable, types.AsyncGeneratorType))


def execute(header, payload):
    global run
    current = run = Run(header, agent.is_async)
    try:
        given = json.loads(payload)
        if header.get('files'):
            given = with_files(current, header['files'], given)
        given = built(agent.input, filled(agent.schema, given))
        answer = agent.entry(given, Context(current)) if agent.takes_context else agent.entry(given)
        if is_awaited(answer):
            output = run_async(current, answer)
        else:
            output = run_sync(current, answer)
        del answer
    except InputRejected as error:
        issues = [{'path': cut(str(each.get('path', '')), 499), 'message': cut(str(each.get('message', '')), 999)}
                  for each in error.issues[:20]]
        return current.fail('AGENT_INPUT_REJECTED', error, issues=issues)
    except NeverSettled as error:
        return current.fail('AGENT_NEVER_SETTLED', without_stack(error), dirty=True)
    except BureauError as error:
        return current.fail(error.code if error.code in ('CAP_REACHED', 'EGRESS_DENIED') else 'AGENT_THREW', error)
    except SystemExit as error:
        return current.fail('AGENT_EXITED', BureauError(f'The agent called sys.exit({error.code!r})'), dirty=True)
    except BaseException as error:
        return current.fail('AGENT_THREW', error)
    try:
        text = to_json(output)
    except (TypeError, ValueError, RecursionError) as error:
        return current.fail('AGENT_OUTPUT_INVALID', without_stack(BureauError(f'The output is not JSON: {error}')))
    except BaseException as error:
        return current.fail('AGENT_THREW', error)
    if current.end():
        wire.send({'t': 'result', 'bytes': len(text)}, text)


# ---------------------------------------------------------------- listening


def obey(header, payload):
    kind = header['t']
    current = run
    if kind == 'chunk':
        waiting = current.reads.pop(header['request'], None) if current is not None else None
        if waiting is not None:
            error = header.get('error')
            waiting.settle(payload, BureauError(error) if error else None)
    elif kind == 'cancel' and current is not None:
        current.is_canceled = True
        if current.task is not None:
            current.task.cancel()
    elif kind.startswith('fetch_') and current is not None:
        fetch = current.fetches.get(header['id'])
        if fetch is None:
            return
        if kind == 'fetch_head':
            fetch.head.settle(header)
        elif kind == 'fetch_want':
            fetch.send_piece()
        elif kind == 'fetch_chunk' and fetch.pull is not None:
            fetch.pull.settle(payload)
        elif kind == 'fetch_end':
            del current.fetches[fetch.id]
            if fetch.pull is not None:
                fetch.pull.settle(None)
        elif kind == 'fetch_failed':
            fetch.failed(header)


def listen():
    while True:
        header, payload = wire.receive()
        kind = header['t']
        if kind == 'load':
            if not load(payload):
                # Nothing of what follows can be done; the host ends this process.
                while True:
                    wire.receive()
        elif kind == 'run':
            execute(header, payload)
        elif kind == 'describe':
            describe(header)
        else:
            obey(header, payload)


def as_module():
    module = types.ModuleType('bureau', 'What an agent of Bureau is written with.')
    for each in (BureauError, CapReached, EgressDenied, FetchFailed, InputRejected, File, Context, Response, file):
        setattr(module, each.__name__, each)
    module.__all__ = [name for name in vars(module) if not name.startswith('_')]
    return module


# ---------------------------------------------------------------- what is imported when


class FirstImport:
    """Does what goes with the first import of a module, whoever it is by."""

    def find_spec(self, name, path=None, target=None):
        around = AROUND.get(name)
        if around is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            does = spec.loader.exec_module
            spec.loader.exec_module = lambda module: around(does, module)
        return spec


def around_logging(does, module):
    does(module)
    attach(module)


def around_asyncio(does, module):
    """Nothing here speaks TLS, because nothing here has a network: without it asyncio costs half as much to import, and
    OpenSSL is not loaded. An agent that imports ssl itself gets it."""
    had = sys.modules.get('ssl')
    sys.modules['ssl'] = had
    try:
        does(module)
    finally:
        if had is None:
            del sys.modules['ssl']


AROUND = {'logging': around_logging, 'asyncio': around_asyncio}

# What agents import most and what failures, types and async agents need of us, in pieces: the host may ask in between.
LATER = (
    'functools', 'contextlib', 'threading', 'base64', 'datetime', 'random', 'typing', 'inspect', 'dataclasses',
    'traceback', 'logging', 'math', 'selectors', 'socket', 'signal', 'subprocess', 'concurrent.futures', 'asyncio',
)


def warm_up(is_called):
    """Imports what a run may need, in the moments in which nobody waits for this sandbox."""
    for name in LATER:
        if is_called():
            return
        importlib.import_module(name)
    if not is_called():
        gc.collect()
        gc.freeze()


def shadows_library(names):
    """Has the agent modules that the standard library has, too? Then which of them is meant must not depend on how far
    `warm_up` has come."""
    tops = {name.removeprefix('.packages/').split('/')[0].split('.')[0] for name in names}
    found = importlib.machinery.PathFinder.find_spec
    return any(found(each, LIBRARY) is not None for each in tops - {'agent', ''})


def prepare():
    sys.modules['bureau'] = as_module()
    sys.stdout = sys.__stdout__ = streams[0]
    sys.stderr = sys.__stderr__ = streams[1]
    sys.stdin = sys.__stdin__ = io.StringIO('')
    sys.argv = ['agent.py']
    sys.meta_path.insert(0, FirstImport())
    # What boot made is never garbage: no run spends time on looking.
    gc.freeze()


if __name__ == '__main__':
    prepare()
    wire.send({'t': 'ready'})
    null = os.open('/dev/null', os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)
    try:
        warm_up(wire.is_readable)
        listen()
    except BaseException:
        os._exit(70)
