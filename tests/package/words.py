#!/usr/bin/env python3
"""Whether man pages and completions know every flag and command that the programs have, and no others.

  tests/package/words.py ROOT PIGEON PIGEOND PIGEON-SIM
"""
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(sys.argv[1])
programs = dict(zip(("pigeon.1", "pigeond.8", "pigeon-sim.1"), sys.argv[2:5], strict=True))
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
wrong = []


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout


def same(what, expected, found):
    if expected != found:
        wrong.append(f"{what}: missing {sorted(expected - found)}, too many {sorted(found - expected)}")


def subcommands(*command):
    """The names below "Subcommands:" in its help."""
    _, _, listed = said(*command, "--help").partition("\nSubcommands:\n")
    return set(re.findall(r"^  ([a-z]+)", listed, re.MULTILINE))


flags = {}
for page, program in programs.items():
    flags[page] = set(FLAG.findall(said(program, "--help")))
    same(f"docs/man/{page}.scd", flags[page], set(FLAG.findall((root / f"docs/man/{page}.scd").read_text())))

pigeon = programs["pigeon.1"]
commands = {"": subcommands(pigeon)}
commands |= {name: subcommands(pigeon, name) for name in commands[""]}
page = (root / "docs/man/pigeon.1.scd").read_text()
whole = {f"{name} {sub}".strip() for name in commands[""] for sub in (commands[name] or {""})}
same("the commands of docs/man/pigeon.1.scd", whole,
     set(re.findall(r"(?<=\*)[a-z]+(?: [a-z]+)?(?=\*)", page.partition("# COMMANDS")[2].partition("# OPTIONS")[0])))


def completed(*words):
    """What bash offers for the last of the words."""
    script = f'. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pigeon; printf "%s\\n" "${{COMPREPLY[@]}}"'
    return set(said("bash", "-euc", script, "bash", str(root / "completion/pigeon.bash"), *words).split())


same("bash, flags", flags["pigeon.1"], completed("pigeon", "--"))
same("bash, flags behind a command", flags["pigeon.1"], completed("pigeon", "pdu", "--"))
for name, subs in commands.items():
    same(f"bash, behind 'pigeon {name}'", subs, completed("pigeon", *([name] if name else []), ""))
same("bash, a file and a flag before", commands["pdu"], completed("pigeon", "--config", "f", "--json", "pdu", ""))
same("bash, a beginning", {"quarantine"}, completed("pigeon", "q"))

zsh = (root / "completion/_pigeon").read_text()
same("zsh, flags", flags["pigeon.1"], set(FLAG.findall(zsh)))
same("zsh, commands", {word for words in commands.values() for word in words}, set(re.findall(r"'([a-z]+):[a-z A-Z]", zsh)))

print("\n".join(wrong) or "man pages and completions are the programs'")
sys.exit(bool(wrong))
