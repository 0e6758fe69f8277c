"""`make setup`: a virtual environment, pinned packages, system libraries; standard library alone.

Run by path with whatever Python the machine has: `python3 config/stack/setup.py [--tests] [--check]`.
A stamp in the virtual environment makes the second run instant; the libraries are looked at every time.
"""

from __future__ import annotations  # an older Python must get as far as the sentence about its age

import argparse
import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import venv
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
VENV = PROJECT / ".venv"
STAMP = VENV / "setup.stamp"
OLDEST = (3, 11)
# What WeasyPrint loads at run time, and the packages that bring it.
LIBRARIES = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz.so.0", "libfontconfig.so.1")
MAC_LIBRARIES = ("libpango-1.0.dylib", "libpangoft2-1.0.dylib")
PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "fonts-liberation")
# The one that draws no windows of its own takes little more than half the time.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)


class SetupError(Exception):
    """One sentence that says what to type."""


def main() -> int:
    """Set the machine up; 1 and one sentence when it cannot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", action="store_true", help="cài cả trình duyệt để chạy kiểm thử")
    parser.add_argument("--check", action="store_true", help="chỉ kiểm tra, không cài gì")
    chosen = parser.parse_args()
    try:
        _check_python()
        if not chosen.check:
            _install_packages()
        _ensure_libraries(may_install=not chosen.check)
        if chosen.tests:
            _ensure_browser(may_install=not chosen.check)
            _ensure_gettext(may_install=not chosen.check)
    except SetupError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _say(text: str) -> None:
    print(f"▸ {text}", flush=True)


def _check_python() -> None:
    if sys.version_info[:2] < OLDEST:
        raise SetupError(
            f"Cần Python 3.11 trở lên, máy đang dùng {platform.python_version()}: "
            f"hãy cài bản mới rồi chạy lại với make PYTHON=python3.12 setup."
        )


def _install_packages() -> None:
    """Make the virtual environment and install the pinned packages, unless that has been done."""
    digest = hashlib.sha256()
    for name in ("requirements.txt", "requirements-dev.txt"):
        digest.update((PROJECT / name).read_bytes())
    python = VENV / "bin" / "python"
    done, wanted = STAMP.read_text() if STAMP.exists() else "", f"{PROJECT}\n{digest.hexdigest()}\n"
    if done == wanted and python.exists():
        return
    # The programs inside name their folder: an environment moved along with the project is made anew.
    has_moved = bool(done) and done.splitlines()[0] != str(PROJECT)
    if not python.exists() or has_moved:
        _say("Tạo môi trường Python trong .venv …")
        try:
            venv.create(VENV, with_pip=True, clear=True)
        except (subprocess.CalledProcessError, ImportError):
            shutil.rmtree(VENV, ignore_errors=True)
            raise SetupError(
                "Python trên máy thiếu mô-đun venv: hãy chạy sudo apt-get install -y python3-venv "
                "rồi chạy lại make setup."
            ) from None
    _say("Cài các gói Python theo đúng phiên bản đã ghim (lần đầu mất vài phút) …")
    command: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--progress-bar=off", "-r", PROJECT / "requirements-dev.txt"]
    if subprocess.run(command, check=False).returncode != 0:
        raise SetupError("Không cài được các gói Python: hãy kiểm tra kết nối mạng rồi chạy lại make setup.")
    STAMP.write_text(wanted)


def missing_libraries() -> list[str]:
    """The system libraries that cannot be loaded here."""
    missing = []
    for name in MAC_LIBRARIES if platform.system() == "Darwin" else LIBRARIES:
        try:
            ctypes.CDLL(name)
        except OSError:
            homes = ("/opt/homebrew/lib", "/usr/local/lib")
            if platform.system() != "Darwin" or not any((Path(home) / name).exists() for home in homes):
                missing.append(name)
    return missing


def _ensure_libraries(*, may_install: bool) -> None:
    if not missing_libraries():
        return
    if platform.system() == "Darwin":
        raise SetupError("Thiếu thư viện tạo tệp PDF: hãy chạy brew install pango rồi chạy lại make setup.")
    if may_install:
        _apt_install(*PACKAGES)
    if missing := missing_libraries():
        raise SetupError(
            f"Thiếu thư viện tạo tệp PDF ({', '.join(missing)}): "
            f"hãy chạy sudo apt-get install -y {' '.join(PACKAGES)} rồi chạy lại make setup."
        )


def browser() -> str | None:
    """A Chromium for the browser tests: CHROMIUM, the system's, or None."""
    named = os.environ.get("CHROMIUM")
    found = [named] if named else [path for name in BROWSERS if (path := shutil.which(name))]
    return found[0] if found else None


def _ensure_browser(*, may_install: bool) -> None:
    """Debian's own Chromium first; elsewhere the one Playwright brings."""
    if browser() or _has_own_browser():
        return
    if may_install and _distribution() == "debian":
        _apt_install("chromium-headless-shell")
        if not browser():  # an older Debian
            _apt_install("chromium")
    elif may_install:
        _say("Tải Chromium cho kiểm thử trình duyệt …")
        extra = ["--with-deps"] if _elevation() is not None and shutil.which("apt-get") else []
        subprocess.run([VENV / "bin" / "playwright", "install", *extra, "chromium"], check=False)
    if not browser() and not _has_own_browser():
        raise SetupError(
            "Thiếu Chromium để chạy kiểm thử trình duyệt: hãy chạy sudo apt-get install -y chromium, "
            "hoặc đặt CHROMIUM tới trình duyệt có sẵn, rồi chạy lại."
        )


def _ensure_gettext(*, may_install: bool) -> None:
    """The tests read every text of the citizen pages anew, to see that none lacks its English."""
    if may_install and not shutil.which("xgettext"):
        _apt_install("gettext")
    if not shutil.which("xgettext"):
        raise SetupError(
            "Thiếu gettext để kiểm thử bản tiếng Anh: hãy chạy sudo apt-get install -y gettext "
            "(macOS: brew install gettext) rồi chạy lại."
        )


def _has_own_browser() -> bool:
    home = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    if platform.system() == "Darwin" and "PLAYWRIGHT_BROWSERS_PATH" not in os.environ:
        home = Path.home() / "Library" / "Caches" / "ms-playwright"
    return any(home.glob("chromium*"))


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("ID", "")
    except OSError:
        return ""


def _elevation() -> list[str] | None:
    """What to put before a command to run it as root: nothing, sudo, or None when it may not be done."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None


def _apt_install(*packages: str) -> None:
    """Install Debian packages when this account may; otherwise the caller says what to type."""
    elevation = _elevation()
    if elevation is None or shutil.which("apt-get") is None:
        return
    _say(f"Cài thư viện hệ thống: {' '.join(packages)} …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["install", "-y", "-q", "--no-install-recommends", *packages]
    for arguments in (["update", "-q"], install):
        command = [*elevation, "apt-get", *arguments]
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    sys.exit(main())
