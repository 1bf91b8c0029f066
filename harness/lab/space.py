"""What happens inside a server's name spaces: its layer over /usr, /etc and /var, its files, its process.

Debian's mail servers conflict as packages and have their paths compiled in. So each has a layer: what
installing it changed below /usr, /etc and /var, kept as a tar archive. A server runs in mount, process,
IPC and host name spaces of its own, on the host's network; there the layer is unpacked into a tmpfs and
overlaid on the host's folders. The host sees none of it, and with the last process all of it is gone.
Because the upper layers are always on that tmpfs, the checkout may lie on any file system.

Everything here runs as process 1 of such a space:
    space.py probe                 can this be done here?
    space.py install JSON          installs packages, and writes what they changed to a tar archive
    space.py serve JSON            starts a server, and ends when it ends
Standard input is the lifeline: whoever holds its other end keeps the space alive. `k` keeps it without.
"""
import ctypes
import json
import os
import shutil
import socket
import subprocess
import sys
import threading

OVERLAID = ("usr", "etc", "var")
ROOT = "/run/lab"
MS_RDONLY, MS_REMOUNT, MS_BIND = 1, 32, 4096

libc = ctypes.CDLL(None, use_errno=True)


def mount(source, target, kind, flags=0, options=""):
    if libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode()) != 0:
        error = ctypes.get_errno()
        raise OSError(error, "cannot mount %s on %s: %s" % (kind or source, target, os.strerror(error)))


def bind(fd, target, read_only=False):
    """Shows the open folder at target, wherever it lies and whatever hides it by now."""
    os.makedirs(target, exist_ok=True)
    mount("/proc/self/fd/%d" % fd, target, "", MS_BIND)
    if read_only:
        mount("none", target, "", MS_BIND | MS_REMOUNT | MS_RDONLY)
    os.close(fd)


def put(path, text, mode=0o644):
    """Writes a file in the place of whatever stands there, links and bind mounts too."""
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def overlay(layer_fd=None):
    """A tmpfs on /run, with the layer unpacked into it, and that over /usr, /etc and /var."""
    mount("lab", "/run", "tmpfs", 0, "mode=755")
    for name in OVERLAID:
        os.makedirs(ROOT + "/upper/" + name)
        os.makedirs(ROOT + "/work/" + name)
    os.makedirs("/run/lock", 0o1777)
    if layer_fd is not None:
        subprocess.run(["tar", "-x", "-p", "--numeric-owner", "--xattrs", "--xattrs-include=*",
                        "-C", ROOT + "/upper"], stdin=layer_fd, check=True)
        os.close(layer_fd)
    for name in OVERLAID:
        mount("lab", "/" + name, "overlay", 0, "lowerdir=/%s,upperdir=%s/upper/%s,workdir=%s/work/%s,index=off,metacopy=off"
              % (name, ROOT, name, ROOT, name))


def watch_lifeline():
    """Ends process 1, and so the whole space, when the other end of standard input goes away."""
    def watch():
        if os.read(0, 1) != b"k":
            os._exit(3)
    threading.Thread(target=watch, daemon=True).start()


def wait_for(process):
    """Reaps all, until that process ends: its exit code."""
    while True:
        pid, status = os.wait()
        if pid == process.pid:
            return os.waitstatus_to_exitcode(status)


# ---- install --------------------------------------------------------------------------------------

NO_DOCUMENTS = """path-exclude=/usr/share/man/*
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
"""
APT = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "-o", "Dpkg::Use-Pty=0", "-o", "Dir::Cache::pkgcache=",
       "-o", "Dir::Cache::srcpkgcache="]


def run(*command):
    print("+", " ".join(command), flush=True)
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode


def apt_install(packages):
    install = APT + ["install", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold"] + packages
    if run(*install) == 0:
        return True
    return run(*APT, "update") == 0 and run(*install) == 0 and run("rm", "-rf", "/var/lib/apt/lists") == 0


def version_of(spec):
    """The version of the first package; npm's is in the name of what was asked for."""
    if spec["npm"]:
        return spec["npm"][0].rpartition("@")[2]
    show = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", spec["packages"][0]], capture_output=True,
                          text=True, check=True)
    return show.stdout


def install(spec):
    resolver = {}
    for path in ("/etc/resolv.conf", "/etc/hosts"):  # they may lead to what is hidden in a moment
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                resolver[path] = file.read()
    folder = os.open(spec["folder"], os.O_RDONLY)
    archive = os.open(spec["archive"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    overlay()
    bind(folder, ROOT + "/conf", read_only=True)
    for path, text in resolver.items():
        put(path, text)
    put("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)  # start no service
    os.makedirs("/etc/dpkg/dpkg.cfg.d", exist_ok=True)
    put("/etc/dpkg/dpkg.cfg.d/lab", NO_DOCUMENTS)
    os.environ.update(DEBIAN_FRONTEND="noninteractive", npm_config_cache=ROOT + "/npm", HOME=ROOT,
                      npm_config_update_notifier="false")
    if spec["packages"] and not apt_install(spec["packages"]):
        return 1
    if spec["npm"]:
        os.makedirs("/usr/local/lib/lab")
        if run("npm", "install", "--prefix", "/usr/local/lib/lab", "--no-audit", "--no-fund", "--ignore-scripts",
               "--omit=optional", *spec["npm"]) != 0:
            return 1
    if os.path.exists(ROOT + "/conf/install") and run("sh", "-eu", ROOT + "/conf/install") != 0:
        return 1
    run(*APT, "clean")
    os.write(spec["version_fd"], version_of(spec).encode())
    return subprocess.run(["tar", "-c", "--numeric-owner", "--xattrs", "--xattrs-include=trusted.overlay.opaque",
                           "--xattrs-include=security.capability", "-C", ROOT + "/upper", *OVERLAID],
                          stdout=archive, check=False).returncode


# ---- serve ----------------------------------------------------------------------------------------

def render(text, words, tuned):
    """Puts ports and names in; lines that begin with `@tuned ` stay (without that) where tuned."""
    for word, value in words.items():
        text = text.replace("@%s@" % word, value)
    lines = []
    for line in text.splitlines():
        if line.startswith("@tuned "):
            if not tuned:
                continue
            line = line[len("@tuned "):]
        lines.append(line + "\n")
    return "".join(lines)


def write_files(spec):
    for template, (path, *access) in spec["files"].items():
        with open(os.path.join(ROOT, "conf", template), encoding="utf-8") as file:
            text = render(file.read(), spec["words"], spec["tuned"])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        put(path, text)
        if access:
            shutil.chown(path, *access[0].split(":"))
            os.chmod(path, int(access[1], 8))


def name_host(spec):
    """A full host name that the hosts file knows, and a name server that refuses at once."""
    name, full = spec["name"], "%s.%s" % (spec["name"], spec["words"]["domain"])
    socket.sethostname(full)
    put("/etc/hosts", "127.0.0.1 %s %s localhost\n" % (full, name))
    put("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    put("/etc/mailname", full + "\n")


def add_users(spec):
    for user, uid in spec["users"].items():
        home = "%s/home/%s" % (ROOT, user)
        with open("/etc/passwd", "a", encoding="ascii") as file:
            file.write("%s:x:%d:%d::%s:/bin/sh\n" % (user, uid, uid, home))
        with open("/etc/group", "a", encoding="ascii") as file:
            file.write("%s:x:%d:\n" % (user, uid))
        for part in ("", "/Maildir", "/Maildir/tmp", "/Maildir/new", "/Maildir/cur"):
            os.makedirs(home + part, exist_ok=True)
            os.chown(home + part, uid, uid)


def serve(spec):
    def folder(path):
        return os.open(path, os.O_RDONLY)
    seen = {"conf": folder(spec["folder"]), "home": folder(spec["state"] + "/home"), "log": folder(spec["state"] + "/log"),
            "all": folder(os.path.dirname(spec["state"]))}
    ca = folder(spec["ca"])
    os.umask(0o022)
    overlay(os.open(spec["layer"], os.O_RDONLY))
    for name, fd in seen.items():
        bind(fd, "%s/%s" % (ROOT, name), read_only=name == "conf")
    bind(ca, ROOT + "/ca", read_only=True)
    shutil.copytree(ROOT + "/ca", ROOT + "/tls")
    libc.umount((ROOT + "/ca").encode())
    os.chdir("/")
    name_host(spec)
    add_users(spec)
    write_files(spec)
    for setting in spec["sets"]:
        subprocess.run(spec["set"] + [setting], check=True)
    ports = {"LAB_" + role.upper(): port for role, port in spec["words"].items() if port.isdigit()}
    environment = dict(os.environ, HOME=ROOT, LAB_TUNED="1" if spec["tuned"] else "0", **ports)
    return wait_for(subprocess.Popen(["sh", "-eu", ROOT + "/conf/start"], stdin=subprocess.DEVNULL, env=environment))


def probe():
    overlay()
    put("/etc/lab-probe", "")
    return 0


def main():
    command, spec = sys.argv[1], json.loads(sys.argv[2]) if len(sys.argv) > 2 else None
    if command == "probe":
        return probe()
    watch_lifeline()
    return {"install": install, "serve": serve}[command](spec)


if __name__ == "__main__":
    try:
        code = main()
    except (OSError, subprocess.CalledProcessError) as error:
        print("lab: %s" % error, file=sys.stderr)
        code = 1
    sys.stdout.flush()
    os._exit(code & 255)  # not held up by the thread at the lifeline
