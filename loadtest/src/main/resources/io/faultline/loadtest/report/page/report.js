// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** Draws the report's charts from the data that is in the page. With #check each says what it has drawn. */
(() => {
  "use strict";

  const data = JSON.parse(document.getElementById("data").textContent);
  const SYNC_TIME = uPlot.sync("time");

  /** The beginnings of a series' slots, and where the last one ends: a run seldom fills its last slot. */
  function times(slots, slotS, endS) {
    const xs = Array.from({ length: slots }, (_, slot) => slot * slotS);
    const last = Math.max(endS, xs[slots - 1] + slotS / 1e3);
    return { xs: [...xs, last], lastSlotS: Math.min(slotS, last - xs[slots - 1]) };
  }

  /**
   * Sums by slot as rates, each with the length that its slot has; the last is repeated where it ends. A last slot that
   * has hardly begun says nothing of its own, and is counted to the one before.
   */
  function rates(sums, slotS, lastSlotS) {
    const last = sums.length - 1;
    const all = sums.map((sum, slot) => sum / (slot === last ? lastSlotS : slotS));
    if (last > 0 && lastSlotS < slotS / 4) {
      all[last] = all[last - 1] = (sums[last] + sums[last - 1]) / (slotS + lastSlotS);
    }
    return [...all, all[last]];
  }

  const total = (sums) => sums.reduce((sum, one) => sum + one, 0);

  const plus = (...arrays) => arrays[0].map((_, at) => total(arrays.map((array) => array[at])));

  const timeAxis = () => charts.axis("seconds since the guest began", {
    size: 36,
    values: (_, splits) => splits.map((s) => charts.number(s)),
  });

  /** Layers upon each other, the first one lowest; those that are nothing throughout are left out. */
  function stack(place, unit, layers, slotS) {
    const present = layers.filter((layer) => total(layer.sums) > 0);
    if (present.length === 0) return null;
    const { xs, lastSlotS } = times(present[0].sums.length, slotS, data.run.elapsed_s);
    const own = present.map((layer) => rates(layer.sums, slotS, lastSlotS));
    const tops = own.map((_, at) => plus(...own.slice(0, at + 1)));
    const options = charts.options(place, 300, {
      scales: { x: { time: false }, y: { range: (_, min, max) => [0, (max || 1) * 1.08] } },
      axes: [timeAxis(), charts.counts(unit)],
      cursor: { sync: { key: SYNC_TIME.key }, points: { size: 7 } },
      series: [{ label: "At", value: (_, s) => s == null ? "" : charts.number(s) + " s" }].concat(
        // The uppermost first, as in the picture.
        present.map((layer, at) => charts.series(layer.label, layer.look, {
          paths: charts.steps, width: 1.5,
          value: (_u, _v, _s, i) => i == null ? charts.number(total(layer.sums)) + " in all" : charts.number(own[at][i]) + " a second",
        })).reverse()),
      bands: present.map((layer, at) => at).slice(1).reverse().map((at) => ({
        series: [present.length - at, present.length - at + 1], fill: charts.fill(present[at].look),
      })),
    });
    options.series[present.length].fill = charts.fill(present[0].look);
    return [new uPlot(options, [xs, ...tops.reverse()], place)];
  }

  const OUTCOMES = [
    ["Asynchronous: the vCPU ran on", { colour: "blue", hatch: "right" }, ["resolved_ready", "resolved_cancelled", "resolved_dropped"]],
    ["Synchronous: the vCPU stood still", { colour: "vermilion" }, ["mapped_sync"]],
    ["The page was there", { colour: "green", hatch: "dots" }, ["mapped_resident"]],
    ["Never written: zeros", { colour: "gray", hatch: "level" }, ["mapped_zero_fill"]],
    ["Failed", { colour: "purple", hatch: "left" }, ["failed"]],
  ];

  const TIERS = [
    ["Swap store", { colour: "purple", hatch: "right" }, "swap_store"],
    ["Pager's compressed memory", { colour: "sky", hatch: "upright" }, "compressed"],
    ["Pager's memory", { colour: "orange", hatch: "dots" }, "dram"],
  ];

  function outcomes(place) {
    const history = data.run.history;
    return stack(place, "faults a second", OUTCOMES.map(([label, look, keys]) => ({
      label, look, sums: plus(...keys.map((key) => history.outcomes[key])),
    })), history.slot_s);
  }

  function tiers(place) {
    const history = data.run.history;
    return stack(place, "pages a second", TIERS.map(([label, look, key]) => ({
      label, look, sums: history.sources[key],
    })), history.slot_s);
  }

  function standstill(place) {
    const history = data.run.history;
    const slotS = history.slot_s;
    const { xs, lastSlotS } = times(history.tasks_parked.length, slotS, data.run.elapsed_s);
    const averages = (name) => rates(history[name].map((average) => average * slotS), slotS, lastSlotS);
    const value = (_, average) => average == null ? "" : charts.number(average);
    return [new uPlot(charts.options(place, 240, {
      scales: { x: { time: false }, y: { range: (_, min, max) => [0, Math.max(1, max) * 1.1] } },
      axes: [timeAxis(), charts.counts("at once, on the average")],
      cursor: { sync: { key: SYNC_TIME.key }, points: { size: 7 } },
      series: [
        { label: "At", value: (_, s) => s == null ? "" : charts.number(s) + " s" },
        charts.series(`Tasks put aside, of ${data.run.run.settings.tasks}`, { colour: "blue", dash: [7, 4] }, { paths: charts.steps, value }),
        charts.series(`vCPUs standing still, of ${data.run.run.settings.vcpus}`, { colour: "vermilion", line: true }, { paths: charts.steps, value, width: 2.5 }),
      ],
    }), [xs, averages("tasks_parked"), averages("vcpus_standing_still")], place)];
  }

  const STATES = {
    parked: ["Put aside until the page is there; others run", { colour: "blue", hatch: "right" }],
    asking: ["Keeps the vCPU: asking whether to run on", { colour: "orange" }],
    mapping: ["Keeps the vCPU: mapping a page that was there", { colour: "green", hatch: "dots" }],
    standing_still: ["Keeps the vCPU: standing still for the page", { colour: "vermilion" }],
  };

  function timeline(place, spots) {
    const spans = data.run.history.timeline.spans_us;
    if (spans.length === 0) return null;
    const lanes = [...new Map(spans.map(([vcpu, task]) => [task, vcpu]))].sort((a, b) => a[1] - b[1] || a[0] - b[0]);
    const laneOf = new Map(lanes.map(([task], lane) => [task, lane]));
    const from = Math.min(...spans.map((span) => span[3]));
    const to = Math.max(...spans.map((span) => span[4]));
    const present = Object.keys(STATES).filter((state) => spans.some((span) => span[2] === state));
    // What keeps a vCPU lies above what does not.
    const inOrder = [...spans].sort((a, b) => (b[2] === "parked") - (a[2] === "parked"));
    const draw = (u) => {
      const pen = u.ctx;
      const height = Math.abs(u.valToPos(1, "y", true) - u.valToPos(0, "y", true)) * 0.68;
      pen.save();
      pen.beginPath();
      pen.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
      pen.clip();
      pen.fillStyle = charts.colour("gray");
      lanes.forEach((_, lane) => pen.fillRect(u.bbox.left, u.valToPos(lane, "y", true) - 0.5, u.bbox.width, 1));
      const looks = Object.fromEntries(present.map((state) => [state, charts.fill(STATES[state][1])]));
      spots.length = 0;
      for (const [, task, state, beginsUs, endsUs] of inOrder) {
        // On whole pixels, so that the narrowest is to be seen.
        const left = Math.round(u.valToPos((beginsUs - from) / 1e3, "x", true));
        const width = Math.max(1, Math.round(u.valToPos((endsUs - from) / 1e3, "x", true)) - left);
        const middle = u.valToPos(laneOf.get(task), "y", true);
        const tall = Math.round(state === "parked" ? height * 0.6 : height);
        const top = Math.round(middle - tall / 2);
        pen.fillStyle = charts.colour(STATES[state][1].colour);
        pen.fillRect(left, top, width, tall);
        if (width > 4) {
          pen.fillStyle = charts.colour("paper");
          pen.fillRect(left + 1, top + 1, width - 2, tall - 2);
          pen.fillStyle = looks[state];
          pen.fillRect(left + 1, top + 1, width - 2, tall - 2);
        }
        spots.push({ label: state, colour: STATES[state][1].colour, x: left, y: middle, value: endsUs - beginsUs });
      }
      pen.restore();
    };
    return [new uPlot(charts.options(place, 70 + 30 * lanes.length, {
      scales: { x: { time: false }, y: { dir: -1, range: () => [-0.5, lanes.length - 0.5] } },
      axes: [
        charts.axis(`milliseconds, from ${charts.number(from / 1e6)} s after the guest began`, {
          size: 36,
          values: (_, splits) => splits.map((ms) => charts.number(ms)),
        }),
        charts.axis(null, {
          labelSize: 0, size: 118, grid: { show: false }, ticks: { show: false },
          splits: () => lanes.map((_, lane) => lane),
          values: () => lanes.map(([task, vcpu]) => `vCPU ${vcpu}, task ${task}`),
        }),
      ],
      cursor: { y: false, points: { show: false } },
      series: [{ label: "At", value: (_, ms) => ms == null ? "" : charts.number(ms) + " ms" }].concat(
        present.map((state) => Object.assign(charts.series(STATES[state][0], STATES[state][1], { value: () => "" }), { paths: () => null }))),
      hooks: { draw: [draw] },
    }), [[0, (to - from) / 1e3], ...present.map(() => [null, null])], place)];
  }

  const WAYS = {
    asynchronous: ["Asynchronous: the vCPU ran on", { colour: "blue", line: true }],
    synchronous: ["Synchronous: the vCPU stood still", { colour: "vermilion", dash: [8, 4] }],
    resident: ["The page was there", { colour: "green", dash: [2, 3] }],
    zero_fill: ["Never written: zeros", { colour: "gray", dash: [12, 3] }],
  };

  /** The power of ten that is not above a value. */
  const decade = (value) => Math.pow(10, Math.floor(Math.log10(value) + 1e-9));

  function latency(place) {
    const present = data.run.history.latencies.filter((one) => one.source === "all" && WAYS[one.outcome]);
    if (present.length === 0) return null;
    const step = Math.pow(10, 0.1);
    const lowest = Math.min(...present.map((one) => one.buckets[0][0]));
    const highest = Math.max(...present.map((one) => one.buckets[one.buckets.length - 1][0]));
    const xs = [];
    for (let i = -1; lowest * Math.pow(step, i) < highest * step * 1.01; i++) xs.push(lowest * Math.pow(step, i));
    const at = (us) => Math.round(Math.log10(us / lowest) * 10) + 1;
    const shares = present.map((one) => {
      // Down to the baseline on both sides, and no line along it where there is nothing.
      const [first, last] = [at(one.buckets[0][0]), at(one.buckets[one.buckets.length - 1][0])];
      const ys = xs.map((_, i) => i < first - 1 || i > last + 1 ? null : 0);
      one.buckets.forEach(([us, count]) => { ys[at(us)] = 100 * count / one.count; });
      return ys;
    });
    return [new uPlot(charts.options(place, 300, {
      scales: {
        // From 1, 2 … 9 times a power of ten, since the axis counts from there.
        x: { time: false, distr: 3, range: (_, min, max) => [decade(min) * Math.floor(min / decade(min) + 1e-9), max * step] },
        y: { range: (_, min, max) => [0, max * 1.08] },
      },
      axes: [
        charts.durations("time from the fault to the page, slower to the right", { size: 40 }),
        charts.counts("% of the faults of its kind"),
      ],
      series: [{ label: "From", value: (_, us) => us == null ? "" : charts.duration(us) }].concat(present.map((one) => {
        const [label, look] = WAYS[one.outcome];
        return charts.series(`${label} (${charts.number(one.count)})`, look, {
          paths: charts.steps, fill: look.line ? charts.fill({ colour: look.colour, hatch: "right" }) : undefined,
          value: (_, share) => share == null ? "" : charts.number(share) + " %",
        });
      })),
    }), [xs, ...shares], place)];
  }

  const MARKS = [[0, "0"], [0.301, "50 %"], [1, "90 %"], [2, "99 %"], [3, "99.9 %"], [4, "99.99 %"], [4.6, "all"]];

  const TIER_COLOURS = { dram: "orange", compressed: "sky", swap_store: "purple" };

  function tail(place) {
    const present = data.run.history.latencies.filter((one) => TIER_COLOURS[one.source] && one.count >= 100);
    if (present.length === 0) return null;
    const nines = (percentile) => percentile >= 100 ? 4.6 : -Math.log10(1 - percentile / 100);
    const xs = present[0].percentiles_us.map(([percentile]) => nines(percentile));
    const tierName = (key) => TIERS.find((tier) => tier[2] === key)[0];
    return [new uPlot(charts.options(place, 320, {
      scales: { x: { time: false, range: () => [0, 4.7] }, y: { distr: 3 } },
      axes: [
        charts.axis("so many of the faults took no longer", {
          size: 36,
          splits: () => MARKS.map((one) => one[0]), values: () => MARKS.map((one) => one[1]),
        }),
        charts.durations("time from the fault to the page"),
      ],
      series: [{ label: "Of all", value: (_u, _v, _s, i) => i == null ? "" : present[0].percentiles_us[i][0] + " %" }].concat(
        present.map((one) => {
          const isAsync = one.outcome === "asynchronous";
          const look = { colour: TIER_COLOURS[one.source], dash: isAsync ? undefined : [7, 4], line: isAsync };
          return charts.series(`${tierName(one.source)}, ${one.outcome} (${charts.number(one.count)})`, look, {
            points: { show: true, size: isAsync ? 6 : 5, fill: isAsync ? charts.colour(look.colour) : charts.colour("paper") },
            value: (_, us) => us == null ? "" : charts.duration(us),
          });
        })),
    }), [xs, ...present.map((one) => one.percentiles_us.map(([, us]) => Math.max(us, 0.1)))], place)];
  }

  function workingSet(place) {
    const workingSet = data.run.history.working_set;
    if (workingSet.pages.length === 0) return null;
    const { xs } = times(workingSet.pages.length, workingSet.slot_s, data.run.elapsed_s);
    const pages = [...workingSet.pages, workingSet.pages[workingSet.pages.length - 1]];
    const allowed = data.run.run.settings.resident_pages_max;
    const look = { colour: "green", hatch: "left" };
    const value = (_, count) => count == null ? "" : charts.number(count) + " pages";
    return [new uPlot(charts.options(place, 240, {
      scales: { x: { time: false }, y: { range: (_, min, max) => [0, max * 1.1] } },
      axes: [timeAxis(), charts.counts("pages")],
      cursor: { sync: { key: SYNC_TIME.key }, points: { size: 7 } },
      series: [
        { label: "At", value: (_, s) => s == null ? "" : charts.number(s) + " s" },
        charts.series(`Different pages in ${charts.duration(workingSet.slot_s * 1e6)}`, look, { paths: charts.steps, fill: charts.fill(look), value }),
        charts.series("Allowed with the guest", { colour: "ink", dash: [7, 4] }, { value }),
      ],
    }), [xs, pages, xs.map(() => allowed)], place)];
  }

  /** Bars with their names below and their values on top. */
  function bars(place, unit, height, all, format) {
    const label = (u) => {
      const pen = u.ctx;
      pen.save();
      pen.fillStyle = charts.colour("ink");
      pen.textAlign = "center";
      pen.textBaseline = "bottom";
      pen.font = charts.FONT.replace(/^\d+/, (size) => size * (devicePixelRatio || 1));
      all.forEach((bar, at) => pen.fillText(format(bar.value), u.valToPos(at, "x", true), u.valToPos(bar.value, "y", true) - 4));
      pen.restore();
    };
    const paths = uPlot.paths.bars({ size: [0.62, 90] });
    const isNarrow = all.length > 3 && place.clientWidth / all.length < 85;
    return new uPlot(charts.options(place, height + (isNarrow ? 50 : 0), {
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: () => [-0.6, all.length - 0.4] },
        y: { range: (_, min, max) => [0, (max || 1) * 1.15] },
      },
      axes: [
        charts.axis(null, {
          labelSize: 0, size: isNarrow ? 90 : 48, rotate: isNarrow ? -45 : 0, grid: { show: false },
          splits: () => all.map((_, at) => at), values: () => all.map((bar) => bar.name),
        }),
        charts.counts(unit),
      ],
      // A series for each bar, so that each has its look.
      series: [{}].concat(all.map((bar) => charts.series(bar.name, bar.look, { paths, fill: charts.fill(bar.look) }))),
      hooks: { draw: [label] },
    }), [all.map((_, at) => at), ...all.map((bar, at) => all.map((_, other) => other === at ? bar.value : null))], place);
  }

  const MODES = [
    ["sync", "sync", { colour: "vermilion" }],
    ["async", "async", { colour: "blue", hatch: "right" }],
    ["async_prefetch", "async,\nprefetch", { colour: "green", hatch: "dots" }],
  ];

  const PANELS = [
    ["Elapsed", "seconds", (mode) => mode.elapsed_s],
    ["vCPUs stood still", "% of the time", (mode) => 100 * mode.vcpu_blocked_share],
    ["A task's wait for a page", "times synchronous", (mode) => mode.task_slowdown],
  ];

  function guests(place) {
    const panels = document.createElement("div");
    panels.className = "panels";
    place.append(panels);
    return PANELS.map(([title, unit, value]) => {
      const panel = document.createElement("div");
      const heading = document.createElement("h3");
      heading.textContent = title;
      panel.append(heading);
      panels.append(panel);
      return [panel, unit, value];
    }).map(([panel, unit, value]) => bars(panel, unit, 220, MODES.map(([key, name, look]) => ({
      name, look, value: value(data.guests[key]),
    })), charts.number));
  }

  function policies(place) {
    const all = Object.entries(data.policies.misses).map(([policy, value]) => ({
      name: policy.replaceAll("_", " "),
      value,
      look: policy.startsWith("min_") ? { colour: "gray", hatch: "level" } : policy === "caffeine" ? { colour: "orange", hatch: "dots" } : { colour: "blue", hatch: "right" },
    }));
    return [bars(place, "misses", 280, all, charts.number)];
  }

  const DRAWERS = { outcomes, standstill, timeline, tiers, latency, tail, working_set: workingSet, guests, policies };

  let drawn = [];

  function drawAll() {
    drawn.forEach(({ plots }) => plots.forEach((plot) => plot.destroy()));
    drawn = [...document.querySelectorAll("[data-chart]")].map((place) => {
      place.replaceChildren();
      const spots = [];
      const plots = DRAWERS[place.dataset.chart](place, spots) || [];
      if (plots.length === 0) {
        const nothing = document.createElement("p");
        nothing.className = "nothing";
        nothing.textContent = "This run has nothing to show here.";
        place.append(nothing);
      }
      return { place, plots, spots };
    });
  }

  /** Reads every chart back from its canvas, and writes into the page what is there. */
  function check() {
    drawn.forEach(({ place, plots, spots }) => {
      place.dataset.drawn = JSON.stringify(plots.map((plot) => charts.readBack(plot, spots)));
    });
    document.documentElement.dataset.loaded = performance.getEntriesByType("resource").length;
    document.documentElement.dataset.checked = "true";
  }

  function redrawFor(isPrinting) {
    document.documentElement.classList.toggle("printing", isPrinting);
    drawAll();
  }

  drawAll();
  let width = document.body.clientWidth;
  addEventListener("resize", () => {
    if (document.body.clientWidth !== width) {
      width = document.body.clientWidth;
      drawAll();
    }
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  addEventListener("beforeprint", () => redrawFor(true));
  addEventListener("afterprint", () => redrawFor(false));
  // uPlot draws once the script is over.
  if (location.hash === "#check") setTimeout(check, 100);
})();
