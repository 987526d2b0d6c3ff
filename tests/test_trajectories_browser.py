"""Playing a figure in a real browser, from the file system: by keyboard, by mouse and at the width of a phone."""

import json
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import figure_samples_trajectories as samples
import pytest

from reportgen import plugins
from reportgen.figures._style import drawing_style
from reportgen.outputs import Inputs
from reportgen.report.templates import embedded_json

ASSETS = Path(__file__).parent.parent / "templates" / "assets"
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400"/>'
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="reportgen.css"><style>body {{ margin: 8px }}</style></head>
<body data-md-color-scheme="default"><main class="md-typeset"><figure class="figure" id="f">
<img src="picture.svg" alt="Ways over the map" width="600" height="400">
<script type="application/json" class="interactive">{plot}</script>
<figcaption>Ways. <span class="aside"><a href="data.csv">Data</a></span></figcaption></figure></main>
<script src="reportgen.js"></script></body></html>"""


@pytest.fixture(scope="module")
def plot(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    outputs = samples.followed(tmp_path_factory.mktemp("study"), segments=(6, 9))
    with drawing_style():
        figure = plugins.verb("figure", "trajectories")(Inputs(outputs))
    return dict(figure.interactive)


@pytest.fixture(scope="module")
def page(plot: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with one figure, and beside it what the report puts there."""
    folder = tmp_path_factory.mktemp("page")
    plotly = find_spec("plotly")
    assert plotly and plotly.origin
    shutil.copy(Path(plotly.origin).with_name("package_data") / "plotly.min.js", folder)
    for name in ("reportgen.js", "reportgen.css"):
        shutil.copy(ASSETS / name, folder)
    (folder / "picture.svg").write_text(PICTURE)
    (folder / "page.html").write_text(PAGE.format(plot=embedded_json(json.dumps(plot))), encoding="utf-8")
    return folder / "page.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-quic"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def opened(browser: Any, page: Path) -> Iterator[tuple[Any, list[str]]]:
    """The page with its figure opened, and what it complained about or asked for that is not on this disk."""
    complaints: list[str] = []
    tab = browser.new_context(viewport={"width": 1000, "height": 900}).new_page()
    tab.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on(
        "request", lambda request: complaints.append(request.url) if not request.url.startswith(("file:", "data:")) else None
    )
    tab.goto(page.as_uri())
    open_figure(tab)
    yield tab, complaints
    tab.context.close()


@pytest.fixture
def tab(opened: tuple[Any, list[str]], plot: dict[str, Any]) -> Iterator[Any]:
    """The page at the start of its first video; it fails the test if it complains."""
    tab, complaints = opened
    tab.evaluate("document.querySelector('.controls select').selectedIndex = 0")
    tab.dispatch_event(".controls select", "change")
    shows(tab, plot, 0, 0)
    yield tab
    assert complaints == []


def open_figure(tab: Any) -> None:
    tab.click("button.explore")
    tab.wait_for_function("document.querySelector('.controls .told')?.textContent")


def steps(plot: dict[str, Any], choice: int) -> list[dict[str, str]]:
    found: list[dict[str, str]] = plot["controls"]["choices"][choice]["steps"]
    return found


def shows(tab: Any, plot: dict[str, Any], choice: int, step: int) -> None:
    """Wait until that step is told, and all that moves lies where its frame has it."""
    wanted = steps(plot, choice)[step]
    tab.wait_for_function("text => document.querySelector('.told').textContent === text", arg=wanted["text"])
    assert tab.get_attribute(".controls input", "aria-valuetext") == wanted["text"]
    frame = next(frame for frame in plot["frames"] if frame["name"] == wanted["name"])
    places = [[frame["traces"][i], trace["x"]] for i, trace in enumerate(frame["data"])]
    tab.wait_for_function(
        """places => places.every(([trace, x]) =>
            JSON.stringify(document.querySelector('.plot').data[trace].x) === JSON.stringify(x))""",
        arg=json.loads(json.dumps(places)),
    )


def drawn(tab: Any, trace: int) -> str:
    """The line of a trace as it is on the screen."""
    return str(
        tab.evaluate(
            """trace => { const plot = document.querySelector('.plot')
            const own = [...plot.querySelectorAll('.scatterlayer .trace')].find(one => one.__data__[0].trace.index === trace)
            return own.querySelector('path.js-line').getAttribute('d') }""",
            trace,
        )
    )


def test_arrow_keys_move_the_comet(tab: Any, plot: dict[str, Any]) -> None:
    shows(tab, plot, 0, 0)
    rated = plot["frames"][0]["traces"][0]
    before = drawn(tab, rated)
    tab.focus(".controls input")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowRight")
    shows(tab, plot, 0, 2)
    assert drawn(tab, rated) != before
    tab.keyboard.press("ArrowLeft")
    shows(tab, plot, 0, 1)
    tab.keyboard.press("End")
    shows(tab, plot, 0, 5)
    tab.keyboard.press("ArrowRight")
    shows(tab, plot, 0, 5)
    tab.keyboard.press("Home")
    shows(tab, plot, 0, 0)
    assert drawn(tab, rated) == before


def test_density_and_anchors_stay_when_time_moves(tab: Any, plot: dict[str, Any]) -> None:
    tab.focus(".controls input")
    for _ in range(3):
        tab.keyboard.press("ArrowRight")
    shows(tab, plot, 0, 3)
    first = min(plot["controls"]["choices"][0]["traces"])
    kept = tab.evaluate("[...document.querySelectorAll('.scatterlayer .trace')].map(one => one.__data__[0].trace.index)")
    assert set(range(first)) <= set(kept)
    assert "happiness" in tab.text_content(".plot .main-svg >> nth=0"), "anchors are named"
    legend = tab.locator(".plot .legendtext").all_text_contents()
    assert legend == ["rated", "from everything", "from text", "from audio", "from vision"]


def test_play_advances_and_pauses(tab: Any, plot: dict[str, Any]) -> None:
    play = tab.locator(".controls .play")
    play.click()
    assert play.inner_text() == "Pause"
    tab.wait_for_function("document.querySelector('.controls input').value >= 2")
    play.press("Enter")
    assert play.inner_text() == "Play"
    stopped = int(tab.input_value(".controls input"))
    tab.wait_for_timeout(2.2 * plot["controls"]["pause"])
    assert int(tab.input_value(".controls input")) == stopped
    shows(tab, plot, 0, stopped)


def test_play_ends_at_the_end_and_starts_again(tab: Any, plot: dict[str, Any]) -> None:
    tab.focus(".controls input")
    tab.keyboard.press("End")
    tab.keyboard.press("ArrowLeft")
    play = tab.locator(".controls .play")
    play.click()
    tab.wait_for_function("document.querySelector('.play').textContent === 'Play'")
    shows(tab, plot, 0, 5)
    play.click()
    shows(tab, plot, 0, 0)
    tab.focus(".controls input")
    tab.keyboard.press("ArrowRight")
    assert play.inner_text() == "Play", "whoever moves the slider takes over"


def test_another_video_brings_its_own_way_and_strip(tab: Any, plot: dict[str, Any]) -> None:
    tab.focus(".controls input")
    tab.keyboard.press("End")
    tab.focus(".controls select")
    tab.keyboard.press("ArrowDown")
    shows(tab, plot, 1, 0)
    assert tab.get_attribute(".controls input", "max") == "8"
    choice = plot["controls"]["choices"][1]
    x = tab.evaluate("traces => traces.map(trace => document.querySelector('.plot').data[trace].x)", choice["traces"])
    assert x == json.loads(json.dumps(choice["update"]["x"]))
    ends = tab.evaluate("document.querySelector('.plot')._fullLayout.xaxis2.range")
    assert ends == pytest.approx(choice["layout"]["xaxis2.range"])
    tab.select_option(".controls select", index=0)
    shows(tab, plot, 0, 0)


def test_what_the_legend_hides_stays_hidden(tab: Any, plot: dict[str, Any]) -> None:
    tab.locator(".plot .legendtoggle").nth(2).click()
    tab.wait_for_function("document.querySelectorAll('.plot .traces')[2].style.opacity < 1")
    tab.focus(".controls input")
    tab.keyboard.press("ArrowRight")
    tab.select_option(".controls select", index=1)
    shows(tab, plot, 1, 0)
    hidden = tab.evaluate(
        "document.querySelector('.plot')._fullData.filter(one => one.visible !== true).map(one => one.legendgroup)"
    )
    assert set(hidden) == {"text"} and len(hidden) == 2, "its comet and its whole way"


def test_tab_goes_on_from_the_first_input(tab: Any) -> None:
    tab.click("button.explore")
    tab.click("button.explore")
    assert tab.evaluate("document.activeElement === document.querySelector('.controls select')")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "play"


def test_what_is_seen_is_said(tab: Any) -> None:
    assert tab.text_content(".controls .seen").startswith("Comets move along")


def test_inputs_are_named(tab: Any) -> None:
    assert tab.get_by_label("Time", exact=True).get_attribute("type") == "range"
    assert tab.get_by_label("Video", exact=True).locator("option").count() == 2
    assert tab.get_by_role("button", name="Play").count() == 1
    assert tab.locator(".plot .controls").count() == 0, "what is an image for screen readers has no inputs in it"


def test_the_still_picture_comes_back(tab: Any, plot: dict[str, Any]) -> None:
    tab.locator(".controls .play").click()
    tab.click("button.explore")
    assert tab.is_visible("#f > img") and not tab.is_visible(".plot") and not tab.is_visible(".controls")
    tab.wait_for_function("document.querySelector('.play').textContent === 'Play'")
    at = int(tab.input_value(".controls input"))
    tab.click("button.explore")
    assert tab.is_visible(".controls") and not tab.is_visible("#f > img")
    assert tab.locator(".controls").count() == 1
    shows(tab, plot, 0, at)


def test_nothing_leaves_a_phone(tab: Any, plot: dict[str, Any]) -> None:
    """The last one: it loads the page again."""
    tab.set_viewport_size({"width": 360, "height": 740})
    tab.reload()
    open_figure(tab)
    shows(tab, plot, 0, 0)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    for part in (".plot .main-svg >> nth=0", ".controls select", ".controls .play", ".controls input", ".controls .told"):
        box = tab.locator(part).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 360, part
        assert box["height"] >= 16 and box["width"] >= 40, part
    tab.focus(".controls input")
    tab.keyboard.press("ArrowRight")
    shows(tab, plot, 0, 1)
