# Builds trees of this project as they are released, and revisions of it in worktrees of their own below build/compare. It must
# not know what is measured of them.
import pathlib
import re
import shutil
import subprocess
import sys
import time

root = pathlib.Path(__file__).resolve().parents[1]


class Failed(Exception):
    """A command that was run, and what it said."""


def run(command, where=root):
    """Its output; nothing of it is shown unless it fails."""
    done = subprocess.run([str(word) for word in command], cwd=where, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


def commit_of(revision):
    """The whole name of a revision. Raises Failed where there is none."""
    try:
        return run(["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]).strip()
    except Failed:
        raise Failed(f"there is no revision \"{revision}\" here: git rev-parse does not know it") from None


def worktree_of(commit):
    """The folder in which the commit's files are."""
    place = root / "build" / "compare" / commit[:12]
    # One that was interrupted while it was made is made anew.
    if (place / ".git").exists():
        state = subprocess.run(["git", "status", "--porcelain", "--untracked-files=no"], cwd=place, capture_output=True, text=True,
                               check=False)
        if state.returncode == 0 and not state.stdout:
            return place
    shutil.rmtree(place, ignore_errors=True)
    # Also where git remembers one that was removed with build/.
    run(["git", "worktree", "add", "--force", "--detach", place, commit])
    return place


def build(name, tree, targets):
    """Builds the targets of a tree as they are released, and tells how far it is. The folder of the programs."""
    print(f"{name}: configuring {tree}", file=sys.stderr, flush=True)
    run(["cmake", "--preset", "release"], tree)
    command = ["cmake", "--build", "build/release", "--target", *targets]
    said, last, moving = [], time.monotonic(), sys.stderr.isatty()
    with subprocess.Popen(command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout:
            said.append(line)
            step = re.match(r"\[(\d+)/(\d+)\]", line)
            if step and moving:
                print(f"\r\033[K{name}: building {tree.name}: {step[1]} of {step[2]}"[:100], end="", file=sys.stderr, flush=True)
            elif step and time.monotonic() - last >= 10:
                last = time.monotonic()
                print(f"{name}: building {tree}: {step[1]} of {step[2]}", file=sys.stderr, flush=True)
    if moving:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    if process.returncode != 0:
        raise Failed(f"{' '.join(command)} in {tree} ended with {process.returncode}:\n{''.join(said)[-4000:]}")
    return pathlib.Path(tree) / "build/release/bin"
