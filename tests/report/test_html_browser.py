"""The page in a browser: headless Chromium, driven as a reader's hands would."""

import base64
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from scanner.app.access_tables import accesses
from scanner.app.options import ScanOptions
from scanner.app.scan.collect import Collected
from scanner.app.scan.run import collect_and_judge
from scanner.model.resource import Resource, Row, Source
from scanner.model.truth import Truth
from scanner.policy.model import Reference
from scanner.report import html
from scanner.report.evidence import EvidenceRenderer, line
from scanner.result.access import Access, Entry
from scanner.result.finding import Advice, Exempted, Finding, Verdict
from scanner.result.report import Notice, Report

Maker = Callable[..., Any]

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None or DRIVER is None,
        reason="needs Chromium and its driver: .ci/services installs them",
    ),
]

CONTOSO = Path(__file__).parents[2] / "samples" / "snapshots" / "contoso"
ATTACKS = (
    '"><img src=x onerror="document.title=\'pwned\'">',
    "</script><script>document.title='pwned'</script>",
    "<!--<script>",
    "</noscript></title></style><svg onload=document.title='pwned'>",
    "javascript:document.title='pwned'",
    "' onmouseover='document.title=`pwned`",
    "{{ 7*191 }} ${7*191}",
    "\u202egpj.exe\u0000",
)


class Browser:
    """A page as a reader has it before them."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def all(self, selector: str) -> Sequence[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector: str) -> list[str]:
        said: list[str] = self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent)", selector
        )
        return said

    def told(self, selector: str) -> str:
        return self.one(selector).text

    def run(self, script: str, *given: Any) -> Any:
        return self.driver.execute_script(script, *given)

    def wait(self, happened: Callable[[], object]) -> None:
        WebDriverWait(self.driver, 10, 0.02).until(lambda _: happened())

    def click(self, selector: str) -> None:
        element = self.one(selector)
        self.run("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def search(self, words: str, shown: str, field: str = "#search", status: str = "#findings-count") -> None:
        self.one(field).send_keys(words)
        self.wait(lambda: self.told(status) == shown)

    def media(self, kind: str = "", **features: str) -> None:
        named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": kind, "features": named})

    def complaints(self) -> list[dict[str, Any]]:
        """Errors, warnings and refusals in the console since it was last asked."""
        return self.log("browser")

    def log(self, kind: str) -> list[dict[str, Any]]:
        """What was logged since it was last asked."""
        return list(self.driver.execute("getLog", {"type": kind})["value"])


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    flags = "headless=new no-sandbox disable-gpu disable-quic no-first-run disable-background-networking"
    for flag in (*flags.split(), "disable-component-update", "disable-sync", "window-size=1400,1000"):
        options.add_argument(f"--{flag}")
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    started.set_script_timeout(60)
    yield started
    started.quit()


@pytest.fixture(scope="module")
def scanned() -> Collected:
    """What was seen of the made-up company."""
    return collect_and_judge(ScanOptions(CONTOSO))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, scanned: Collected) -> Path:
    """The made-up company's page."""
    return kept(tmp_path_factory.mktemp("page"), scanned.report, accesses(scanned, ScanOptions(CONTOSO)))


@pytest.fixture(scope="module")
def judged(scanned: Collected) -> Sequence[Finding]:
    """The findings that the page lists."""
    return [each for each in scanned.report.findings if each.verdict is not Verdict.NOT_APPLICABLE]


@pytest.fixture(scope="module")
def bad(judged: Sequence[Finding]) -> Sequence[Finding]:
    """The findings that it opens on."""
    return [each for each in judged if each.verdict is not Verdict.PASS]


def of(some: Sequence[Finding], judged: Sequence[Finding]) -> str:
    """What the page says of a part of the findings."""
    return f"{len(some)} of {len(judged)} findings"


def kept(folder: Path, report: Report, access: Sequence[Access] = (), **options: Any) -> Path:
    path = folder / "report.html"
    path.write_text("".join(html.pieces(report, access, **options)), "utf-8")
    return path


@pytest.fixture
def opened(driver: webdriver.Chrome) -> Iterator[Callable[[Path], Browser]]:
    """Opens a page with an empty memory; what it complained of fails the test."""
    browser = Browser(driver)

    def open_page(path: Path) -> Browser:
        browser.media()
        driver.get(path.as_uri())
        browser.run("localStorage.clear(); delete document.documentElement.dataset.theme")
        driver.get(path.as_uri())
        return browser

    browser.complaints()
    yield open_page
    assert browser.complaints() == []


@pytest.fixture
def page(opened: Callable[[Path], Browser], sample: Path) -> Browser:
    return opened(sample)


Findings = Sequence[Finding]


def test_it_opens_on_what_did_not_pass_the_gravest_first(
    page: Browser, bad: Findings, judged: Findings
) -> None:
    assert page.told("h1") == "Failed"
    assert page.told("#findings-count") == of(bad, judged)
    assert (
        page.texts("#findings-table .item td:nth-child(2)")
        == sorted((each.policy.severity.value for each in bad), key=["high", "medium", "low", "info"].index)[
            :50
        ]
    )
    gravest = min(
        (each for each in bad if each.gates is Verdict.FAIL),
        key=lambda each: (-each.policy.severity.rank, each.policy.id),
    )
    shown = page.texts("#findings-table .item:first-child td:nth-child(3)")
    assert shown == [f"{gravest.policy.id} {gravest.policy.name}"]


def test_a_verdict_can_be_left_out_and_brought_in(page: Browser, judged: Findings) -> None:
    page.click("[name=verdict][value=fail]")
    page.click("[name=verdict][value=exempt]")
    assert page.told("#findings-count") == of(
        [each for each in judged if each.verdict is Verdict.UNKNOWN], judged
    )
    assert set(page.texts("#findings-table .badge")) == {"unknown"}
    page.click("[name=verdict][value=unknown]")
    page.click("[name=verdict][value=pass]")
    assert page.told("#findings-count") == of(
        [each for each in judged if each.verdict is Verdict.PASS], judged
    )
    assert set(page.texts("#findings-table .badge")) == {"pass"}


def test_a_severity_can_be_left_out(page: Browser, bad: Findings, judged: Findings) -> None:
    for rank in (0, 1, 2):
        page.click(f"[name=severity][value='{rank}']")
    grave = [each for each in bad if each.policy.severity.rank > 2]
    assert page.told("#findings-count") == of(grave, judged)
    assert set(page.texts("#findings-table .item .severity")) == {"high"}


def test_one_policy_can_be_chosen(page: Browser, bad: Findings, judged: Findings) -> None:
    Select(page.one("#policy")).select_by_visible_text("ACR107 data-endpoint-dedicated")
    some = [each for each in bad if each.policy.id == "ACR107"]
    assert page.told("#findings-count") == of(some, judged)
    assert page.texts("#findings-table .item td:nth-child(3)") == ["ACR107 data-endpoint-dedicated"] * len(
        some
    )


def test_one_registry_can_be_chosen_or_all_that_is_outside_of_registries(
    page: Browser, bad: Findings, judged: Findings
) -> None:
    Select(page.one("#registry")).select_by_visible_text("contosoprod")
    some = [each for each in bad if "/registries/contosoprod" in each.resource.key]
    assert page.told("#findings-count") == of(some, judged)
    shown = page.texts("#findings-table .item td:nth-child(4)")
    assert {text.split("/")[0] for text in shown} == {"contosoprod"}
    page.click("[name=verdict][value=pass]")
    Select(page.one("#registry")).select_by_visible_text("outside of registries")
    outside = [each for each in judged if "/registries/" not in each.resource.key]
    assert page.told("#findings-count") == of(outside, judged)


@pytest.mark.parametrize(("choice", "gates"), [("gates", True), ("does not gate", False)])
def test_what_gates_can_be_chosen(
    page: Browser, bad: Findings, judged: Findings, choice: str, gates: bool
) -> None:
    Select(page.one("#gates")).select_by_visible_text(choice)
    some = [each for each in bad if (each.gates is not None) is gates]
    assert page.told("#findings-count") == of(some, judged)
    shown = page.texts("#findings-table .item td:first-child")
    assert {text.endswith(", gates") for text in shown} == {gates}


def test_filters_work_together_and_can_be_reset(page: Browser, bad: Findings, judged: Findings) -> None:
    Select(page.one("#registry")).select_by_visible_text("contosoprod")
    page.click("[name=verdict][value=fail]")
    page.search("zzz", of([], judged))
    assert page.texts("#findings-table tbody td") == ["No finding matches these filters."]
    page.click("#reset")
    page.wait(lambda: page.told("#findings-count") == of(bad, judged))
    assert page.one("#search").get_property("value") == ""


def test_search_finds_every_word_in_evidence_too_in_any_case(
    page: Browser, bad: Findings, judged: Findings
) -> None:
    wording = EvidenceRenderer()
    some = [each for each in bad if "52.168.114.0/23" in " ".join(wording.lines(each, each.evidence, line))]
    assert some
    page.search("52.168.114.0/23 CONTOSO", of(some, judged))
    assert len(page.all("#findings-table .item")) == len(some)


@pytest.mark.parametrize("column", ["policy", "resource", "message", "verdict", "severity"])
def test_a_heading_sorts_and_sorts_back(page: Browser, column: str) -> None:
    ranks = {"info": 0, "low": 1, "medium": 2, "high": 3, "fail": 0, "unknown": 1, "exempt": 2}
    index = 1 + ["verdict", "severity", "policy", "resource", "message"].index(column)
    selector = f"#findings-table .item td:nth-child({index})"
    button = f"#findings-table [data-sort={column}]"

    def keys() -> list[Any]:
        return [ranks.get(text.removesuffix(", gates"), text.lower()) for text in page.texts(selector)]

    page.click(button)
    way = page.one(f"th:has([data-sort={column}])").get_attribute("aria-sort")
    first = keys()
    page.click(button)
    back = page.one(f"th:has([data-sort={column}])").get_attribute("aria-sort")
    assert {way, back} == {"ascending", "descending"}
    up, down = (first, keys()) if way == "ascending" else (keys(), first)
    assert up == sorted(up)
    assert down == sorted(down, reverse=True)
    assert up[0] != down[0]
    assert len(page.all("#findings-table th[aria-sort]")) == 1


def test_pages_are_turned(page: Browser, bad: Findings) -> None:
    total = len(bad)
    assert 50 < total <= 100
    assert page.texts("#findings-pages span") == [f"1–50 of {total}"]
    first = page.texts("#findings-table .item td:nth-child(5)")
    page.click("#findings-pages button:nth-of-type(3)")
    assert page.texts("#findings-pages span") == [f"51–{total} of {total}"]
    second = page.texts("#findings-table .item td:nth-child(5)")
    assert len(second) == total - 50
    assert page.run("return document.activeElement.textContent") == "First"
    assert [each.is_enabled() for each in page.all("#findings-pages button")] == [True, True, False, False]
    page.click("#findings-pages button:nth-of-type(2)")
    assert page.texts("#findings-table .item td:nth-child(5)") == first


def test_a_finding_opens_with_evidence_and_remedies_and_closes(page: Browser, judged: Findings) -> None:
    page.search("forgot-credential ACR201", of(judged[:1], judged))
    page.click("#findings-table .toggle")
    assert page.one("#findings-table .toggle").get_attribute("aria-expanded") == "true"
    assert page.texts(".evidence li")[:2] == [
        "✗not met: agent-pool",
        "forgot-credential: properties.agentPoolName is not set",
    ]
    assert page.texts(".detail .remedy .tag") == ["agent-pool", "bypass", "ip-rules"]
    assert (
        page.texts(".detail pre")[2]
        == "az acr network-rule add --name contosolabs --ip-address 198.51.100.0/26"
    )
    assert {each.get_attribute("rel") for each in page.all(".detail a")} == {"noopener noreferrer"}
    page.click("#findings-table .toggle")
    assert page.all("#findings-table .detail") == []


def test_all_of_a_page_open_and_close_at_once(page: Browser) -> None:
    page.click("#expand")
    assert len(page.all("#findings-table .detail")) == 50
    page.click("#findings-table .toggle")
    assert len(page.all("#findings-table .detail")) == 49
    page.click("#expand")
    assert page.all("#findings-table .detail") == []


@pytest.mark.parametrize("clipboard", [True, False])
def test_a_fix_can_be_copied_with_or_without_the_clipboards_leave(
    page: Browser, judged: Findings, clipboard: bool
) -> None:
    if not clipboard:
        page.run("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.search("forgot-credential ACR201", of(judged[:1], judged))
    page.click("#findings-table .toggle")
    page.click(".remedy:nth-of-type(3) .copy")
    page.wait(lambda: page.told(".remedy:nth-of-type(3) .copy") == "Copied")
    page.wait(lambda: "Copied to the clipboard" in page.texts("#announce"))
    page.one("#access-search").send_keys(Keys.CONTROL, "v")
    pasted = page.one("#access-search").get_property("value")
    assert pasted == "az acr network-rule add --name contosolabs --ip-address 198.51.100.0/26"


def test_the_access_table_counts_and_tells_who_gets_in(page: Browser) -> None:
    total = page.told("#access-count")
    assert total == f"{len(page.all('#access-table .item'))} registries"
    page.search("contosobuild eastus", f"1 of {total}", "#access-search", "#access-count")
    assert page.texts("#access-table .item td")[:3] == ["contosobuild eastus", "no", "11/11"]
    page.click("#access-table .toggle")
    who = page.texts("#access-table .inner tbody tr td:nth-child(1)")
    assert who[:2] == ["the internet", "IP rule 20.42.66.0/24"]
    assert page.texts("#access-table .inner tbody tr td:nth-child(2)")[:2] == ["no", "yes"]
    page.one("#access-search").clear()
    page.one("#access-search").send_keys(" ")
    page.wait(lambda: page.told("#access-count") == total)
    page.click("#access-table [data-sort=internet]")
    assert page.texts("#access-table .item td:nth-child(2)")[:3] == ["yes", "yes", "no"]


def test_it_follows_the_system_into_the_dark_and_a_button_overrides(page: Browser) -> None:
    def paper() -> str:
        return str(page.run("return getComputedStyle(document.body).backgroundColor"))

    page.media(prefers_color_scheme="light")
    light = paper()
    page.media(prefers_color_scheme="dark")
    dark = paper()
    assert light != dark
    page.wait(lambda: page.told("#theme") == "Light theme")
    page.click("#theme")
    assert (paper(), page.told("#theme")) == (light, "Dark theme")
    page.driver.refresh()
    assert paper() == light
    page.media("print", prefers_color_scheme="dark")
    page.click("#theme") if page.one("#theme").is_displayed() else page.run("theme.click()")
    assert paper() == "rgb(255, 255, 255)"


def test_keys_alone_reach_search_sort_and_open(page: Browser) -> None:
    def focused(property_: str) -> Any:
        return page.run(f"return document.activeElement.{property_}")

    page.one("body").send_keys(Keys.TAB)
    assert focused("className") == "skip"
    page.driver.switch_to.active_element.send_keys(Keys.ENTER)
    page.wait(lambda: focused("id") == "findings")
    page.driver.switch_to.active_element.send_keys(Keys.TAB)
    assert focused("id") == "search"
    seen = []
    for _ in range(40):
        page.driver.switch_to.active_element.send_keys(Keys.TAB)
        seen.append(focused("dataset.sort") or focused("id") or focused("className"))
        if seen[-1] == "toggle":
            break
    controls = {"policy", "registry", "gates", "expand", "reset", "message"}
    assert [each for each in seen if each in controls] == [
        "policy", "registry", "gates", "expand", "reset", "policy", "message",
    ]  # fmt: skip
    outline = page.run("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert focused("ariaExpanded") == "true"
    page.driver.switch_to.active_element.send_keys(Keys.SPACE)
    assert focused("ariaExpanded") == "false"


def test_a_screen_reader_gets_tables_names_and_states(page: Browser) -> None:
    assert page.run("return document.documentElement.lang") == "en"
    for table in page.all("main table:not(.bars)"):
        assert table.find_element(By.TAG_NAME, "caption").get_attribute("textContent")
    nameless = page.run(
        "return [...document.querySelectorAll('button, input, select')].filter((each) =>"
        " !each.textContent.trim() && !each.ariaLabel && !each.labels?.length).map((each) => each.outerHTML)"
    )
    assert nameless == []
    assert {each.get_attribute("scope") for each in page.all("thead th")} == {"col"}
    assert page.one("#findings-count").get_attribute("role") == "status"
    assert page.texts("h1, h2")[0] == "Failed"
    assert all(each.accessible_name for each in page.all("svg[role=img]"))


CONTRAST = """
const seen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const rgb = (color) => {
  seen.fillStyle = color;
  seen.fillRect(0, 0, 1, 1);
  return seen.getImageData(0, 0, 1, 1).data;
};
const light = (color) => [...rgb(color)].slice(0, 3).map((part) => part / 255)
  .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
const ground = (element) => {
  for (let each = element; each; each = each.parentElement) {
    const color = getComputedStyle(each).backgroundColor;
    if (color !== "rgba(0, 0, 0, 0)") return color;
  }
  return "white";
};
const weak = new Set();
for (const each of document.querySelectorAll("main *:not(svg *), header *")) {
  if (![...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
  if (each.closest("noscript, :disabled, [hidden]") || !each.checkVisibility()) continue;
  const [a, b] = [light(getComputedStyle(each).color), light(ground(each))].sort((x, y) => y - x);
  if ((a + 0.05) / (b + 0.05) < 4.5) weak.add(each.className + " " + ((a + 0.05) / (b + 0.05)).toFixed(2));
}
return [...weak];
"""
"""Texts whose contrast is below 4.5 to 1 (WCAG 2.2, 1.4.3)."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(page: Browser, scheme: str) -> None:
    page.media(prefers_color_scheme=scheme)
    page.click("#expand")
    page.click("#access-table .toggle")
    assert page.run(CONTRAST) == []


def test_it_fits_a_narrow_screen(page: Browser) -> None:
    page.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": False},
    )
    try:
        assert page.run("return document.documentElement.scrollWidth <= innerWidth")
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_nothing_is_loaded_but_the_file(page: Browser, sample: Path) -> None:
    page.log("performance")
    page.driver.get(sample.as_uri())
    page.click("#expand")
    sent = [each["message"] for each in page.log("performance")]
    asked = [message for message in sent if '"Network.requestWillBeSent"' in message]
    assert len(asked) == 1
    assert sample.as_uri() in asked[0]
    assert page.run("return performance.getEntriesByType('resource').length") == 0


def test_paper_gets_every_finding_with_its_details_and_no_controls(page: Browser, bad: Findings) -> None:
    page.run("dispatchEvent(new Event('beforeprint'))")
    page.media("print")
    assert len(page.all("#findings-table .item")) == len(bad)
    assert len(page.all("#findings-table .detail")) == len(bad)
    assert len(page.all("#access-table .inner")) == len(page.all("#access-table .item")) > 1
    for gone in ("#filters", "#findings-pages", ".copy", "#theme"):
        assert not page.one(gone).is_displayed()
    page.media()
    page.run("dispatchEvent(new Event('afterprint'))")
    assert len(page.all("#findings-table .item")) == 50
    assert page.all("#findings-table .detail") == []


def test_a_printer_gets_all_of_it_too(page: Browser) -> None:
    whole = page.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    Select(page.one("#registry")).select_by_visible_text("contosoprod")
    part = page.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})

    def pages(pdf: Any) -> int:
        return base64.b64decode(pdf["data"]).count(b"/Type /Page\n")

    assert pages(whole) > 2 * pages(part) > 0


def test_without_scripts_what_gates_is_readable(
    opened: Callable[[Path], Browser], sample: Path, bad: Findings
) -> None:
    browser = opened(sample)
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.driver.get(sample.as_uri())
        shown = browser.one("noscript table")
        assert shown.is_displayed()
        assert len(shown.find_elements(By.CSS_SELECTOR, "tbody tr")) == sum(
            each.gates is not None for each in bad
        )
        assert not browser.one("#filters").is_displayed()
        assert not browser.one("#access-section").is_displayed()
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


# hostile names


def hostile(makers: Sequence[Maker], attack: str) -> tuple[Report, Sequence[Access]]:
    """A report in which an attack stands wherever a text can."""
    a_report, a_finding, a_policy, evidence = makers
    policy = a_policy(name=attack, title=attack, why=attack, references=(Reference(attack, attack),))
    group = f"/subscriptions/s/resourceGroups/{attack}/providers/Microsoft.ContainerRegistry/registries"
    row = Row(f"{group}/{attack}", "t", {"location": attack}, Source.ARM, None)
    resource = Resource(row.id.lower(), (row,))
    said = {
        "policy": policy,
        "resource": resource,
        "message": attack,
        "evidence": (evidence(attack, text=attack, field=attack, help=attack),),
        "remediation": (Advice(attack, attack, (attack,)),),
    }
    report = a_report(
        a_finding(**said),
        a_finding(Verdict.EXEMPT, **said | {"exemption": Exempted(attack, attack, attack, attack)}),
        notices=(Notice(attack, attack, attack, attack),),
        complete=False,
        collected=attack,
        scope={attack: [attack]},
        parameters={attack: {attack: attack}},
        tool_version=attack,
    )
    entry = Entry(attack, attack, Truth.UNKNOWN, attack, (attack,), resource=attack)
    return report, [Access(resource, (entry,))]


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_names_are_shown_and_never_run(
    attack: str, opened: Callable[[Path], Browser], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    makers = ("a_report", "a_finding", "a_policy", "evidence")
    report, access = hostile([request.getfixturevalue(name) for name in makers], attack)
    browser = opened(kept(tmp_path, report, access))
    browser.click("#expand")
    browser.click("#access-table .toggle")
    Select(browser.one("#policy")).select_by_index(1)
    for each in browser.all(".detail .id, .detail pre, .item td"):
        browser.run(
            "for (const kind of ['mouseover', 'click']) arguments[0].dispatchEvent(new MouseEvent(kind))",
            each,
        )
    time.sleep(0.1)
    title = "Failed: network compliance of container registries"
    assert browser.driver.title == title
    assert (
        browser.run(
            "return document.images.length + document.querySelectorAll('main a:not(.detail a)').length"
        )
        == 0
    )
    assert browser.run("return document.scripts.length") == 2
    visible = attack.replace("\u202e", "\\u202e").replace("\0", "\\x00")
    assert browser.texts(".c-message")[-1] == visible
    assert browser.texts(".detail pre")[0] == visible
    assert browser.all(".detail a") == []


def test_the_policy_stops_what_slips_in_and_the_test_would_notice(
    driver: webdriver.Chrome, sample: Path, tmp_path: Path
) -> None:
    browser = Browser(driver)
    slip = "<img src=x onerror=\"document.title='pwned'\"><script>document.title='pwned'</script></main>"
    path = tmp_path / "slipped.html"
    path.write_text(sample.read_text("utf-8").replace("</main>", slip), "utf-8")
    driver.get(path.as_uri())
    with pytest.raises(Exception, match="TrustedHTML"):
        browser.run("document.body.innerHTML = '<p>x'")
    assert driver.title == "Failed: network compliance of container registries"
    assert any("Content Security Policy" in each["message"] for each in browser.complaints())


def test_twenty_thousand_findings_open_and_filter_quickly(
    opened: Callable[[Path], Browser], tmp_path: Path, a_report: Maker, a_finding: Maker, evidence: Maker
) -> None:
    """Generous bounds, for a busy machine: they tell a page that draws every row, or sorts badly."""
    base = a_finding().resource
    findings = [
        a_finding(
            Verdict.FAIL if number % 3 else Verdict.UNKNOWN,
            resource=Resource(
                f"{base.key}{number}", (Row(f"{base.id}{number}", base.type, {}, Source.ARM, None),)
            ),
            message=f"Task nightly{number} has no working path.",
            evidence=tuple(evidence("ip-rules", text=f"is {number}.{part}") for part in range(4)),
        )
        for number in range(20_000)
    ]
    path = kept(tmp_path, a_report(*findings))
    start = time.monotonic()
    browser = opened(path)
    assert browser.told("#findings-count") == "20,000 findings"
    assert time.monotonic() - start < 20
    assert len(browser.all("#findings-table .item")) == 50
    took = browser.run(
        "const start = performance.now(); document.querySelector('[name=verdict][value=fail]').click();"
        " document.querySelector('[data-sort=message]').click(); document.body.offsetHeight;"
        " return performance.now() - start"
    )
    assert took < 2000
    assert browser.told("#findings-count") == "6,667 of 20,000 findings"
    browser.search("nightly19998", "1 of 20,000 findings")
