"""A virtual machine and the sticks that are plugged into it. Everything ends with this process."""

import ctypes
import json
import pathlib
import select
import signal
import socket
import subprocess
import time

PR_SET_PDEATHSIG = 1


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Failed(Exception):
    """Something is not as it must be."""


def eventually(what, condition, seconds=60):
    """The first true value of condition(); Failed when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not within {seconds} s")
        time.sleep(0.1)


class Lines:
    """Lines of a descriptor, with a time limit."""

    def __init__(self, read, fd):
        self.read, self.fd, self.pending = read, fd, b""

    def next(self, seconds):
        deadline = time.monotonic() + seconds
        while b"\n" not in self.pending:
            ready, _, _ = select.select([self.fd], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise Failed(f"no line within {seconds} s; so far: {self.pending!r}")
            octets = self.read(65536)
            if not octets:
                raise Failed("the other end has gone")
            self.pending += octets
        line, _, self.pending = self.pending.partition(b"\n")
        return line.decode(errors="replace").rstrip("\r")


class Stick:
    """A pigeon-sim --usb, with its console."""

    def __init__(self, program, folder, name, number, *options):
        self.name, self.socket = name, folder / f"{name}-{number}.socket"
        self.id = f"stick{number}"
        self.process = subprocess.Popen(
            [program, "--modem-only", "--usb", name, "--usb-socket", self.socket, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, preexec_fn=die_with_parent)
        self.lines = Lines(self.process.stdout.read, self.process.stdout)
        while not self.lines.next(30).startswith("usb "):
            pass

    def ask(self, command, seconds=30):
        """The console's answer; Failed when it is an error."""
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()
        answer = []
        while not answer or not answer[-1].startswith(("ok", "error")):
            answer.append(self.lines.next(seconds + 30))
        if answer[-1].startswith("error"):
            raise Failed(f"{self.name}: {command}: {answer[-1]}")
        return "\n".join(answer)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)


class Machine:
    FIRST_WORD = 20  # seconds; a kernel speaks within one on KVM

    def __init__(self, folder, kernel, image):
        self.folder = folder
        self.console = folder / "console.log"
        self.start(kernel, image, "kvm:tcg")
        # There are hosts whose /dev/kvm opens, and whose guest never runs its first instruction.
        try:
            eventually("the kernel's first word", self.speaks, self.FIRST_WORD)
        except Failed as silence:
            print(f"       {silence}: once more, emulated", flush=True)
            self.stop()
            self.start(kernel, image, "tcg")

    def start(self, kernel, image, accelerators):
        shell, monitor = self.folder / "shell.socket", self.folder / "qmp.socket"
        for path in (self.console, shell, monitor):
            path.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
             "-machine", f"pc,accel={accelerators}", "-cpu", "qemu64,+rdrand", "-m", "1024",
             "-kernel", kernel, "-initrd", image,
             "-append", "console=ttyS0 panic=-1 mitigations=off cryptomgr.notests audit=0",
             "-serial", f"file:{self.console}",
             "-chardev", f"socket,id=shell,path={shell},server=on,wait=off", "-serial", "chardev:shell",
             "-qmp", f"unix:{monitor},server=on,wait=off",
             "-device", "qemu-xhci,id=usb,p2=15,p3=1"],
            stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)
        self.shell = self.connect(shell)
        self.monitor = self.connect(monitor)
        self.lines = Lines(self.shell.recv, self.shell)
        self.answers = Lines(self.monitor.recv, self.monitor)
        self.qmp("qmp_capabilities")

    def speaks(self):
        return self.console.exists() and self.console.stat().st_size > 0

    def connect(self, path):
        def attempt():  # the path is there a moment before QEMU listens
            if self.process.poll() is not None:
                raise Failed(f"QEMU has ended with {self.process.returncode}")
            connection = socket.socket(socket.AF_UNIX)
            return connection if connection.connect_ex(str(path)) == 0 else connection.close()
        return eventually(f"QEMU's {path.name}", attempt, 30)

    def qmp(self, command, **arguments):
        self.monitor.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            answer = json.loads(self.answers.next(30))
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise Failed(f"QEMU: {command}: {answer['error']['desc']}")

    def wait_until_up(self, seconds=180):
        while self.lines.next(seconds) != "READY":
            pass

    def attempt(self, command, seconds=60):
        """Status and output of a command of the guest's shell."""
        self.shell.sendall(command.encode() + b"\n")
        output = []
        while self.lines.next(seconds) != "BEGIN":
            pass
        while True:
            line = self.lines.next(seconds)
            if line.startswith("END "):
                return int(line.split()[1]), "\n".join(output).rstrip("\n")
            output.append(line)

    def run(self, command, seconds=60):
        status, output = self.attempt(command, seconds)
        if status != 0:
            raise Failed(f"in the guest: {command}: status {status}: {output}")
        return output

    def plug(self, stick):
        self.qmp("chardev-add", id=stick.id, backend={"type": "socket", "data": {
            "addr": {"type": "unix", "data": {"path": str(stick.socket)}}, "server": False}})
        self.qmp("device_add", driver="usb-redir", id=f"usb-{stick.id}", chardev=stick.id, bus="usb.0")

    def pull(self, stick):
        self.qmp("device_del", id=f"usb-{stick.id}")  # and its chardev with it

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
