"""Reads a log and says what matters: how many lines of each level, which messages keep coming back, when it was worst.

Takes plain text, JSON lines, and what common servers write. Lines of the same shape count as one message, whatever
numbers, addresses and ids stand in them.
"""

import collections
import json
import re

import bureau

AGENT = {
    'name': 'Log summariser',
    'category': 'developer-tools',
    'icon': 'list-checks',
    'input': {
        'type': 'object',
        'properties': {
            'log': {**bureau.file(accept=['text/*', 'application/json'], max_bytes=20_000_000), 'title': 'Log file'},
            'top': {
                'type': 'integer',
                'title': 'Messages to show',
                'description': 'The most frequent messages, worst levels first',
                'minimum': 1,
                'maximum': 50,
                'default': 10,
            },
        },
        'required': ['log'],
    },
    'output': {
        'type': 'object',
        'properties': {
            'lines': {'type': 'integer'},
            'first': {'type': ['string', 'null'], 'description': 'Time of the earliest line that has one'},
            'last': {'type': ['string', 'null']},
            'levels': {'type': 'object', 'additionalProperties': {'type': 'integer'}},
            'worst': {'type': ['string', 'null'], 'description': 'The minute with the most errors'},
            'messages': {
                'type': 'array',
                'items': {
                    'type': 'object',
                    'properties': {
                        'level': {'type': 'string'},
                        'count': {'type': 'integer'},
                        'message': {'type': 'string', 'description': 'What varies stands as <…>'},
                        'first': {'type': ['string', 'null']},
                        'example': {'type': 'string'},
                    },
                    'required': ['level', 'count', 'message', 'example'],
                },
            },
        },
        'required': ['lines', 'levels', 'messages'],
    },
    'price': {'run': '1'},
    'limits': {'timeout_ms': 20_000, 'memory_mb': 128},
    'examples': [{'name': 'A web shop on a bad morning', 'input': {'log': './shop.log'}}],
}

LEVELS = ('fatal', 'error', 'warn', 'info', 'debug', 'trace')
SAME_LEVEL = {'warning': 'warn', 'err': 'error', 'critical': 'fatal', 'crit': 'fatal', 'notice': 'info', 'panic': 'fatal'}
# As pino and bunyan count them.
NUMBERED = {10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal'}
LEVEL = re.compile(r'\b(trace|debug|info|notice|warn|warning|err|error|critical|crit|fatal|panic)\b', re.IGNORECASE)
TIME = re.compile(r'\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?')
STATUS = re.compile(r'" (\d{3}) ')
# The long ones first: an address holds numbers, too.
VARYING = (
    (re.compile(r'\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b', re.IGNORECASE), '<id>'),
    (re.compile(r'\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b'), '<address>'),
    (re.compile(r'\b[\w.+-]+@[\w-]+\.[\w.]+\b'), '<mail>'),
    (re.compile(r'\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b', re.IGNORECASE), '<id>'),
    (re.compile(r'(?<![\w<])\d+(?:[.,]\d+)*(?=(?:ms|s|kb|mb|gb|b|%)?\b)', re.IGNORECASE), '<n>'),
)


def run(input, ctx):
    log, top = input['log'], input['top']
    counts, levels, minutes = collections.Counter(), collections.Counter(), collections.Counter()
    shown = {}
    first = last = None
    lines = 0
    read = 0
    with log.open('r', errors='replace') as text:
        for line in text:
            read += len(line)
            line = line.rstrip()
            if not line:
                continue
            lines += 1
            level, time, message = parse(line)
            levels[level] += 1
            if time is not None:
                first = time if first is None or time < first else first
                last = time if last is None or time > last else last
                if level in ('error', 'fatal'):
                    minutes[time[:16]] += 1
            key = (level, shape(message))
            counts[key] += 1
            shown.setdefault(key, (time, message))
            if lines % 5_000 == 0:
                if ctx.canceled:
                    break
                ctx.progress(min(0.99, read / max(1, log.size)), f'{lines} lines')
    if lines == 0:
        raise bureau.InputRejected('The log is empty', 'log')
    # Worst level first, then the most frequent.
    order = sorted(counts.items(), key=lambda each: (LEVELS.index(each[0][0]), -each[1]))
    messages = [
        {
            'level': level,
            'count': count,
            'message': message,
            'first': shown[level, message][0],
            'example': shown[level, message][1][:500],
        }
        for (level, message), count in order[:top]
    ]
    ctx.log.info('summarised', lines=lines, messages=len(counts))
    return {
        'lines': lines,
        'first': first,
        'last': last,
        'levels': {level: levels[level] for level in LEVELS if levels[level]},
        'worst': minutes.most_common(1)[0][0] if minutes else None,
        'messages': messages,
    }


def parse(line):
    """Level, time and message of a line; what it does not say is info, and no time."""
    if line.startswith('{'):
        try:
            said = json.loads(line)
        except ValueError:
            said = None
        if isinstance(said, dict):
            return of_json(said, line)
    found = TIME.search(line)
    time = found.group().replace(' ', 'T') if found else None
    rest = (line[: found.start()] + line[found.end() :]) if found else line
    word = LEVEL.search(rest[:80])
    if word is not None:
        level = word.group(1).lower()
        message = rest[word.end() :].lstrip(' ]:-|\t')
        return SAME_LEVEL.get(level, level), time, message or rest.strip()
    status = STATUS.search(rest)
    if status is not None:
        code = int(status.group(1))
        return 'error' if code >= 500 else 'warn' if code >= 400 else 'info', time, rest.strip(' []')
    return 'info', time, rest.strip(' []:-')


def of_json(said, line):
    level = said.get('level', said.get('severity', 'info'))
    level = NUMBERED.get(level, 'info') if isinstance(level, int) else str(level).lower()
    level = SAME_LEVEL.get(level, level)
    time = said.get('time', said.get('timestamp', said.get('ts')))
    message = said.get('msg', said.get('message', said.get('event')))
    return (
        level if level in LEVELS else 'info',
        time if isinstance(time, str) else None,
        message if isinstance(message, str) else line,
    )


def shape(message):
    """The message with what varies taken out."""
    for pattern, word in VARYING:
        message = pattern.sub(word, message)
    return message[:300]
