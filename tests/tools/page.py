#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the vicc authors
"""The page that vicc show --html makes, in a real browser, headless Chromium:
read, searched and filtered as a person would, on a wide and on a narrow
screen, and without scripts. It may fetch nothing."""

import atexit
import functools
import json
import shutil
import signal
import sys
import tempfile

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import Select, WebDriverWait
from tap import equal, has, main, test

TRACE = """# card iso7816
# Seen on Tuesday <script>document.title = "evil"</script>

! power on
! atr 3B8980018031F873F781FF81053F
> 00A40804021003 00
< 6F1680020100820141830210038801188A01058C03031111 9000
> 002000010431323334
< 63C2
> 00B0000020
< 6982
! reset
> 00A4040006F07669636301
< 6A82
> 00A4000C023F00 # <img src=x onerror="document.title='evil'">
< 9000
> 00D60000301111111111111111111111111111111111111111111111111111111111111111\
22222222222222222222222222222222
< 9000
"""


class Browser:
    """One for all tests, since it starts slowly."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="vicc-test-")
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for word in ("--headless", "--no-sandbox", "--disable-gpu",
                     "--disable-dev-shm-usage",
                     "--disable-background-networking",
                     f"--user-data-dir={self.profile}"):
            options.add_argument(word)
        options.set_capability("goog:loggingPrefs",
                               {"performance": "ALL", "browser": "ALL"})
        self.driver = webdriver.Chrome(
            service=Service("/usr/bin/chromedriver"), options=options)

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def open(self, page, *, script=True, width=1280):
        """The page as if nobody had seen another one before."""
        self.driver.get("about:blank")
        self.driver.set_window_size(width, 900)
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled",
                                    {"value": not script})
        self.fetched()
        self.driver.get_log("browser")
        self.driver.get(f"file://{page}")

    def find(self, what):
        return self.driver.find_element(By.CSS_SELECTOR, what)

    def all(self, what):
        return self.driver.find_elements(By.CSS_SELECTOR, what)

    def shown(self):
        """Lines of the commands that can be seen."""
        return self.driver.execute_script(
            "return [...document.querySelectorAll('details')]"
            ".filter(d => d.checkVisibility()).map(d => +d.id.slice(1))")

    def wait_for(self, lines):
        WebDriverWait(self.driver, 10).until(
            lambda _: self.shown() == lines,
            f"shown: {self.shown()}, expected {lines}")

    def fetched(self):
        """Every address that was asked for."""
        messages = [json.loads(entry["message"])["message"]
                    for entry in self.driver.get_log("performance")]
        return [m["params"]["request"]["url"] for m in messages
                if m["method"] == "Network.requestWillBeSent"]


@functools.cache
def browser():
    made = Browser()
    atexit.register(made.close)
    return made


def with_page(function=None, **options):
    """A test that gets the page of TRACE in a browser."""
    if function is None:
        return functools.partial(with_page, **options)

    @functools.wraps(function)
    def run(place):
        page, b = place.path / "page.html", browser()
        equal(place.run("show", place.file("trace", TRACE), "--html",
                        page)[0], 0)
        b.open(page, **options)
        function(b)
        equal(b.fetched(), [f"file://{page}"])
        equal(b.driver.title, "trace")
        equal(b.driver.get_log("browser"), [])
    return test(run, deadline=120)


ALL = [6, 8, 10, 13, 15, 17]


@with_page
def a_person_reads(b):
    equal(b.shown(), ALL)
    equal([h.text for h in b.all("h2")], ["power on line 4", "reset line 12"])
    has(b.find(".note").text, "card iso7816")
    has(b.all(".note")[1].text, 'Seen on Tuesday <script>document.title')
    row = b.find("#L6")
    equal(row.find_element(By.TAG_NAME, "summary").text.split("\n"),
          ["6", "SELECT", "00A40804 1003", "9000"])
    body = row.find_element(By.TAG_NAME, "pre")
    assert not body.is_displayed()
    row.find_element(By.TAG_NAME, "summary").click()
    has(body.text, "6F file control information",
        "82 file descriptor: 41 = working EF, transparent")
    has(b.find("#L8").get_attribute("textContent"), "********")
    has(b.find("#L10 i").text, "6982 security status not satisfied")
    has(b.find("footer").text, "Commands: 6, power-ups and resets: 2.")


@with_page
def a_person_searches(b):
    text = b.find("#text")
    for words, lines in (("select", [6, 13, 15]), ("SELECT mf", [6, 15]),
                         ("short ef identifier", [6]), ("0020000104", []),
                         ("00200001", [8]), ("tries left", [8]),
                         ("11112222", [17]), ("\"[{<&", []),
                         ("onerror", [])):
        text.clear()
        text.send_keys(words)
        b.wait_for(lines)
        count = b.find("#count").text
        equal(count, f"{len(lines)} of 6 commands")
    text.send_keys(Keys.CONTROL, "a")
    text.send_keys(Keys.DELETE)
    b.wait_for(ALL)
    equal(b.find("#count").text, "6 commands")


@with_page
def a_person_filters(b):
    choice = Select(b.find("#command"))
    equal([o.text for o in choice.options],
          ["all", "READ BINARY (1)", "SELECT (3)", "UPDATE BINARY (1)",
           "VERIFY (1)"])
    choice.select_by_value("SELECT")
    b.wait_for([6, 13, 15])
    b.find("#errors").click()
    b.wait_for([13])
    equal([h.is_displayed() for h in b.all("h2")], [False, True])
    choice.select_by_value("")
    b.wait_for([10, 13])
    b.find("#all").click()
    equal([d.get_attribute("open") is not None for d in b.all("details")],
          [False, False, True, True, False, False])
    b.find("#errors").click()
    b.wait_for(ALL)


@with_page
def an_address_opens_a_line(b):
    b.driver.execute_script("location.hash = '#L13'")
    WebDriverWait(b.driver, 10).until(
        lambda _: b.find("#L13 pre").is_displayed())


@with_page
def by_keyboard_and_by_name(b):
    """Every control has a name, and every one can be reached."""
    for what in "#text", "#command", "#errors", "#all":
        assert b.find(what).accessible_name, what
    equal(b.find("#count").aria_role, "status")
    equal(b.find("form").aria_role, "search")
    reached = []
    for _ in range(5):
        b.driver.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(b.driver.switch_to.active_element.tag_name)
    equal(reached, ["input", "select", "input", "button", "summary"])
    b.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert b.find("#L6 pre").is_displayed()


@with_page(width=500)
def on_a_narrow_screen(b):
    b.find("#all").click()
    wide, seen = b.driver.execute_script(
        "return [document.documentElement.scrollWidth,"
        "document.documentElement.clientWidth]")
    assert wide <= seen, f"{wide} of {seen} pixels"


@with_page(script=False)
def without_scripts(b):
    equal(b.shown(), ALL)
    assert not b.find("form").is_displayed()
    b.find("#L6 summary").click()
    has(b.find("#L6 pre").text, "6F file control information")


@test(deadline=120)
def a_long_page_can_be_used(place):
    """5,000 commands are there, and can be searched."""
    page = place.path / "page.html"
    part = "> 00A4000C023F00\n< 9000\n> 00B0000010\n< 6982\n"
    trace = place.file("long", part * 2500 + "> 00CA004F00\n< 6A88\n")
    equal(place.run("show", trace, "--html", page)[0], 0)
    b = browser()
    b.open(page)
    equal(b.find("#count").text, "5001 commands")
    b.find("#text").send_keys("referenced")
    WebDriverWait(b.driver, 30).until(
        lambda _: b.find("#count").text == "1 of 5001 commands")
    assert b.find("#L10001").is_displayed()


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
main()
