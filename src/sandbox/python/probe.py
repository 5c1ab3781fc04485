"""Asked of the host's CPython once: which files it needs. Loads every module of its standard library that is native, and
reads from its own memory map which libraries came with them."""

import importlib
import json
import os
import sys

# Terminals, databases of other hosts and tests of CPython itself: nothing an agent has a use for.
LEFT_OUT = ('_test', '_xxtest', 'xxlimited', '_ctypes_test', 'readline', '_curses', '_tkinter', '_dbm', '_gdbm', 'nis')


def main():
    stdlib = os.path.dirname(os.path.realpath(os.__file__))
    dynload = next((each for each in sys.path if each.endswith('lib-dynload')), None)
    missing = []
    for name in sorted(os.listdir(dynload)) if dynload and os.path.isdir(dynload) else []:
        module = name.split('.')[0]
        if not module.startswith(LEFT_OUT) and '.so' in name:
            try:
                importlib.import_module(module)
            except Exception as error:
                missing.append(f'{module}: {error}')
    lacking = []
    for name in ('asyncio', 'json', 'ctypes', 'sqlite3', 'zoneinfo'):
        try:
            importlib.import_module(name)
        except Exception:
            lacking.append(name)
    mapped = set()
    with open('/proc/self/maps') as maps:
        for line in maps:
            path = line.rstrip('\n').split(' ', 5)[-1].strip()
            if path.startswith('/') and '.so' in os.path.basename(path):
                mapped.add(path)
    libraries = {}
    for path in sorted(mapped):
        if path.startswith(stdlib + '/') or (dynload and path.startswith(os.path.realpath(dynload) + '/')):
            continue
        folder = os.path.dirname(path)
        # By the name in the file and by those that programs ask for, which are links to it.
        for name in sorted(os.listdir(folder)):
            if '.so' in name and not name.endswith('.so') and os.path.realpath(os.path.join(folder, name)) == path:
                libraries[os.path.join(folder, name)] = path
        libraries.setdefault(path, path)
    facts = {
        'version': list(sys.version_info[:3]),
        'implementation': sys.implementation.name,
        'binary': os.path.realpath(sys.executable),
        'stdlib': stdlib,
        'dynload': os.path.realpath(dynload) if dynload else None,
        'libraries': [[file, at] for at, file in libraries.items()],
        'missing': missing,
        'lacking': lacking,
    }
    sys.stdout.write(json.dumps(facts))


main()
