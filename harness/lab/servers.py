"""What the lab knows of each server: the folders beside this file, their ports and addresses.

A folder with a server.ini is a server:
    [server]
    title    = the name for people
    number   = its place among the ports: the lab's base + 100 * number
    packages = the Debian packages of its layer     (or: layer = the server whose layer it shares)
    npm      = what npm installs into the layer
    roles    = the ports it offers, of ROLES
    suite    = the roles that the suites are played at (mx)
    delivers = no, where mail does not end in Maildirs
    set      = the command that takes each --set NAME=VALUE
    bearer   = the token of OAuth that it takes for its user
    [files]
    template = destination [owner:group mode]
Beside it: `start` (runs the server in the foreground), `install` (runs once, in the layer), and for each role of
`suite` what is known to deviate there: `baseline` for the first, `baseline.ROLE` for the others.
"""
import configparser
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(TOP, "build", "lab")
LAYERS = os.path.join(BUILD, "layers")
CA = os.path.join(BUILD, "ca")

DEFAULT_BASE = 20000
DOMAIN = "example.test"
USERS = ("phil", "bob")
PASSWORD = "secret"
REMOTE = "someone@elsewhere.example"  # RFC 2606: nobody's
NODE = 20  # the least version that today's npm servers run on

# role: offset from the server's first port, scheme. `relay` is for the server's own use; `proxied` awaits a header
# of the PROXY protocol, and has XCLIENT.
ROLES = {
    "mx": (25, "smtp"),
    "submission": (87, "smtp"),
    "smtps": (65, "smtps"),
    "lmtp": (24, "lmtp"),
    "pop3": (10, "pop3"),
    "imap": (43, "imap"),
    "relay": (26, None),
    "proxied": (27, None),
}


class LabError(Exception):
    """What went wrong, for people; the command ends with 1."""


class Server:
    """A server of a lab: its folder, and where it is reached in the lab with that port base."""

    def __init__(self, name, base=DEFAULT_BASE):
        self.name, self.base = name, base
        self.folder = os.path.join(HERE, name)
        ini = configparser.ConfigParser(delimiters=("=",), interpolation=None)
        ini.optionxform = str
        ini.read(os.path.join(self.folder, "server.ini"))
        if "server" not in ini:
            raise LabError("no such server: %s (there are: %s)" % (name, " ".join(names())))
        about = ini["server"]
        self.title = about["title"]
        self.number = int(about["number"])
        self.packages = about.get("packages", "").split()
        self.npm = about.get("npm", "").split()
        self.layer_name = about.get("layer", name)
        self.roles = about["roles"].split()
        self.suite = about.get("suite", "mx").split()
        self.delivers = about.getboolean("delivers", True)
        self.set = about.get("set", "").split()
        self.bearer = about.get("bearer")
        self.files = {k: v.split() for k, v in ini["files"].items()} if "files" in ini else {}

    @property
    def layer(self):
        return os.path.join(LAYERS, self.layer_name + ".tar")

    @property
    def state(self):
        return os.path.join(BUILD, "state", str(self.base), self.name)

    def port(self, role):
        if role not in self.roles:
            raise LabError("%s has no port for %s (it has: %s)" % (self.name, role, " ".join(self.roles)))
        return self.base + 100 * self.number + ROLES[role][0]

    def public_roles(self):
        return [role for role in self.roles if ROLES[role][1]]

    def url(self, role):
        return "%s://127.0.0.1:%d" % (ROLES[role][1], self.port(role))

    def label(self, role):
        """Its name in a report; with the role where that is not the first of its suite."""
        return self.name if role == self.suite[0] else "%s-%s" % (self.name, role)

    def baseline(self, role):
        return os.path.join(self.folder, "baseline" if role == self.suite[0] else "baseline." + role)

    def maildir(self, user):
        return os.path.join(self.state, "home", user, "Maildir")

    def placeholders(self):
        """@role@ in a template: every port, the name, and the domain."""
        words = {role: str(self.port(role)) for role in self.roles}
        words.update(name=self.name, domain=DOMAIN, password=PASSWORD)
        return words

    def obstacle(self):
        """Why this server cannot be installed here; None if it can."""
        if not self.npm:
            return None
        try:
            version = subprocess.run(["node", "--version"], capture_output=True, check=True, text=True).stdout
            subprocess.run(["npm", "--version"], capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return "%s needs Node.js %d or newer with npm, and there is none" % (self.name, NODE)
        if int(version.lstrip("v").split(".")[0]) < NODE:
            return "%s needs Node.js %d or newer; here is %s" % (self.name, NODE, version.strip())
        return None

    def version(self):
        try:
            with open(os.path.join(LAYERS, self.layer_name + ".version"), encoding="ascii") as file:
                return file.read().strip()
        except OSError:
            return None

    def describe(self, running):
        """What `servers --json` says of it."""
        about = {
            "name": self.name, "title": self.title, "version": self.version(), "up": running,
            "urls": {role: self.url(role) for role in self.public_roles()},
            "suite": self.suite[0],
            "ca": os.path.join(CA, "ca.crt"),
            "user": "phil", "pass": PASSWORD,
            "rcpt": "bob@" + DOMAIN, "rcpt2": "phil@" + DOMAIN, "norcpt": "nobody-here@" + DOMAIN, "remote": REMOTE,
            "maildir": self.maildir("bob"), "maildirs": {user: self.maildir(user) for user in USERS},
            "mailbox": {"user": "bob@" + self.name, "pass": PASSWORD},
            "log": os.path.join(self.state, "log"), "baseline": self.baseline(self.suite[0]),
        }
        return about


def names():
    """Every server's name, in the order of their numbers."""
    found = [entry for entry in os.listdir(HERE) if os.path.exists(os.path.join(HERE, entry, "server.ini"))]
    numbers = {name: Server(name).number for name in found}
    if len(set(numbers.values())) != len(numbers):
        raise LabError("two servers have the same number: %s" % numbers)
    return sorted(found, key=numbers.get)


def choose(words, base=DEFAULT_BASE):
    """The servers that the words name; `all` is all."""
    if not words:
        raise LabError("which server? %s, or all" % " ".join(names()))
    if "all" in words:
        words = names()
    return [Server(name, base) for name in dict.fromkeys(words)]
