#!/usr/bin/env python3
"""harness/dev bench campaign: how many dialogues a second maildrill fuzz has with real servers of the lab, beside a minimal
C loop: once with a connection for each dialogue of four commands, once with connections that are kept over a hundred, which is
what the server can do at most. A campaign has both, and messages. What AFLNet and Nyx-Net published of Exim stands beside it;
theirs are other machines and servers that were built for them, so that says what class of tool this is, and no more.

usage: campaign.py MAILDRILL BENCH_LOOP [--minutes N] [SERVER...]"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lab"))

import lab  # noqa: E402
import servers  # noqa: E402

BASE = 30000  # the lab's ports: those of the tests and of `lab up` are others
GOALS = {"exim": 400, "smtpsink": 1500}
PUBLISHED = "Exim, published: AFLNet 4.8, Nyx-Net 313 executions a second"
TURNS = ["EHLO client.example\r\n", "MAIL FROM:<tester@example.test>\r\n", "RCPT TO:<bob@example.test>\r\n", "NOOP\r\n"]
LOOPS = 500
KEPT = 100
LOOP_SECONDS = 10  # Postfix waits a second before each reply to a client that has said much without a message


def loop(program, port, width, kept):
    began, count = time.perf_counter(), LOOPS * (10 if kept > 1 else 1)
    done = subprocess.run([program, str(port), str(count), str(width), str(kept), str(LOOP_SECONDS), *TURNS],
                          stdout=subprocess.PIPE, check=True)
    return int(done.stdout) / (time.perf_counter() - began)


def campaign(maildrill, url, minutes, jobs, out):
    done = subprocess.run([maildrill, "fuzz", "--server", url, "--rcpt", "bob@example.test", "--minutes", str(minutes),
                           "--jobs", str(jobs), "--out", out, "--quiet"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.stdout)
    with open(os.path.join(out, "campaign.json"), encoding="utf-8") as file:
        return json.load(file)


def measure(options, server):
    with lab.Lab([servers.Server(server, BASE)]) as running, tempfile.TemporaryDirectory() as folder:
        url = running.servers[0].url("mx")
        port = url.rsplit(":", 1)[1]
        for jobs in (1, os.cpu_count()):
            kept = loop(options.loop, port, jobs, KEPT)
            before = loop(options.loop, port, jobs, 1)
            record = campaign(options.maildrill, url, options.minutes, jobs, os.path.join(folder, str(jobs)))
            limit = max(before, loop(options.loop, port, jobs, 1))
            speed = record["dialogues"] / record["seconds"]
            goal = GOALS.get(server)
            met = "" if goal is None else f"  goal {goal}: {'met' if speed >= goal else 'MISSED'}"
            print(f"{server:<10} {jobs:>4} {limit:>12.0f} {kept:>10.0f} {speed:>12.0f} {speed / limit:>8.2f} "
                  f"{record['transition_count']:>12} {len(record['findings']):>9}{met}", flush=True)
            for finding in record["findings"]:
                print(f"{'':<10} {finding['severity']}: {finding['title']} ({finding['section']})", flush=True)


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("maildrill")
    parser.add_argument("loop")
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("servers", nargs="*", default=["exim", "postfix", "smtpsink"])
    options = parser.parse_intermixed_args()
    print(f"dialogues a second; a campaign of {options.minutes:g} minutes each\n")
    print(f"{'server':<10} {'jobs':>4} {'minimal loop':>12} {'kept':>10} {'campaign':>12} {'ratio':>8} {'transitions':>12} {'findings':>9}")
    for server in options.servers:
        measure(options, server)
    print(f"\n{PUBLISHED}")


main()
