"""Pictures inside a page: drawn in the report's style, embedded as they are."""

from base64 import b64encode
from io import BytesIO

from matplotlib.figure import Figure as Picture

from reportgen.applying.answers import Drawn

_DPI = 200
_CSS = 96  # CSS pixels of an inch


def embedded(picture: Picture, *, alt: str, caption: str, dense: bool = False) -> Drawn:
    """A drawn picture as a data URI: SVG, or PNG where it is dense. Draw and call within `drawing_style`."""
    form = "png" if dense else "svg"
    file = BytesIO()
    about = {"Software": None} if dense else {"Date": None, "Creator": None}
    picture.savefig(file, format=form, dpi=_DPI, metadata=about)
    kind = "image/png" if dense else "image/svg+xml"
    return Drawn(
        source=f"data:{kind};base64,{b64encode(file.getvalue()).decode('ascii')}",
        width=round(picture.get_figwidth() * _CSS),
        alt=alt,
        caption=caption,
    )
