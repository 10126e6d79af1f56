"""The guest's root as an initramfs: busybox, Debian's udev and usb_modeswitch with their rules, the modules that a
USB stick needs with all that they need, and this build's pigeond and pigeon with their libraries."""

import os
import pathlib
import re
import shutil
import subprocess

FILES = ["/bin/busybox", "/usr/bin/udevadm", "/usr/sbin/usb_modeswitch", "/usr/sbin/usb_modeswitch_dispatcher",
         "/lib/udev/usb_modeswitch", "/usr/share/usb_modeswitch/configPack.tar.gz", "/etc/usb_modeswitch.conf",
         *(f"/lib/udev/rules.d/{name}.rules"
           for name in ["40-usb_modeswitch", "50-udev-default", "60-serial", "80-drivers"])]
LIBRARIES = ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"]
MODULES = ["xhci_pci", "option", "qcserial", "cdc_acm", "cdc_ether", "cdc_ncm", "huawei_cdc_ncm", "rndis_host",
           "qmi_wwan", "usb_storage", "sr_mod"]
USERS = {"root": 0, "carrier-pigeon": 990}
GROUPS = {"root": 0, "tty": 5, "disk": 6, "lp": 7, "dialout": 20, "kmem": 15, "video": 44, "audio": 29, "cdrom": 24,
          "tape": 26, "input": 104, "sgx": 105, "kvm": 106, "render": 107, "carrier-pigeon": 990}


class Missing(Exception):
    """What has to be there is not; the test is skipped."""


class Packages:
    """What tests/guest/fetch has unpacked, and this machine behind it."""

    def __init__(self, here):
        where = subprocess.run([here / "fetch", "--where"], check=True, capture_output=True, text=True).stdout.strip()
        self.root = pathlib.Path(where)
        if not (self.root / "complete").exists():
            raise Missing("there is no kernel of Debian to boot")
        self.kernel = next(self.root.glob("boot/vmlinuz-*"))
        self.modules = self.root / "lib/modules" / self.kernel.name.removeprefix("vmlinuz-")

    def file(self, path):
        for place in (self.root / path.lstrip("/"), pathlib.Path(path)):
            if place.exists():
                return place
        raise Missing(f"{path} is not here")

    def libraries(self, program):
        listed = subprocess.run(["ldd", program], capture_output=True, text=True,
                                env={"LD_LIBRARY_PATH": ":".join(str(self.root / path) for path in LIBRARIES)}).stdout
        return [path.removeprefix(str(self.root)) for path in re.findall(r"(/\S+) \(0x", listed)]


class Image:
    def __init__(self, folder, packages):
        self.root = folder / "root"
        self.packages = packages
        for name in ["bin", "dev", "proc", "sys", "run", "tmp", "root", "sbin", "etc/udev", "lib/systemd",
                     "var/lib/usb_modeswitch"]:
            (self.root / name).mkdir(parents=True)

    def add(self, path, source=None, strip=False):
        """A file with the libraries that it needs, at the path that it has in a Debian."""
        source = source or self.packages.file(path)
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(os.path.realpath(source), place)
        if strip:
            subprocess.run(["strip", place], check=True)
        for library in self.packages.libraries(source):
            if not (self.root / library.lstrip("/")).exists():
                self.add(library)
        return place

    def add_system(self, here, repository):
        for path in FILES:
            self.add(path)
        self.add("/init", here / "init").chmod(0o755)
        (self.root / "lib/systemd/systemd-udevd").symlink_to("/usr/bin/udevadm")
        ours = repository / "udev/65-carrier-pigeon.rules"
        self.add(f"/lib/udev/rules.d/{ours.name}", ours)
        (self.root / "etc/passwd").write_text(
            "".join(f"{name}:x:{number}:{number}::/:/bin/sh\n" for name, number in USERS.items()))
        (self.root / "etc/group").write_text(
            "".join(f"{name}:x:{number}:\n" for name, number in GROUPS.items()))

    def add_modules(self):
        """Those named above and what they need; udev loads them by the kernel's table of aliases, as at home."""
        modules = self.packages.modules
        needs = {}
        for line in (modules / "modules.dep").read_text().splitlines():
            path, _, others = line.partition(":")
            needs[pathlib.Path(path).stem.replace("-", "_")] = [path, *others.split()]
        place = self.root / "lib/modules" / modules.name
        for path in {path for name in MODULES for path in needs.get(name, [])}:
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(modules / path, place / path)
        for name in ["modules.order", "modules.builtin", "modules.builtin.modinfo"]:
            shutil.copy(modules / name, place / name)
        subprocess.run(["depmod", "-b", self.root, modules.name], check=True)

    def write(self, path):
        names = subprocess.run(["find", ".", "-print0"], cwd=self.root, check=True, capture_output=True).stdout
        with open(path, "wb") as out:
            subprocess.run(["cpio", "--quiet", "--null", "--create", "--format=newc", "--owner=0:0"], cwd=self.root,
                           input=names, stdout=out, check=True)
        shutil.rmtree(self.root)
