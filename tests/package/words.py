#!/usr/bin/env python3
"""Whether man pages name only commands and options that the programs have, and bash completes what pigeon says it has.

  tests/package/words.py ROOT PIGEON PIGEOND PIGEON-SIM
"""
import json
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(sys.argv[1])
pigeon, pigeond, simulator = sys.argv[2:5]
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
wrong = []


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout


def same(what, expected, found):
    if expected != found:
        wrong.append(f"{what}: missing {sorted(expected - found)}, too many {sorted(found - expected)}")


def page(name):
    return (root / f"docs/man/{name}.scd").read_text()


def known(what, named, there):
    """What a page names must be there; a page that names nothing was not read as it should be."""
    if not named or named - there:
        wrong.append(f"{what}: names what is not there: {sorted(named - there) or 'nothing at all'}")


help_of_pigeon = json.loads(said(pigeon, "help", "--json"))
commands = {command["name"] for command in help_of_pigeon["commands"]}
common = {option["name"] for option in help_of_pigeon["options"]}
own = {option["name"] for command in help_of_pigeon["commands"] for option in command["options"]}
known("pigeon.1, commands", set(re.findall(r"(?<=\*)[a-z]+(?: [a-z]+)?(?=\*)", re.split("# (?:COMMANDS|OPTIONS)", page("pigeon.1"))[1])), commands)
known("pigeon.1, options", set(OPTION.findall(page("pigeon.1"))), common | own)
known("pigeond.8", set(OPTION.findall(page("pigeond.8"))), set(OPTION.findall(said(pigeond, "--help"))))
known("pigeon-sim.1", set(OPTION.findall(page("pigeon-sim.1"))), set(OPTION.findall(said(simulator, "--help"))))


def completed(*words):
    """What bash offers for the last of the words."""
    script = '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pigeon; printf "%s\\n" "${COMPREPLY[@]}"'
    return set(said("bash", "-uc", script, "bash", str(root / "completion/pigeon.bash"), pigeon, *words).split())


groups = {name.split()[0] for name in commands}
same("bash, commands", groups | {"help"}, completed(""))
for group in sorted(groups):
    seconds = {name.split()[1] for name in commands if name.startswith(group + " ")}
    same(f"bash, behind 'pigeon {group}'", seconds, completed(group, ""))
same("bash, behind help", groups | {"help"}, completed("help", ""))
same("bash, a file and an option before", {"decode", "encode"}, completed("--config", "f", "--json", "pdu", ""))
same("bash, a beginning", {"quarantine"}, completed("quar"))
same("bash, options", common, completed("--"))
for command in help_of_pigeon["commands"]:
    options = common | {option["name"] for option in command["options"]}
    same(f"bash, options of 'pigeon {command['name']}'", options, completed(*command["name"].split(), "--"))

print("\n".join(wrong) or "man pages and completions are the programs'")
sys.exit(bool(wrong))
