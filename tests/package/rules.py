#!/usr/bin/env python3
"""What udev/65-carrier-pigeon.rules does with each family's devices: the rules are read and played on made-up events.

A small interpreter of the part of udev's language that the file uses; anything else in it is an error. It is no udev: what
the rules before it set (60-serial) is given. Where udevadm can judge a file (`udevadm verify`, Debian 13) it is asked too.
"""
import fnmatch
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
TOKEN = re.compile(r'\s*([A-Z]+(?:\{[^}]*\})?)\s*(==|!=|\+=|=)\s*"([^"]*)"\s*,?')


def rules():
    files = sorted((ROOT / "udev").glob("*.rules"))
    assert len(files) == 1, files
    assert "60-serial.rules" < files[0].name < "77-mm-usb-device-blacklist.rules", f"{files[0].name} sorts wrongly"
    parsed = []
    for line in files[0].read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        at, row = 0, []
        while at < len(line.rstrip()):
            token = TOKEN.match(line, at)
            assert token, f"cannot read: {line[at:]}"
            row.append(token.groups())
            at = token.end()
        parsed.append(row)
    return parsed


def matches(value, pattern):
    return any(fnmatch.fnmatchcase(value, choice) for choice in pattern.split("|"))


def play(parsed, event):
    """The event's properties, group, mode and links after the rules."""
    env, result, label = dict(event["env"]), {"links": [], "runs": [], "group": None, "mode": None}, None
    for row in parsed:
        if label is not None:
            if ("LABEL", "=", label) not in row:
                continue
            label = None
        fits = True
        for key, op, value in row:
            if op not in ("==", "!="):
                continue
            name, _, inner = key.partition("{")
            inner = inner.rstrip("}")
            if name in ("ACTION", "SUBSYSTEM"):
                have = event[name]
            elif name == "SUBSYSTEMS":
                have = "usb"
            elif name == "ATTRS":
                have = event["attrs"].get(inner, "")
            elif name == "ENV":
                have = env.get(inner, "")
            else:
                raise AssertionError(f"unknown key {key}")
            fits = fits and (matches(have, value) == (op == "=="))
        if not fits:
            continue
        for key, op, value in row:
            if op in ("==", "!=") or key == "LABEL":
                continue
            if key == "GOTO":
                label = value
            elif key == "SYMLINK":
                value = value.replace("$id", event["usb_path"])
                result["links"].append(re.sub(r"\$env\{(\w+)\}", lambda m: env.get(m.group(1), ""), value))
            elif key == "RUN":
                result["runs"].append(value)
            elif key.startswith("ENV{"):
                env[key[4:-1]] = value
            elif key in ("GROUP", "MODE"):
                result[key.lower()] = value
            else:
                raise AssertionError(f"unknown key {key}")
    assert label is None, f"GOTO {label} leads nowhere"
    return {**result, "env": env}


def event(usb, subsystem="tty", action="add", interface="02", serial="", path="1-1.2"):
    vendor, product = usb.split(":")
    env = {"ID_VENDOR_ID": vendor, "ID_MODEL_ID": product}
    if subsystem == "usb":
        env |= {"DEVTYPE": "usb_device", "PRODUCT": f"{vendor}/{product}/318"}
    if subsystem != "usb" and interface:
        env["ID_USB_INTERFACE_NUM"] = interface
    if serial:
        env["ID_SERIAL_SHORT"] = serial
    return {"ACTION": action, "SUBSYSTEM": subsystem, "attrs": {"idVendor": vendor, "idProduct": product}, "env": env,
            "usb_path": path}


FAMILIES = ["12d1:1506", "12d1:1442", "12d1:1001", "3566:2001", "19d2:0016", "2c7c:0125", "1e0e:9001", "1e0e:9011",
            "1e0e:9205", "1e0e:9206", "1199:9071", "1199:9079", "1199:9091", "1bc7:1201", "1bc7:1031", "1bc7:1033",
            "1546:1010", "05c6:908b"]
STRANGERS = ["1546:01a8", "1546:01a9", "0403:6001", "10c4:ea60", "1a86:7523", "067b:2303", "05c6:9008"]


def udevadms_complaints():
    """What udev's own parser has to say; Debian 12's has no command for it."""
    if shutil.which("udevadm") is None or subprocess.run(["udevadm", "verify", "--help"], capture_output=True).returncode:
        return []
    judged = subprocess.run(["udevadm", "verify", "--resolve-names=never", *map(str, (ROOT / "udev").glob("*.rules"))],
                            capture_output=True, text=True)
    return [judged.stdout + judged.stderr] if judged.returncode else []


def main():
    parsed, wrong = rules(), []

    def expect(what, have, want):
        if have != want:
            wrong.append(f"{what}: {have!r}, not {want!r}")

    known = re.findall(r"\{0x([0-9a-f]{4}), (?:0x([0-9a-f]{4})|kAnyProduct)",
                       (ROOT / "modem/driver/profiles.cpp").read_text())
    assert len(known) > 10, "the driver's table of products is not where it was"
    for usb in sorted(set(FAMILIES) | {f"{vendor}:{product or '1234'}" for vendor, product in known}):
        name = usb.replace(":", "-")
        for action in ("add", "change", "bind"):
            port = play(parsed, event(usb, action=action))
            expect(f"{usb} {action}: group", (port["group"], port["mode"]), ("carrier-pigeon", "0660"))
            expect(f"{usb} {action}: link", port["links"], [f"carrier-pigeon/{name}-1-1.2-if02"])
        for subsystem in ("usb", "tty", "net", "usbmisc", "wwan"):
            part = play(parsed, event(usb, subsystem=subsystem))
            expect(f"{usb} {subsystem}: ModemManager", part["env"].get("ID_MM_DEVICE_IGNORE"), "1")
            if subsystem != "tty":
                expect(f"{usb} {subsystem}: group", (part["group"], part["links"]), (None, []))
        for action in ("add", "bind"):
            runs = play(parsed, event(usb, subsystem="usb", action=action))["runs"]
            expect(f"{usb} {action}: commands", len(runs), 1 if (usb, action) == ("3566:2001", "add") else 0)
        expect(f"{usb}: serial", play(parsed, event(usb, serial="A1B2"))["links"], [f"carrier-pigeon/{name}-A1B2-if02"])
        expect(f"{usb}: no number", play(parsed, event(usb, interface=""))["links"], [])
        for same in ("0123456789ABCDEF", "FFFFFFFFFFFFFFFF", "123456789ABCD"):
            one = play(parsed, event(usb, serial=same, path="1-1"))["links"]
            other = play(parsed, event(usb, serial=same, path="1-2"))["links"]
            if one == other:
                wrong.append(f"{usb}: two equal sticks share {one}")
    for usb in STRANGERS:
        for subsystem in ("usb", "tty"):
            part = play(parsed, event(usb, subsystem=subsystem))
            expect(f"{usb} {subsystem}", (part["group"], part["links"], "ID_MM_DEVICE_IGNORE" in part["env"]),
                   (None, [], False))
    wrong += udevadms_complaints()
    print("\n".join(wrong) if wrong else "the rules hold for every family")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
