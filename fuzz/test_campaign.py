#!/usr/bin/env python3
"""Sees that a campaign makes of its findings what it promises: each law once, small and readable.

usage: fuzz/test_campaign.py BUILD
"""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
FINDINGS = {
    "faulty-law-an-at-sign-has-another-behind-it": ("an at sign has another behind it", b"@", "| @"),
    "faulty-law-no-percent-sign": ("no percent sign", b"%", "| %"),
}


def main():
    program = os.path.join(sys.argv[1], "fuzz", "faulty")
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "fuzz"))
        shutil.copy(program, os.path.join(folder, "fuzz", "fuzz_faulty"))
        run = subprocess.run([sys.executable, os.path.join(HERE, "campaign.py"), folder,
                              "--seconds", "40", "faulty"], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
        found = os.path.join(folder, "findings")
        names = sorted(os.listdir(found))
        assert run.returncode == 1, run.stdout
        assert names == sorted(FINDINGS), names
        for name, (law, octets, shown) in FINDINGS.items():
            with open(os.path.join(found, name), "rb") as file:
                assert file.read() == octets, name
            assert f"FINDING faulty: law: {law} (" in run.stdout, run.stdout
            assert shown in run.stdout, run.stdout
    print(f"{len(FINDINGS)} broken laws, each found once, made small and shown")


if __name__ == "__main__":
    main()
