"""Bar and line charts as SVG that reads in light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, LABEL, BAR, GAP = 720, 230, 18, 10
COLOURS = ("#2563eb", "#0d9488", "#7c3aed", "#d97706", "#dc2626")
STYLE = "text{font:13px system-ui,sans-serif;fill:#334155}.t{font-weight:600}@media(prefers-color-scheme:dark){text{fill:#cbd5e1}}"


def bars(title: str, unit: str, values: Mapping[str, float]) -> str:
    """A horizontal bar for each value."""
    top = max(values.values(), default=1.0) or 1.0
    rows, y = [], 34
    for number, (name, value) in enumerate(values.items()):
        width = max((WIDTH - LABEL - 110) * value / top, 1.0)
        colour = COLOURS[number % len(COLOURS)]
        rows.append(f'<text x="0" y="{y + 14}">{escape(name)}</text>')
        rows.append(f'<rect x="{LABEL}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2" fill="{colour}"/>')
        rows.append(f'<text x="{LABEL + width + 8:.1f}" y="{y + 14}">{value:,.3g} {escape(unit)}</text>')
        y += BAR + GAP
    return _svg(title, rows, y)


def lines(title: str, unit: str, across: Sequence[str], series: Mapping[str, Sequence[float]]) -> str:
    """A line for each series over the points `across`."""
    top = max((value for values in series.values() for value in values), default=1.0) or 1.0
    left, bottom, height, step = 60, 250, 200, (WIDTH - 320) / max(len(across) - 1, 1)
    rows = [
        f'<text x="{left + i * step:.0f}" y="{bottom + 20}" text-anchor="middle">{escape(p)}</text>'
        for i, p in enumerate(across)
    ]
    rows.append(
        f'<line x1="{left}" y1="{bottom}" x2="{left + step * (len(across) - 1):.0f}" y2="{bottom}" stroke="#94a3b8"/>'
    )
    for number, (name, values) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = [(left + i * step, bottom - height * value / top) for i, value in enumerate(values)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        rows.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        rows += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        x, y = points[-1]
        rows.append(
            f'<text x="{x + 10:.1f}" y="{y + 4:.1f}" style="fill:{colour}">{escape(name)}: {values[-1]:.3g} {escape(unit)}</text>'
        )
    return _svg(title, rows, bottom + 34)


def _svg(title: str, rows: Sequence[str], height: float) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}">'
    return "\n".join(
        [
            head,
            f"<style>{STYLE}</style>",
            f'<text class="t" x="0" y="18">{escape(title)}</text>',
            *rows,
            "</svg>\n",
        ]
    )
