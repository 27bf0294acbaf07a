"""The report page in a real Chromium: it loads without network or errors, and what can be clicked works."""

import json
import shutil
from pathlib import Path

import made_up
import pytest

from hitsr.configuration import resolve

selenium = pytest.importorskip("selenium", reason="selenium is not installed (pip install -e '.[dev]')")
from selenium import webdriver  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.action_chains import ActionChains  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.select import Select  # noqa: E402
from selenium.webdriver.support.wait import WebDriverWait  # noqa: E402

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CONTRAST = Path(__file__).with_name("contrast.js").read_text()
VERDICTS = {"hold": "holds", "holds": "holds", "do not hold": "does not hold", "does not hold": "does not hold"}
VERDICTS["undecided"] = "undecided"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--window-size=1400,1000",
)  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """The page of the made-up run, with a second scale at which nothing was measured."""
    with pytest.MonkeyPatch.context() as patch:
        folder = made_up.project(tmp_path_factory.mktemp("run"), patch)
        yield made_up.report(folder, resolve({**made_up.RAW, "scales": [2, 3]}))


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A headless Chromium with its logs; the tests are skipped without one."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip(f"no {'chromedriver' if program else 'Chromium'} (Debian: apt install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    found = webdriver.Chrome(options, Service(driver))
    yield found
    found.quit()


@pytest.fixture
def page(browser, path):
    """The page freshly loaded in light colours; afterwards nothing may have been logged or fetched."""
    browser.get("about:blank")
    fetched(browser)
    browser.get(path.as_uri())
    browser.execute_script("localStorage.clear(); document.documentElement.dataset.theme = 'light'")
    yield browser
    assert browser.get_log("browser") == []
    assert fetched(browser) <= {path.as_uri()}


def fetched(browser) -> set[str]:
    """Addresses asked for since the last call, data URIs apart."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    return {url.split("#")[0] for url in sent if not url.startswith("data:")}


def one(browser, selector: str):
    return browser.find_element(By.CSS_SELECTOR, selector)


def press(browser, selector: str) -> None:
    element = one(browser, selector)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    element.click()


def methods(browser, table: str, body: int = 1) -> list[str]:
    """First cells of the rows of one block that are shown."""
    rows = browser.find_elements(By.CSS_SELECTOR, f"#table-{table} tbody:nth-of-type({body}) tr")
    return [row.find_element(By.TAG_NAME, "th").text for row in rows if row.is_displayed()]


def head(table: str, title: str, browser) -> str:
    """Selector of the button of the column `title`."""
    titles = [
        cell.text.split("\n")[0]
        for cell in browser.find_elements(By.CSS_SELECTOR, f"#table-{table} thead tr:last-child th")
    ]
    return f"#table-{table} thead tr:last-child th:nth-child({titles.index(title) + 1}) button"


def test_nothing_is_fetched_and_the_policy_forbids_it(page, path):
    assert fetched(page) == {path.as_uri()}
    blocked = page.execute_async_script(
        "const done = arguments[0]; fetch('https://example.org/').then(() => done('fetched'), () => done('refused'))"
    )
    assert blocked == "refused"
    assert any("Content Security Policy" in entry["message"] for entry in page.get_log("browser"))
    page.get_log("performance")


def test_columns_sort_within_their_scale(page):
    given = methods(page, "main")
    assert given == list(made_up.PSNR)
    button = head("main", "PSNR", page)
    press(page, button)
    upwards = sorted(given, key=made_up.PSNR.get)
    assert methods(page, "main") == upwards and upwards != given
    assert one(page, button).find_element(By.XPATH, "..").get_attribute("aria-sort") == "ascending"
    press(page, button)
    assert methods(page, "main") == upwards[::-1]
    press(page, button)
    assert methods(page, "main") == given
    scales = page.find_elements(By.CSS_SELECTOR, "#table-main tbody:nth-of-type(2) td:nth-child(2)")
    assert [cell.text for cell in scales] == ["×3"] * 4


def test_missing_numbers_sort_last_in_both_directions(page):
    button = head("efficiency", "Latency (ms)", page)
    for expected in (["HiT-SIR", "SwinIR-Light"], ["SwinIR-Light", "HiT-SIR"]):
        press(page, button)
        assert methods(page, "efficiency") == [*expected, "HiT-SRF"]


def test_filters(page):
    box = one(page, "#table-main .filter")
    box.send_keys("hit x2, bicubic x3")
    assert methods(page, "main") == ["HiT-SIR", "HiT-SRF"] and methods(page, "main", 2) == ["Bicubic"]
    assert one(page, "#table-main .count").text == "3 of 8 rows"
    assert len(methods(page, "efficiency")) == 3
    one(page, "#find").send_keys("SwinIR")
    assert methods(page, "main") == methods(page, "efficiency") == ["SwinIR-Light"]
    one(page, "#find").send_keys(Keys.CONTROL, "a", Keys.NULL, Keys.DELETE)
    assert methods(page, "main") == list(made_up.PSNR)


def test_a_number_shows_its_file_and_command(page):
    press(page, "#table-main tbody tr:nth-child(4) td:nth-child(5) a")
    panel = one(page, "#origin")
    assert panel.is_displayed()
    assert "Unrounded: 32.25" in panel.text and made_up.ORIGIN["command"] in panel.text
    link = panel.find_element(By.TAG_NAME, "a")
    assert link.text == "results/made-up/quality/HiT-SRF.json"
    assert link.get_attribute("href").endswith("/results/made-up/quality/HiT-SRF.json")
    ActionChains(page).send_keys(Keys.ESCAPE).perform()
    assert not panel.is_displayed()
    press(page, "#table-main tbody tr:nth-child(2) td:nth-child(5) a")
    assert panel.is_displayed() and "SwinIR-Light.json" in panel.text
    page.execute_script("scrollBy(0, 300)")
    WebDriverWait(page, 5).until(lambda _: not panel.is_displayed())


def test_every_number_has_an_origin(page):
    bare = page.execute_script("""
        const cells = [...document.querySelectorAll("section[id^=table-] td[data-value]:not(:has(a))")];
        const head = cell => cell.closest("table").querySelector("thead tr:last-child").cells[cell.cellIndex];
        return cells.map(cell => head(cell).innerText.trim());
    """)
    assert len(page.find_elements(By.CSS_SELECTOR, "td[data-value] a[data-files]")) > 30
    assert bare and set(bare) <= {"Scale", "tolerance"}  # given, not measured


def test_claims_come_first(page):
    sections = page.find_elements(By.CSS_SELECTOR, "main > section")
    assert [section.get_attribute("id") for section in sections[:2]] == ["overview", "claims"]
    pills = page.find_elements(By.CSS_SELECTOR, ".claim > .verdict")
    verdicts = [pill.get_attribute("textContent") for pill in pills]
    assert verdicts
    for pill in page.find_elements(By.CSS_SELECTOR, ".verdicts .verdict"):
        count, verdict = pill.text.split(maxsplit=1)
        assert verdicts.count(VERDICTS[verdict]) == int(count)


def clip(page) -> str:
    return page.execute_script("return getComputedStyle(document.getElementById('compare-above')).clipPath")


def test_the_slider_works_with_keys_mouse_and_touch(page):
    slider = one(page, "#compare-range")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", slider)
    assert clip(page) == "inset(0px 50% 0px 0px)"
    slider.send_keys(Keys.ARROW_RIGHT)
    assert clip(page) == "inset(0px 49.5% 0px 0px)"
    box = page.execute_script("return arguments[0].getBoundingClientRect().toJSON()", slider)
    ActionChains(page).move_to_element(slider).click_and_hold().move_by_offset(box["width"] // 4, 0).release().perform()
    assert float(slider.get_attribute("value")) == pytest.approx(75, abs=1)
    page.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    point = {"x": box["left"] + 0.2 * box["width"], "y": box["top"] + box["height"] / 2}
    for kind, points in (("touchStart", [point]), ("touchEnd", [])):
        page.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert float(slider.get_attribute("value")) == pytest.approx(20, abs=1)
    page.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


def test_the_slider_compares_any_two(page):
    sources = {"left": "#compare-above", "right": "#compare-below"}
    before = {side: one(page, image).get_attribute("src") for side, image in sources.items()}
    choices = Select(one(page, "#compare-left"))
    (shown,) = (option.text for option in choices.options if option.text.startswith("HiT-SIR 32.50 dB / 0."))
    choices.select_by_visible_text(shown)
    assert one(page, "#compare-left-tag").text == shown
    assert one(page, sources["left"]).get_attribute("src") != before["left"]
    assert one(page, sources["right"]).get_attribute("src") == before["right"]
    press(page, "#compare-swap")
    assert one(page, "#compare-right-tag").text == shown
    assert one(page, sources["left"]).get_attribute("src") == before["right"]


def test_figures_enlarge(page):
    shown = [section.get_attribute("id") for section in page.find_elements(By.CSS_SELECTOR, ".shown")]
    assert {name.removeprefix("figure-") for name in shown} == set(made_up.CONFIG["report"]["figures"])
    # in the order of the page
    first, second = (name.removeprefix("figure-") for name in shown[:2])
    press(page, f"#figure-{first} .enlarge")
    shown = one(page, "#viewer img")
    assert shown.is_displayed() and shown.size["height"] > one(page, f"#figure-{first} img").size["height"]
    assert shown.get_attribute("src") == one(page, f"#figure-{first} img").get_attribute("src")
    ActionChains(page).send_keys(Keys.ARROW_RIGHT).perform()
    assert shown.get_attribute("src") == one(page, f"#figure-{second} img").get_attribute("src")
    ActionChains(page).send_keys(Keys.ARROW_LEFT).perform()
    assert shown.get_attribute("src") == one(page, f"#figure-{first} img").get_attribute("src")
    ActionChains(page).send_keys(Keys.ESCAPE).perform()
    assert not one(page, "#viewer").is_displayed()
    assert page.switch_to.active_element == one(page, f"#figure-{first} .enlarge")


def test_every_image_is_decoded(page):
    widths = page.execute_script("return [...document.querySelectorAll('main img')].map(image => image.naturalWidth)")
    assert widths and all(widths)


def test_latex_is_copied(page, path):
    press(page, "#table-main .copy")
    WebDriverWait(page, 5).until(lambda browser: one(browser, "#table-main .copy").text == "Copied")
    box = one(page, "#find")
    box.click()
    box.send_keys(Keys.CONTROL, "v")
    wanted = (path.parent / "tables" / "main.tex").read_text().split()
    assert box.get_attribute("value").split()[:4] == wanted[:4]


def test_dark_and_light_are_readable_and_remembered(page):
    def background():
        return page.execute_script("return getComputedStyle(document.body).backgroundColor")

    light = background()
    assert page.execute_script(CONTRAST) == []
    press(page, "#theme")
    dark = background()
    assert dark != light and one(page, "#theme").get_attribute("aria-pressed") == "true"
    assert page.execute_script(CONTRAST) == []
    page.refresh()
    assert background() == dark
    press(page, "#theme")
    assert background() == light


def test_everything_has_a_name_for_screen_readers(page):
    nodes = page.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = {"button", "link", "textbox", "searchbox", "combobox", "slider", "image", "dialog", "region", "navigation"}
    seen = [node for node in nodes if not node["ignored"] and node["role"]["value"] in roles]
    assert len(seen) > 30
    assert [node for node in seen if not node.get("name", {}).get("value")] == []


def test_a_narrow_window_never_scrolls_sideways(page):
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    )
    width = page.execute_script("return document.documentElement.scrollWidth")
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert width <= 360


def sized(browser, width: int) -> None:
    """Show the page on a screen of some width."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_is_cut_and_what_is_out_of_sight_is_named(page, width):
    """On a desk the tables fit; on a phone a line below them says which columns are beside the screen."""
    try:
        sized(page, width)
        WebDriverWait(page, 10).until(lambda _: page.execute_script("return innerWidth") == width)
        page.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
        assert page.execute_script("return document.documentElement.scrollWidth") <= width
        boxes = {name: one(page, f"#table-{name} .wide") for name in ("main", "efficiency", "complexity")}
        for name, box in boxes.items():
            cue = one(page, f"#table-{name} .cue")
            inside, shown = (
                page.execute_script(f"return arguments[0].{key}", box) for key in ("scrollWidth", "clientWidth")
            )
            assert cue.is_displayed() == (inside > shown + 1), name
            assert width == 390 or inside <= shown + 1, f"{name} is cut: {inside} of {shown} pixels"
        # beside the page, or folded up above it
        assert one(page, "nav summary").is_displayed() == (width == 390) != one(page, "nav a").is_displayed()
        top = page.execute_script("return document.getElementById('overview').getBoundingClientRect().top")
        assert top < 150
        if width == 390:
            one(page, "nav summary").click()
            assert one(page, "nav a").is_displayed()
            assert one(page, "#table-main .cue").text == "Scroll the table sideways: PSNR, SSIM"
            page.execute_script("arguments[0].scrollLeft = 10000", boxes["main"])
            WebDriverWait(page, 10).until(lambda _: not one(page, "#table-main .cue").is_displayed())
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_answer_comes_first_then_the_main_table_and_the_crops(page, path):
    order = [section.get_attribute("id") for section in page.find_elements(By.CSS_SELECTOR, "main > section")]
    assert order[:4] == ["overview", "claims", "table-main", "compare"]
    places = [order.index(name) for name in ("table-main", "figure-crops", "table-efficiency", "figure-convergence")]
    assert places == sorted(places) and order[-3:] == ["data", "references", "provenance"]
    assert path.stat().st_size < 6e6
