// Days that move under a finger: each chart by day is drawn from the table behind it, so both say the same.
// A click on a day opens it; pulling over some days with a mouse opens these. Without this script the columns stand.

const SPAN = 240; // pixels high
const DAY = 86400;
const WHOLE = Array.from({ length: 36 }, (_, at) => [1, 2, 5][at % 3] * 10 ** Math.floor(at / 3)); // no half a person

function rows(chart) {
  return [...chart.querySelectorAll("tbody tr")].map((row) => ({
    day: row.querySelector("th").textContent.trim(),
    link: row.querySelector("a")?.href,
    words: row.querySelector("td").textContent.trim(),
    few: row.hasAttribute("data-few"),
    value: row.dataset.value === undefined ? null : Number(row.dataset.value),
    other: row.dataset.other === undefined ? null : Number(row.dataset.other),
    otherDay: row.dataset.otherName,
    otherWords: row.querySelector("td:last-child").textContent.trim(),
  }));
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function written(number, rate) {
  if (number === null || number === undefined) return "—";
  if (rate) return `${(100 * number).toFixed(0)}%`;
  return number.toLocaleString(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 });
}

function open(found, from, to) {
  const address = new URL(from === to && found[from].link ? found[from].link : location.href);
  if (from !== to) {
    address.searchParams.delete("beside");
    address.searchParams.delete("edition");
    address.searchParams.set("period", `${found[from].day}..${found[to].day}`);
    address.searchParams.delete("from");
    address.searchParams.delete("to");
  }
  location.assign(address);
}

function draw(chart) {
  const found = rows(chart);
  const box = chart.querySelector(".plot");
  if (!box || found.length < 2) return;
  const rate = chart.hasAttribute("data-rate");
  const times = found.map((row) => Date.parse(`${row.day}T00:00:00Z`) / 1000);
  const two = chart.dataset.then !== "";
  const font = `13px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: colour("--muted"), font, grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const series = [
    { label: chart.dataset.day, value: (_, at) => (at === null ? "—" : new Date(at * 1000).toISOString().slice(0, 10)) },
    {
      label: chart.dataset.now,
      stroke: colour("--accent"),
      width: 2.5,
      fill: `${colour("--accent")}22`,
      points: { show: found.length < 40, size: 6, fill: colour("--accent") },
      value: (_, value, __, at) => (at === null ? "—" : found[at].words),
    },
  ];
  if (two) {
    series.push({
      label: chart.dataset.then,
      stroke: colour("--then"),
      width: 2,
      dash: [6, 5],
      points: { show: false },
      value: (_, value, __, at) => (at === null || !found[at].otherDay ? "—" : `${found[at].otherWords} (${found[at].otherDay})`),
    });
  }
  const few = found.some((row) => row.few);
  if (few) {
    const points = { show: true, size: 5, stroke: colour("--then"), fill: colour("--then") };
    const hidden = chart.dataset.hidden;
    series.push({ label: hidden, stroke: "transparent", points, value: (_, value) => (value === null ? "" : hidden) });
  }
  const plot = new window.uPlot(
    {
      width: box.parentElement.clientWidth - 34,
      height: SPAN,
      tzDate: (at) => new Date(at * 1000 + new Date(at * 1000).getTimezoneOffset() * 60000),
      scales: { y: { range: (_, low, high) => [Math.min(0, low ?? 0), high > 0 ? high * 1.08 : 1] } },
      cursor: { drag: { x: true, y: false, setScale: false } },
      axes: [
        { ...axis, values: (_, splits) => splits.map((at) => new Date(at * 1000).toISOString().slice(5, 10)), incrs: [1, 2, 7, 14, 30, 61, 91].map((days) => days * DAY), space: 64 },
        { ...axis, size: 52, ...(rate ? {} : { incrs: WHOLE }), values: (_, splits) => splits.map((value) => written(value, rate)) },
      ],
      series,
      hooks: {
        setSelect: [
          (drawn) => {
            if (drawn.select.width < 4) return;
            const [from, to] = [drawn.select.left, drawn.select.left + drawn.select.width].map((x) => drawn.posToIdx(x));
            open(found, from, to);
          },
        ],
      },
    },
    [times, found.map((row) => row.value), ...(two ? [found.map((row) => row.other)] : []), ...(few ? [found.map((row) => (row.few ? 0 : null))] : [])],
    box,
  );
  let shown = null; // a finger's first tap tells the numbers, its second one opens the day
  plot.over.addEventListener("click", (tap) => {
    const at = plot.cursor.idx ?? null;
    if (at === null || plot.select.width >= 4) return;
    if (tap.pointerType === "touch" && shown !== at) shown = at;
    else open(found, at, at);
  });
  new ResizeObserver(() => plot.setSize({ width: chart.clientWidth - 34, height: SPAN })).observe(chart);
}

if (window.uPlot) document.querySelectorAll("[data-days]").forEach(draw);
