#!/usr/bin/env python3
"""Runs a server of OAuth 1.0a made of Debian's oauthlib on loopback, and links an account at it with our client.

    judge.py PROGRAM [SEED]

The judge is the server and the person in the browser. oauthlib checks signatures, time stamps, nonces and what
belongs to whom (RFC 5849 §3.2); what it refuses here is asked wrongly on purpose, so that it is seen to check. The
same seed makes the same requests. Exit code 77: there is no oauthlib.
"""
import http.server
import json
import random
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

try:
    from oauthlib import oauth1
except ImportError:
    print("skipped: there is no oauthlib (Debian: python3-oauthlib)", file=sys.stderr)
    sys.exit(77)

KEY, SECRET = "pigeonconsumerkey0000001", "s:e%c+r e/t&="
CALLBACK = "https://box.example/oauth/callback?a=1&b=%2B"
ODD = list("%+~ &=!*'()\"/?:;@$,[]<>#\\^`{|}-._") + ["é", "ß", "中", "🕊", "\u0301", "\n", "%41", "%zz"]


class Book(oauth1.RequestValidator):
    """What the server remembers; everything else is as oauthlib does it unasked, choosy characters and lengths too."""

    enforce_ssl = False
    dummy_client = "d" * 24
    dummy_request_token = dummy_access_token = "d" * 30

    def __init__(self):
        super().__init__()
        self.seen, self.asked, self.granted, self.lock = set(), {}, {}, threading.Lock()

    # Who asks, when, and whether for the first time.
    def validate_timestamp_and_nonce(self, client_key, timestamp, nonce, request, request_token=None,
                                     access_token=None):
        with self.lock:
            fresh = (timestamp, nonce) not in self.seen
            self.seen.add((timestamp, nonce))
            return fresh

    def validate_client_key(self, client_key, request):
        return client_key == KEY

    def get_client_secret(self, client_key, request):
        return SECRET if client_key == KEY else "dummy"

    # Temporary credentials.
    def validate_redirect_uri(self, client_key, redirect_uri, request):
        return redirect_uri in ("oob", CALLBACK)

    def save_request_token(self, token, request):
        self.asked[token["oauth_token"]] = {"secret": token["oauth_token_secret"], "callback": request.redirect_uri}

    def get_redirect_uri(self, token, request):
        return self.asked[token]["callback"]

    def verify_request_token(self, token, request):
        return token in self.asked

    def save_verifier(self, token, verifier, request):
        self.asked[token]["verifier"] = verifier["oauth_verifier"]

    def validate_request_token(self, client_key, token, request):
        return token in self.asked

    def get_request_token_secret(self, client_key, token, request):
        return self.asked[token]["secret"] if token in self.asked else "dummy"

    def validate_verifier(self, client_key, token, verifier, request):
        return self.asked.get(token, {}).get("verifier") == verifier

    def invalidate_request_token(self, client_key, request_token, request):
        del self.asked[request_token]

    # Tokens.
    def save_access_token(self, token, request):
        self.granted[token["oauth_token"]] = token["oauth_token_secret"]

    def validate_access_token(self, client_key, token, request):
        return token in self.granted

    def get_access_token_secret(self, client_key, token, request):
        return self.granted.get(token, "dummy")

    # There are no realms here.
    def get_default_realms(self, client_key, request):
        return []

    def get_realms(self, token, request):
        return []

    def validate_requested_realms(self, client_key, realms, request):
        return True

    def validate_realms(self, client_key, token, request, uri=None, realms=None):
        return True


class Server(http.server.ThreadingHTTPServer):
    """oauthlib behind a socket; `last` is the last request as it came: address, method, body, headers."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Visit)
        self.base = f"http://127.0.0.1:{self.server_address[1]}"
        self.book = Book()
        self.oauth = oauth1.WebApplicationServer(self.book)
        self.last = None


class Visit(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one segment

    def answer(self):
        oauth = self.server.oauth
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        asked = (self.server.base + self.path, self.command, body, dict(self.headers))
        self.server.last = asked
        if self.path == "/oauth/request_token":
            _, text, status = oauth.create_request_token_response(*asked)
        elif self.path == "/oauth/access_token":
            person = {"user_id": "42", "screen_name": "ada"}
            _, text, status = oauth.create_access_token_response(*asked, credentials=person)
        else:
            valid, request = oauth.validate_protected_resource_request(*asked)
            text, status = ("", 401) if not valid else (json.dumps(request.oauth_params["oauth_token"]), 200)
        text = (text or "").encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


class Client:
    """Our program."""

    def __init__(self, program, server, secret=SECRET):
        self.child = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.tell({"base": server.base, "consumer_key": KEY, "consumer_secret": secret})

    def tell(self, line):
        self.child.stdin.write(json.dumps(line) + "\n")
        self.child.stdin.flush()

    def ask(self, what, **more):
        self.tell({"do": what, "now": int(time.time())} | more)
        return json.loads(self.child.stdout.readline())

    def end(self):
        self.child.stdin.close()
        assert self.child.wait() == 0, "our program failed"


class Tally:
    count = 0

    def same(self, name, actual, expected):
        assert actual == expected, f"{name}: {actual!r} instead of {expected!r}"
        self.count += 1


def agree(server, client, token):
    """The person says yes; where the browser is sent then, or the PIN that it shows."""
    url = client.ask("authorize", token=token["token"])["url"]
    headers, text, _ = server.oauth.create_authorization_response(url)
    where = urllib.parse.urlsplit(headers.get("Location", "?" + (text or ""))).query
    return headers.get("Location"), dict(urllib.parse.parse_qsl(where))


def link(server, client, tally, callback):
    token = client.ask("request_token", callback=callback)
    tally.same("a request token", token.get("failure"), None)
    place, answer = agree(server, client, token)
    if callback != "oob":
        tally.same("the callback", place.startswith(callback), True)
        tally.same("its token", answer["oauth_token"], token["token"])
    grant = client.ask("access_token", verifier=answer["oauth_verifier"], **token)
    tally.same("an access token", (grant.get("failure"), grant.get("user_id"), grant.get("username")),
               (None, "42", "ada"))
    again = client.ask("access_token", verifier=answer["oauth_verifier"], **token)
    tally.same("a verifier twice", again.get("failure"), "token_dead")
    return {"token": grant["token"], "token_secret": grant["token_secret"]}


def requests(server, seed):
    """Addresses and forms of odd characters, names twice and more."""
    choose = random.Random(seed)

    def word(least, most):
        letters = [choose.choice(ODD if choose.random() < 0.4 else "abcXYZ019") for _ in range(choose.randint(least, most))]
        return "".join(letters)

    def pairs():
        names = [word(1, 6) for _ in range(3)]
        return [(choose.choice(names), word(0, 12)) for _ in range(choose.randint(0, 5))]

    for number in range(300):
        path = choose.choice(["/", "/2/tweets", "/a/b~c", "/x%20y"])
        query = urllib.parse.urlencode(pairs(), quote_via=choose.choice([urllib.parse.quote, urllib.parse.quote_plus]))
        method = choose.choice(["GET", "POST", "PUT", "DELETE"])
        form = pairs() if method in ("POST", "PUT") else []
        yield number, {"method": method, "url": server.base + path + ("?" + query if query else ""), "form": form}


def raw(came, more=""):
    """Sends a request again as it came, with `more` in its form."""
    url, method, body, headers = came
    headers = {name: value for name, value in headers.items() if name.lower() != "content-length"}
    try:
        return urllib.request.urlopen(urllib.request.Request(url, (body + more).encode(), headers, method=method)).status
    except urllib.error.HTTPError as error:
        return error.code


def wrong_ways(server, program, client, account, tally):
    """What a server has to refuse, so that its yes means something."""
    post = {"method": "POST", "url": server.base + "/2/tweets?a=b", "form": [("c", "d")], **account}
    once = "n" * 24
    tally.same("a nonce", client.ask("send", nonce=once, **post)["status"], 200)
    tally.same("a used nonce", client.ask("send", nonce=once, **post)["status"], 401)
    old = int(time.time()) - 3600
    tally.same("an old time stamp", client.ask("send", **post | {"now": old})["status"], 401)
    tally.same("a wrong token secret", client.ask("send", **post | {"token_secret": "wrong"})["status"], 401)
    tally.same("nobody's token", client.ask("send", **post | {"token": "x" * 30})["status"], 401)

    client.ask("send", **post)
    came = server.last
    server.book.seen.clear()
    tally.same("another form than was signed", raw(came, "&e=f"), 401)
    server.book.seen.clear()
    tally.same("the form that was signed", raw(came), 200)
    tally.same("… and the same request once more", raw(came), 401)

    impostor = Client(program, server, "wrong")
    tally.same("a wrong consumer secret", impostor.ask("request_token", callback="oob").get("failure"),
               "client_rejected")
    tally.same("… in a request", impostor.ask("send", **post)["status"], 401)
    impostor.end()
    tally.same("an old time stamp for a request token",
               client.ask("request_token", callback="oob", now=old).get("failure"), "client_rejected")
    tally.same("another callback", client.ask("request_token", callback="https://evil.example/").get("failure"),
               "client_rejected")
    token = client.ask("request_token", callback="oob")
    agree(server, client, token)
    tally.same("a wrong verifier", client.ask("access_token", verifier="v" * 30, **token).get("failure"), "token_dead")


def main():
    program, seed = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "1"
    server, tally = Server(), Tally()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = Client(program, server)
    account = link(server, client, tally, "oob")
    link(server, client, tally, CALLBACK)
    for number, request in requests(server, seed):
        answer = client.ask("send", **request, **account)
        tally.same(f"request {number} of seed {seed}, {request}", answer.get("status"), 200)
        tally.same("who it was", json.loads(answer["body"]), account["token"])
    wrong_ways(server, program, client, account, tally)
    client.end()
    server.shutdown()
    print(f"{tally.count} checks passed")


main()
