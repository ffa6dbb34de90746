// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/**
 * What the report's charts have in common: colours with a hatching or dashes each, so that none is told by its colour
 * alone; scales; labels; and reading back from a chart's canvas what it has drawn.
 */
const charts = (() => {
  "use strict";

  const FONT = "13px system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif";
  const HATCH_CSS = { right: "135deg", left: "45deg", upright: "90deg", level: "0deg" };

  /** A colour by its name in report.css, as it is in the scheme of the moment. */
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

  const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

  const faint = (hex, alpha) => `rgba(${rgb(hex).join(",")},${alpha})`;

  /** How an area of a look is filled on a canvas. */
  function fill(look) {
    const hex = colour(look.colour);
    if (!look.hatch) return faint(hex, 0.75);
    const scale = devicePixelRatio || 1;
    const side = 8 * scale;
    const tile = document.createElement("canvas");
    tile.width = tile.height = side;
    const pen = tile.getContext("2d");
    pen.fillStyle = faint(hex, 0.22);
    pen.fillRect(0, 0, side, side);
    pen.strokeStyle = hex;
    pen.fillStyle = hex;
    pen.lineWidth = 1.5 * scale;
    pen.beginPath();
    if (look.hatch === "dots") {
      pen.arc(side / 2, side / 2, side / 6, 0, 2 * Math.PI);
      pen.fill();
      return pen.createPattern(tile, "repeat");
    }
    for (const at of [-side, 0, side]) {
      if (look.hatch === "right") { pen.moveTo(at, side); pen.lineTo(at + side, 0); }
      if (look.hatch === "left") { pen.moveTo(at, 0); pen.lineTo(at + side, side); }
    }
    if (look.hatch === "upright") { pen.moveTo(side / 2, 0); pen.lineTo(side / 2, side); }
    if (look.hatch === "level") { pen.moveTo(0, side / 2); pen.lineTo(side, side / 2); }
    pen.stroke();
    return pen.createPattern(tile, "repeat");
  }

  /** The same for a mark in the legend, where it is a background in CSS. */
  function mark(look) {
    const hex = colour(look.colour);
    if (look.dash) {
      const [on, off] = look.dash;
      const stripes = `repeating-linear-gradient(90deg, ${hex} 0 ${on}px, transparent ${on}px ${on + off}px)`;
      return `${stripes} center / 100% 3px no-repeat`;
    }
    if (look.line) return `linear-gradient(${hex}, ${hex}) center / 100% 3px no-repeat`;
    if (look.hatch === "dots") return `radial-gradient(circle, ${hex} 1.5px, ${faint(hex, 0.22)} 2px) 0 0 / 6px 6px`;
    if (look.hatch) return `repeating-linear-gradient(${HATCH_CSS[look.hatch]}, ${hex} 0 1.5px, ${faint(hex, 0.22)} 1.5px 5px)`;
    return faint(hex, 0.75);
  }

  const number = (value) => value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });

  function duration(us) {
    if (us < 1e3) return number(us) + " µs";
    return us < 1e6 ? number(us / 1e3) + " ms" : number(us / 1e6) + " s";
  }

  /** An axis; the label says what it counts. */
  function axis(label, more) {
    return Object.assign({
      label, labelFont: FONT, font: FONT, labelSize: 24, stroke: colour("ink"),
      grid: { stroke: colour("grid"), width: 1 }, ticks: { stroke: colour("grid"), width: 1 },
    }, more);
  }

  /** An axis of counts, wide enough for its longest number. */
  const counts = (label, more) => axis(label, Object.assign({
    size: 72, values: (_, splits) => splits.map((value) => value == null ? "" : number(value)),
  }, more));

  /** Whether a value is 1, 10, 100 and so on: what a logarithmic axis is labelled with. */
  const isDecade = (value) => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;

  /** A logarithmic axis of microseconds. */
  const durations = (label, more) => axis(label, Object.assign({
    size: 72, values: (_, splits) => splits.map((us) => us > 0 && isDecade(us) ? duration(us) : ""),
  }, more));

  /** Options of a chart as wide as its place. */
  function options(place, height, more) {
    return Object.assign({
      width: Math.max(280, place.clientWidth), height, padding: [12, 16, 0, 0],
      legend: { markers: { width: 0, fill: (u, i) => mark(u.series[i].look || { colour: "gray" }) } },
      cursor: { points: { size: 7 } },
    }, more);
  }

  /** A line that keeps its height until the next point, as a sum over an interval has it. */
  const steps = uPlot.paths.stepped({ align: 1 });

  /** A series of a look. */
  function series(label, look, more) {
    return Object.assign({
      label, look, stroke: colour(look.colour), width: 2, dash: look.dash, points: { show: false },
    }, more);
  }

  /** Whether a pixel within a few of a place has the colour, or nearly. */
  function has(pixels, x, y, want) {
    const reach = Math.ceil(4 * (devicePixelRatio || 1));
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const column = Math.round(x) + dx;
        const row = Math.round(y) + dy;
        if (column < 0 || row < 0 || column >= pixels.width || row >= pixels.height) continue;
        const at = 4 * (row * pixels.width + column);
        const isNear = want.every((part, i) => Math.abs(pixels.data[at + i] - part) < 48);
        if (isNear && pixels.data[at + 3] > 128) return true;
      }
    }
    return false;
  }

  /**
   * Looks for every point of a chart on its canvas.
   *
   * @param spots for a chart that draws itself: what should be where, as {label, colour, x, y, value}, in canvas pixels
   * @return the pixels that are not blank, and by series how many points it has, how many of them are seen, and their
   *     values, which say where they were looked for
   */
  function readBack(u, spots) {
    const canvas = u.ctx.canvas;
    const pixels = u.ctx.getImageData(0, 0, canvas.width, canvas.height);
    let ink = 0;
    for (let at = 3; at < pixels.data.length; at += 4) ink += pixels.data[at] > 0 ? 1 : 0;
    const found = new Map();
    const look = (label, name, x, y, value) => {
      const counted = found.get(label) || { label, points: 0, seen: 0, values: [] };
      counted.points++;
      counted.values.push(value);
      counted.seen += has(pixels, x, y, rgb(colour(name))) ? 1 : 0;
      found.set(label, counted);
    };
    if (spots) spots.forEach((spot) => look(spot.label, spot.colour, spot.x, spot.y, spot.value));
    u.series.forEach((one, i) => {
      if (i === 0 || !one.look) return;
      u.data[i].forEach((y, at) => {
        if (y == null) return;
        const top = u.valToPos(y, one.scale, true);
        look(one.label, one.look.colour, u.valToPos(u.data[0][at], "x", true), top, y);
      });
    });
    return { ink, series: [...found.values()] };
  }

  return { FONT, colour, fill, mark, number, duration, axis, counts, durations, options, steps, series, readBack };
})();
