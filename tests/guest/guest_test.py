#!/usr/bin/env python3
"""USB modems in a virtual machine with Debian's own kernel, udev and usb_modeswitch: pigeon-sim --usb is the stick,
and pigeond and pigeon in the machine find it, read it and answer. One boot serves every case.

    guest_test.py BUILD-FOLDER REPOSITORY

Exit status 77, with the reason, where something is missing that script/bootstrap --tests installs.
"""

import json
import os
import pathlib
import platform
import re
import shutil
import sys
import tempfile
import time

from image import Image, Missing, Packages
from machine import Failed, Machine, Stick, eventually

SKIPPED = 77
CONFIG = """[gateway]
number = "+12025550100"
public_url = "https://pigeons.test"
[x]
client_id = "nobody"
authorize_url = "http://127.0.0.1:9/"
api_url = "http://127.0.0.1:9"
[store]
url = "sqlite:/run/pigeon/pigeon.db"
key_file = "/run/pigeon/key"
[web]
listen = "127.0.0.1:8080"
[limits]
box_per_hour = 10000
"""
SENDING = 10  # seconds that the network of the first stick takes for a reply
IMEI = "490154203237518"
OTHER_IMEI = "352099001761481"

# What Debian's kernel and our rules make of each stick: the driver of each interface that becomes a port, and the
# interface that `pigeon modem list` calls usable.
PORTS = {
    "huawei": ("12d1:1506", {0: "option", 1: "option", 2: "option"}, 2),
    "huawei-older": ("12d1:1001", {0: "option", 1: "option", 2: "option"}, 0),
    "brovi": ("3566:2001", {2: "option", 3: "option", 4: "option"}, 2),
    "zte": ("19d2:0031", {0: "option", 1: "option", 3: "option"}, 1),
    "quectel": ("2c7c:0125", {0: "option", 1: "option", 2: "option", 3: "option"}, 2),
    "simcom": ("1e0e:9001", {0: "option", 1: "option", 2: "option", 3: "option", 4: "option"}, 2),
    "simcom-a7670": ("1e0e:9011", {2: "option", 3: "option", 4: "option", 5: "option"}, 4),
    "simcom-sim7070": ("1e0e:9206", {0: "option", 1: "option", 2: "option", 5: "option"}, 2),
    "simcom-sim7070-ecm": ("1e0e:9205", {0: "option", 1: "option", 2: "option", 5: "option"}, 2),
    "sierra": ("1199:9071", {0: "qcserial", 2: "qcserial", 3: "qcserial"}, 3),
    "sierra-em7455": ("1199:9079", {0: "qcserial", 2: "qcserial", 3: "qcserial"}, 3),
    "sierra-em7565": ("1199:9091", {0: "qcserial", 2: "qcserial", 3: "qcserial"}, 3),
    "telit": ("1bc7:1201", {0: "option", 3: "option", 4: "option", 5: "option", 6: "option"}, 4),
    "telit-le910c1": ("1bc7:1031", {0: "option", 1: "option", 2: "option"}, 1),
    "telit-le910c1-ecm": ("1bc7:1033", {0: "option", 1: "option", 2: "option"}, 1),
    "ublox": ("1546:1010", {2: "cdc_acm", 4: "cdc_acm", 6: "cdc_acm", 8: "cdc_acm"}, 6),
    "ublox-toby-r2": ("05c6:908b", {0: "option", 1: "option"}, 1),
}
# Sticks that are storage at first and no modem after it: what each is then, and what it is called.
NO_PORT = {
    "huawei-hilink-storage": ("12d1:14dc", "hilink"),
    "zte-storage": ("19d2:1405", "network_mode"),
}


class Guest:
    def __init__(self, machine, simulator, folder):
        self.machine, self.simulator, self.folder = machine, simulator, folder
        self.sticks = []
        self.texts = 0

    def plug(self, name, *options):
        stick = Stick(self.simulator, self.folder, name, len(self.sticks), *options)
        self.sticks.append(stick)
        self.machine.plug(stick)
        return stick

    def pull(self, *sticks):
        for stick in sticks:
            self.machine.pull(stick)
            stick.stop()
        self.settle_until("the sticks are gone", lambda: not self.ports())

    def settle_until(self, what, condition, seconds=60):
        def settled():
            self.machine.run("udevadm settle --timeout=30")
            return condition()
        return eventually(what, settled, seconds)

    def ports(self):
        """{tty: (USB id, interface, driver)} of every serial port on USB, as the kernel has them."""
        # Without a process for each word: they cost more than anything else in an emulated machine.
        listed = self.machine.run(
            "for t in /sys/class/tty/ttyUSB* /sys/class/tty/ttyACM*; do cd -P $t/device && "
            "{ [ -e bInterfaceNumber ] || cd -P ..; } && read -r i <bInterfaceNumber && read -r v <../idVendor && "
            "read -r p <../idProduct && cd -P driver && echo ${t##*/} $v:$p $i ${PWD##*/}; done 2>/dev/null; true")
        # Whole ones: what vanishes while it is looked at leaves pieces.
        rows = re.findall(r"^(tty\w+) (\w{4}:\w{4}) (\w\w) (\w+)$", listed, re.MULTILINE)
        return {tty: (usb, int(interface, 16), driver) for tty, usb, interface, driver in rows}

    def links(self):
        """{link: where it leads}."""
        return dict(re.findall(r"(\S+) -> (\S+)$", self.machine.run("ls -l /dev/carrier-pigeon 2>/dev/null; true"),
                               re.MULTILINE))

    def at_ports(self, modem="main"):
        """What pigeond says last of the ports of a [[modem]]: where it reads, and where it sends."""
        log = self.log()
        said = [re.findall(rf"modem/{modem}\b.* on (/\S+) {words}", log) for words in ("is ready", "while the first")]
        return [ports[-1] if ports else None for ports in said]

    def held(self):
        """The serial ports that pigeond has open."""
        listed = self.machine.run("ls -l /proc/$(cat /run/pigeond.pid)/fd")
        return sorted(set(re.findall(r"/dev/tty[A-Z]+\d+", listed)))

    def modems(self):
        _, listed = self.machine.attempt("pigeon --config /run/pigeon.toml modem list --json 2>/run/complaints", 120)
        return json.loads(listed)["ports"]

    def start_daemon(self, modems=("serial:auto",)):
        parts = "".join(f'[[modem]]\nname = "{name}"\nurl = "{url}"\n'
                        for name, url in zip(("main", "second"), modems))
        self.machine.run("rm -rf /run/pigeon; mkdir -m 700 /run/pigeon; chown carrier-pigeon /run/pigeon; "
                         "printf '" + (CONFIG + parts).replace("\n", "\\n") + "' >/run/pigeon.toml; "
                         "chmod 644 /run/pigeon.toml; : >/run/pigeond.log; chmod 666 /run/pigeond.log")
        # Without any right but those of the package's user: that udev gave it the ports is part of the test.
        self.machine.run("start-stop-daemon -S -b -m -p /run/pigeond.pid -c carrier-pigeon:carrier-pigeon "
                         "-x /bin/sh -- -c 'exec pigeond --config /run/pigeon.toml 2>>/run/pigeond.log'")

    def stop_daemon(self):
        self.machine.run("kill $(cat /run/pigeond.pid)")
        eventually("pigeond ends", lambda: self.machine.attempt("kill -0 $(cat /run/pigeond.pid)")[0] != 0)
        check("pigeond's last word", "pigeond: stopped", self.log().splitlines()[-1])

    def log(self):
        return self.machine.run("cat /run/pigeond.log")

    def forget_log(self):
        self.machine.run(": >/run/pigeond.log")

    def text(self, stick):
        """A phone that nobody knows texts; its number."""
        self.texts += 1
        phone = f"+1202555{1000 + self.texts}"
        stick.ask(f"text {phone} hello")
        return phone

    def inbox(self, stick, phone):
        """How many messages it has got."""
        return int(stick.ask(f"inbox {phone}").split()[-1])

    def answered(self, stick, what, phone=None):
        """It is told how to link an account."""
        began = time.monotonic()
        phone = phone or self.text(stick)
        answer = stick.ask(f"wait {phone} 1 60")
        if "https://pigeons.test/auth/" not in answer:
            raise Failed(f"{what}: the answer was {answer}")
        print(f"       {what}: answered within {time.monotonic() - began:.1f} s", flush=True)


def check(what, expected, actual):
    if expected != actual:
        raise Failed(f"{what}:\n  expected {expected}\n  actual   {actual}")


def check_at_last(what, expected, actual, seconds=30):
    """The kernel and udev come to it in their own time: of several ports, some are there before others."""
    deadline = time.monotonic() + seconds
    while expected != (now := actual()) and time.monotonic() < deadline:
        time.sleep(0.1)
    check(what, expected, now)


def receives_and_replies(guest):
    """one stick: the driver binds, ports and links appear, serial:auto finds it, a text is read and answered"""
    guest.start_daemon()
    stick = guest.plug("quectel", "--send-delay", str(1000 * SENDING))
    ports = ["/dev/ttyUSB2", "/dev/ttyUSB3"]
    check_at_last("the ports that are read and sent on", ports, guest.at_ports, 60)
    check("the ports that are held", ports, guest.held())
    check_at_last("ports", {f"ttyUSB{n}": ("2c7c:0125", n, "option") for n in range(4)}, guest.ports)
    check_at_last("links", {f"2c7c-0125-1-1-if{n:02}": f"../ttyUSB{n}" for n in range(4)}, guest.links)
    guest.machine.run("udevadm info --query=property --name=ttyUSB2 | grep -qx ID_MM_DEVICE_IGNORE=1")
    guest.answered(stick, "a text to a box that has found its stick")
    return stick


def reads_while_it_sends(guest, stick):
    """two AT ports: while a reply is on its way on one, a text is read and freed on the other"""
    began = time.monotonic()
    phone = guest.text(stick)
    eventually("it is read", lambda: "0 stored, 0 waiting, 1 sent" in stick.ask("stored"), SENDING)
    print(f"       it took {time.monotonic() - began:.1f} of the {SENDING} s", flush=True)
    guest.answered(stick, "when the first reply was over", phone)
    return phone


def unplugged_while_held(guest, stick, replying_to):
    """pulled while a reply is on its way and another program holds a port: it comes back under other numbers, and
    nothing is lost or doubled"""
    guest.machine.run("sleep 600 <>/dev/ttyUSB1 >/dev/null 2>&1 & echo $! >/run/holder")
    stick.ask("unplug")
    guest.settle_until("the ports are gone", lambda: not guest.ports())
    guest.forget_log()
    phone = guest.text(stick)
    stick.ask("plug")
    guest.answered(stick, "texted while it was away, after it came back", phone)
    check_at_last("ports", [f"ttyUSB{n}" for n in (0, 2, 3, 4)], lambda: sorted(guest.ports()))
    check_at_last("links", "../ttyUSB3", lambda: guest.links().get("2c7c-0125-1-1-if02"))
    check_at_last("the ports that are read and sent on", ["/dev/ttyUSB3", "/dev/ttyUSB4"], guest.at_ports)
    for known in (replying_to, phone):
        check(f"what {known} has got", 1, guest.inbox(stick, known))
    guest.machine.run("kill $(cat /run/holder)")
    guest.pull(stick)
    guest.stop_daemon()


def two_sticks(guest):
    """two equal sticks: each has links of its own, and each [[modem]] reads and answers by its own, with both its ports;
    also when they are pulled and put back together"""
    guest.start_daemon(("serial:auto", "serial:auto"))
    sticks = [guest.plug("quectel", "--imei", imei) for imei in (IMEI, OTHER_IMEI)]

    def paired():
        """On how many sticks there is a [[modem]] that reads on interface 2 and sends on interface 3."""
        link_of = {f"/dev/{target[3:]}": link for link, target in guest.links().items()}
        pairs = [[link_of.get(port, "") for port in guest.at_ports(modem)] for modem in ("main", "second")]
        return len({reads for reads, sends in pairs if reads.endswith("if02") and sends == reads[:-1] + "3"})

    def each_by_its_own(when):
        check_at_last(f"how many modems have both ports of a stick, {when}", 2, paired, 60)
        check("how many ports are held", 4, len(guest.held()))
        check("how many links there are", 8, len(guest.links()))
        for stick in sticks:
            guest.answered(stick, f"{stick.id}, {when}")

    each_by_its_own("plugged in one after the other")
    for stick in sticks:
        stick.ask("unplug")
    guest.settle_until("the ports are gone", lambda: not guest.ports())
    guest.forget_log()
    for stick in reversed(sticks):
        stick.ask("plug")
    each_by_its_own("put back together")
    guest.stop_daemon()
    guest.pull(*sticks)


def storage_first(guest):
    """a stick that is storage at first: usb_modeswitch makes it a modem, which the box finds"""
    guest.start_daemon()
    stick = guest.plug("huawei-storage")
    guest.answered(stick, "after the switch")
    check_at_last("ids", {"12d1:1506"}, lambda: {usb for usb, _, _ in guest.ports().values()})
    guest.stop_daemon()
    guest.pull(stick)


def families(guest):
    """every family: drivers, ports, links, and which port is the modem"""
    for names in (list(PORTS)[:8], list(PORTS)[8:]):
        sticks = [guest.plug(name) for name in names]
        wanted = {(usb, number): driver for usb, drivers, _ in (PORTS[name] for name in names)
                  for number, driver in drivers.items()}
        check_at_last("drivers", wanted,
                      lambda: {(usb, number): driver for usb, number, driver in guest.ports().values()}, 60)
        check_at_last("links", sorted(wanted),
                      lambda: sorted((f"{link[:4]}:{link[5:9]}", int(link[-2:])) for link in guest.links()))
        usable = {port["usb"]["id"]: port["usb"]["interface"] for port in guest.modems() if port["usable"]}
        check("usable ports", {usb: modem for usb, _, modem in (PORTS[name] for name in names)}, usable)
        guest.pull(*sticks)
        print(f"       {', '.join(names)}: as they must be", flush=True)


def without_a_port(guest):
    """sticks that become network cards, each switched in its own way: each is named as what it is"""
    sticks = [guest.plug(name) for name in NO_PORT]
    wanted = dict(NO_PORT.values())

    def named():
        return {port["usb"]["id"]: port.get("cause") for port in guest.modems()} == wanted
    guest.settle_until(f"{wanted} by 'pigeon modem list'", named)
    guest.start_daemon()
    eventually("pigeond names the HiLink stick", lambda: "Huawei HiLink stick" in guest.log())
    guest.stop_daemon()
    guest.pull(*sticks)


def main():
    build, repository = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    here = pathlib.Path(__file__).parent.resolve()
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pigeon-guest-"))
    began = time.monotonic()

    def step(words):
        print(f"{time.monotonic() - began:5.1f}  {words}", flush=True)

    machine = guest = None
    try:
        if platform.machine() != "x86_64":
            raise Missing(f"the guest is an amd64 one, and this is {platform.machine()}")
        for program in ("qemu-system-x86_64", "cpio", "depmod", "strip"):
            if not shutil.which(program):
                raise Missing(f"{program} is not installed")
        packages = Packages(here)
        image = Image(folder, packages)
        image.add_system(here, repository)
        image.add_modules()
        for room, program in (("daemon", "pigeond"), ("cli", "pigeon")):
            image.add(f"/usr/bin/{program}", build / "src" / room / program, strip=True)
        image.write(folder / "initramfs")
        step(f"{packages.kernel.name} starts")
        machine = Machine(folder, packages.kernel, folder / "initramfs")
        machine.wait_until_up()
        guest = Guest(machine, build / "src/sim/pigeon-sim", folder)
        step(receives_and_replies.__doc__)
        stick = receives_and_replies(guest)
        step(reads_while_it_sends.__doc__)
        phone = reads_while_it_sends(guest, stick)
        step(unplugged_while_held.__doc__)
        unplugged_while_held(guest, stick, phone)
        for case in (two_sticks, storage_first, families, without_a_port):
            step(case.__doc__)
            case(guest)
        step("all well")
        return 0
    except Missing as missing:
        print(f"skipped: {missing} (script/bootstrap --tests)")
        return SKIPPED
    except Failed as failed:
        step(f"FAILED: {failed}")
        if machine:
            print("--- the console's end:", machine.console.read_text(errors="replace")[-3000:], sep="\n")
        if guest:
            print("--- pigeond's log:", guest.log(), sep="\n")
        return 1
    finally:
        if machine:
            machine.stop()
        for stick in guest.sticks if guest else []:
            stick.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
