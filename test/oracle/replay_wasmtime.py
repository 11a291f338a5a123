"""Replays a trace of the kernel (trace-main.ts) in wasmtime: every call must give the recorded
result and every memory image the recorded digest. Prints version, calls and the trace's hash.

    pip install wasmtime;  python replay_wasmtime.py TRACE
"""

import base64
import hashlib
import json
import math
import struct
import sys
from importlib.metadata import version

import wasmtime


def number(value):
    """A recorded number; 64-bit integers and infinities are text."""
    if isinstance(value, dict):
        text = value["text"]
        return float(text.replace("Infinity", "inf")) if "I" in text or "N" in text else int(text)
    return value


def same(a, b):
    if a is None or b is None:
        return a is b
    if isinstance(a, float) or isinstance(b, float):
        return struct.pack("<d", a) == struct.pack("<d", b) or (math.isnan(a) and math.isnan(b))
    return (a - b) % 2**64 == 0


def main(path):
    engine = wasmtime.Engine()
    running = {}
    calls = digests = 0
    for line in open(path):
        event = json.loads(line)
        if "hash" in event:
            print(json.dumps({"version": version("wasmtime"), "hash": event["hash"],
                              "calls": calls, "digests": digests}))
            return 0
        if "module" in event:
            store = wasmtime.Store(engine)
            module = wasmtime.Module(engine, base64.b64decode(event["module"]))
            exports = wasmtime.Instance(store, module, []).exports(store)
            types = {e.name: e.type for e in module.exports}
            running[event["id"]] = (store, exports, types)
            continue
        store, exports, types = running[event["id"]]
        if "write" in event:
            exports["memory"].write(store, base64.b64decode(event["write"]), event["at"])
            continue
        name = event["call"]
        args = [float(number(v)) if str(t) in ("f32", "f64") else int(number(v))
                for v, t in zip(event["args"], types[name].params)]
        args = [v - 2**32 if str(t) == "i32" and v >= 2**31 else v
                for v, t in zip(args, types[name].params)]
        result = exports[name](store, *args)
        calls += 1
        if not same(result, number(event.get("result"))):
            print(f"call {calls} {name}: {result} is not {event.get('result')}", file=sys.stderr)
            return 1
        if "digest" in event:
            digests += 1
            memory = exports["memory"]
            image = memory.read(store, 0, memory.data_len(store))
            if hashlib.sha256(image).hexdigest() != event["digest"]:
                print(f"call {calls} {name}: the memory differs", file=sys.stderr)
                return 1
    print("the trace ends early", file=sys.stderr)
    return 1


sys.exit(main(sys.argv[1]))
