#!/usr/bin/env python3
"""Counts how many public functions of our headers say what they take, give and fail with.

    comments.py ROOT [--list] [--least PERCENT]     coverage of every room; fails below PERCENT (90)
    comments.py --self-test                         what counts and what does not, on small examples

What is counted: every function that a header declares outside a private or protected section. Constructors count
as well; destructors, operators, friends and what is = default or = delete say enough by themselves.

What counts as documented: a // comment
  * on the line above the declaration, or trailing it;
  * above a run of declarations without a blank line, of which none has a comment of its own in between:
    the comment speaks for the run.
A comment made of nothing but the words of the name is no comment. Whether a comment is true, and worth its line, is
for the reader to say; this only finds the places where there is none.
"""
import argparse
import collections
import pathlib
import re
import sys

EMPTY_WORDS = set("a an the of is are to for from in on at by with and or this that it its returns return gets get "
                  "sets set whether if".split())


class Item:
    """One declaration: its first line, the last of its head and of all of it, and its name if it is a function."""

    def __init__(self, first, head_last, last, name, shown):
        self.first, self.head_last, self.last, self.name, self.shown = first, head_last, last, name, shown


def without_comments(text):
    """The text with comments, literals and directives blanked, and the comments: line -> (column, words, alone)."""
    out, comments, i = [], {}, 0
    line, start = 1, 0  # `start`: where this line begins
    while i < len(text):
        two = text[i:i + 2]
        end = i + 1
        if two == "//":
            end = text.find("\n", i)
            end = len(text) if end < 0 else end
            comments[line] = (i - start, text[i + 2:end].strip(), not text[start:i].strip())
        elif two == "/*":
            end = text.find("*/", i) + 2
        elif text[i] == "#" and not text[start:i].strip():
            end = i
            while True:
                end = text.find("\n", end)
                if end < 0:
                    end = len(text)
                    break
                if text[end - 1] != "\\":
                    break
                end += 1
        elif text[i] in "\"'" and not (text[i] == "'" and i and text[i - 1].isalnum()):
            while text[end] != text[i]:
                end += 2 if text[end] == "\\" else 1
            end += 1
        else:
            out.append(text[i])
            if text[i] == "\n":
                line, start = line + 1, i + 1
            i += 1
            continue
        for c in text[i:end]:
            out.append("\n" if c == "\n" else " ")
            if c == "\n":
                line += 1
        if "\n" in text[i:end]:
            start = text.rfind("\n", i, end) + 1
        i = end
    return "".join(out), comments


def function_name(head):
    """The name of the function that `head` declares, or None: it declares something else, or nothing to explain."""
    head = re.sub(r"\[\[.*?\]\]", " ", head).strip()
    if re.match(r"(using|typedef|friend|static_assert|extern\s+\"|enum|namespace)\b", head):
        return None
    depth, i = 0, 0
    while i < len(head):
        c = head[i]
        if c == "<" and i and (head[i - 1].isalnum() or head[i - 1] in "_ "):
            depth += 1
        elif c == ">" and depth:
            depth -= 1
        elif depth == 0 and c in "={":
            return None
        elif depth == 0 and c == "(":
            before = head[:i].rstrip()
            if re.search(r"\boperator\b", before) or re.match(r"\(\s*[\w:]*\*", head[i:]):
                return None
            name = re.search(r"(~?)([A-Za-z_]\w*)$", before)
            if not name or name.group(1) or re.search(r"=\s*(default|delete)\s*$", head):
                return None
            return name.group(2)
        i += 1
    return None


class Parser:
    """Finds the declarations of a header, scope by scope; knows as much C++ as our headers use."""

    def __init__(self, text):
        self.code, self.comments = without_comments(text)
        self.lines = [m.start() for m in re.finditer("^", self.code, re.M)]
        self.scopes = []  # lists of Items

    def line_of(self, position):
        low, high = 0, len(self.lines)
        while low + 1 < high:
            middle = (low + high) // 2
            low, high = (middle, high) if self.lines[middle] <= position else (low, middle)
        return low + 1

    def closing(self, position):
        """Behind the brace that closes the one at `position`."""
        depth = 0
        while True:
            depth += {"{": 1, "}": -1}.get(self.code[position], 0)
            position += 1
            if depth == 0:
                return position

    def scope(self, position, public, prefix, seen=True):
        """Parses up to the closing brace of a scope; returns the position behind it."""
        items = []
        self.scopes.append(items)
        start, parens = position, 0
        while position < len(self.code):
            c = self.code[position]
            head = self.code[start:position].strip()
            if c in "()":
                parens += 1 if c == "(" else -1
            elif parens:
                pass
            elif c == ":" and head in ("public", "private", "protected"):
                public = head == "public"
                start = position + 1
            elif c == "}":
                return position + 1
            elif c == ";":
                self.add(items, start, position, position, public and seen, prefix)
                start = position + 1
            elif c == "{":
                plain = re.sub(r"^template\s*<[^{]*?>\s*(?=class|struct|union)", "", head)
                plain = re.sub(r"\[\[.*?\]\]|\balignas\(.*?\)", "", plain).strip()
                kind = re.match(r"(inline\s+)?(namespace|class|struct|union)\b\s*([\w:]*)", plain)
                if kind and "(" not in plain:
                    name = kind.group(3) + "::" if kind.group(2) != "namespace" and kind.group(3) else ""
                    position = self.scope(position + 1, kind.group(2) != "class", prefix + name, public and seen)
                    start = position
                    if kind.group(2) != "namespace":  # a variable may follow: "} kind;"
                        start = position = self.code.index(";", position) + 1
                    continue
                if function_name(head) and self.code[position - 1] in " \n":
                    end = self.closing(position)
                    self.add(items, start, position, end - 1, public and seen, prefix)
                    start = position = end
                    continue
                if head.startswith(("extern", "operator")) or "operator" in head or re.search(r"~\w+\s*\(", head):
                    if self.code[position - 1] in " \n":
                        position = start = self.closing(position)
                        continue
                position = self.closing(position)  # an initialiser or an enum: the declaration goes on
                continue
            position += 1
        return position

    def add(self, items, start, end, last, public, prefix):
        head = self.code[start:end]
        if not head.strip():
            return
        first = start + len(head) - len(head.lstrip())
        name = function_name(head) if public else None
        items.append(Item(self.line_of(first), self.line_of(end), self.line_of(last), name, prefix + (name or "")))

    def says_more(self, comment, name):
        words = re.findall(r"[a-z0-9]+", comment.lower())
        known = {w.rstrip("s") for w in re.findall(r"[a-z0-9]+", re.sub(r"([A-Z])", r" \1", name).lower())}
        return not words or any(w.rstrip("s") not in known and w not in EMPTY_WORDS for w in words)

    def above(self, item):
        line = item.first - 1
        comment = self.comments.get(line)
        if not comment or not comment[2]:
            return None
        words = []
        while line in self.comments and self.comments[line][2]:
            words.insert(0, self.comments[line][1])
            line -= 1
        trailing = self.comments.get(line)
        if trailing and trailing[0] == comment[0]:  # goes on with what trails the declaration before
            return None
        return " ".join(words)

    def trailing(self, item):
        found = [self.comments[n][1] for n in range(item.first, item.head_last + 1)
                 if n in self.comments and not self.comments[n][2]]
        return " ".join(found) or None

    def results(self):
        """(item, "own" | "run" | None) for every public function."""
        self.scope(0, True, "")
        for items in self.scopes:
            for index, item in enumerate(items):
                if item.name is None:
                    continue
                own = self.above(item) or self.trailing(item)
                if own:
                    yield item, "own" if self.says_more(own, item.shown) else None
                    continue
                back = index
                while back > 0 and items[back - 1].last == items[back].first - 1:
                    back -= 1
                    if self.above(items[back]) or self.trailing(items[back]):
                        break
                yield item, "run" if back < index and self.above(items[back]) else None


def room_of(path):
    parts = path.parts
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0]


def check(root, least, listed):
    rooms = collections.defaultdict(lambda: [0, 0])
    missing = []
    for path in sorted([*root.glob("modem/**/*.h"), *root.glob("src/**/*.h")]):
        path = path.relative_to(root)
        for item, how in Parser((root / path).read_text(encoding="utf-8")).results():
            rooms[room_of(path)][0] += how is not None
            rooms[room_of(path)][1] += 1
            if how is None or (listed and how == "run"):
                missing.append(f"{path}:{item.first}: {item.shown}" + (" (by its run)" if how else ""))
    for line in missing:
        print(line)
    if not rooms:
        print(f"{root}: no header declares a function")
        return 1
    for room, (said, of) in sorted(rooms.items()):
        print(f"{room:16} {said:4} of {of:4}  {100 * said / of:5.1f} %")
    said, of = (sum(column) for column in zip(*rooms.values()))
    print(f"{'all':16} {said:4} of {of:4}  {100 * said / of:5.1f} %")
    if 100 * said < least * of:
        print(f"fewer than {least} % of the public functions have a comment: the list above names those without")
        return 1
    return 0


def self_test():
    cases = [
        ("above", "// Errc::timeout: nobody answered.\nint f(int a);", {"f": "own"}),
        ("trailing", "int f(int a);  // octets", {"f": "own"}),
        ("none", "int f(int a);", {"f": None}),
        ("a blank line parts them", "// Words.\n\nint f(int a);", {"f": None}),
        ("a run", "// Both in seconds.\nint f();\nint g();\n\nint h();", {"f": "own", "g": "run", "h": None}),
        ("a run ends at a comment", "// One.\nint f();\nint g();  // two\nint h();", {"f": "own", "g": "own",
                                                                                                  "h": None}),
        ("the name again", "// Gets the port.\nint port();", {"port": None}),
        ("private", "class A {\n  int f();\n public:\n  int g();\n private:\n  int h();\n};", {"g": None}),
        ("nested in private", "class A {\n  struct B { int f(); };\n};", {}),
        ("no functions", "struct A {\n  int x = f(1);\n  std::function<void(int)> g;\n  T t{1, f(2)};\n  enum class E "
                         "{ a, b };\n  using F = int (*)(int);\n};", {}),
        ("say enough", "struct A {\n  A() = default;\n  ~A();\n  A(const A&) = delete;\n  bool operator==(const A&) "
                       "const;\n};", {}),
        ("bodies", "struct A {\n  explicit A(int x) : x_(x), y_{2} {}\n  int f() const { return g(x_); }  // of x\n  int "
                   "x_;\n};", {"A": None, "f": "own"}),
        ("what trails the line before", "int f();  // words\n          // more words\nint g();", {"f": "own", "g": None}),
        ("templates", "template <typename T>\nT f(const std::vector<T>& t = {});", {"f": None}),
    ]
    failed = 0
    for name, text, expected in cases:
        found = {item.name: how for item, how in Parser(text + "\n").results()}
        if found != expected:
            print(f"{name}: expected {expected}, found {found}")
            failed = 1
    print(f"{len(cases)} examples")
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", nargs="?", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--list", action="store_true", help="also name what only the comment of its run covers")
    parser.add_argument("--least", type=float, default=90, help="percent that must be documented")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    return self_test() if options.self_test else check(options.root, options.least, options.list)


if __name__ == "__main__":
    sys.exit(main())
