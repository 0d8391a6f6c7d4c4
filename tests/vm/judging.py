# SPDX-License-Identifier: GPL-2.0-only
"""What the judges share of what a guest left: its files, a line for each test as tests/run.sh reads them, the exit status.

A judge calls open_directory() first and ends with sys.exit(judging.failed).
"""
import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
REPORT = os.environ.get("REPORT", "./pwru-report")
directory = ""
failed = False


def load(name):
    """The module in a file beside this one, whose name may have a hyphen."""
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"), os.path.join(HERE, name + ".py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module
    spec.loader.exec_module(module)
    return module


def open_directory(name):
    """What path(), text() and lines() look in from now on."""
    global directory
    directory = name


def path(name):
    return os.path.join(directory, name)


def text(name):
    with open(path(name), encoding="utf-8", errors="replace") as f:
        return f.read()


def lines(name):
    return text(name).splitlines()


def verdict(name, problem):
    global failed
    failed |= bool(problem)
    print(f"not ok {name}: {str(problem)[:1500]}" if problem else f"ok {name}")


def attempt(judge, *arguments, name=None):
    """A judge that stumbles is a test that failed, not the end of the others."""
    try:
        return judge(*arguments)
    except Exception as e:  # pylint: disable=broad-except
        verdict(name or judge.__name__, f"{type(e).__name__}: {e}")
        return None


def tell_times():
    print("# " + text("times").strip().replace("\n", "; "))
