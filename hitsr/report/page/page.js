"use strict";
// The report works without this script: it adds themes, sorting, filters, the origin of numbers, and enlarged figures.

const THEME = "hitsr-theme";

// A page opened from a file may have no storage; the theme then follows the system.
function remembered() {
  try { return localStorage.getItem(THEME); } catch { return null; }
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  const button = document.getElementById("theme");
  if (button) button.setAttribute("aria-pressed", String(theme === "dark"));
}

function system() {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

setTheme(remembered() ?? system());

function themes() {
  setTheme(document.documentElement.dataset.theme);
  document.getElementById("theme").addEventListener("click", () => {
    const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    setTheme(theme);
    try { localStorage.setItem(THEME, theme); } catch { /* not remembered */ }
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => remembered() ?? setTheme(system()));
}

// ---------------------------------------------------------------------------------------------------------------------
// Tables: each block of rows (a scale) is sorted by itself; cells without a value come last in either direction.

const words = new Intl.Collator("en", { numeric: true });

function key(row, column) {
  const cell = row.cells[column];
  const text = cell.textContent.trim();
  if (cell.dataset.value !== undefined) {
    const value = Number(cell.dataset.value);
    return Number.isNaN(value) ? text : value;
  }
  if (text === "–" || text === "") return null;
  return /^[+−-]?[\d.,]+/.test(text) ? parseFloat(text.replace("−", "-").replaceAll(",", "")) : text;
}

function compare(a, b, sign) {
  if (a === null || b === null) return (a === null) - (b === null);
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return sign * (typeof a === "number" ? a - b : words.compare(a, b));
}

function sortable(table) {
  const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
  const order = new Map([...table.tBodies].flatMap(body => [...body.rows].map((row, index) => [row, index])));
  const following = { none: "ascending", ascending: "descending", descending: "none" };
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const direction = following[head.ariaSort];
    heads.forEach(other => { other.ariaSort = "none"; });
    head.ariaSort = direction;
    const sign = direction === "descending" ? -1 : 1;
    for (const body of table.tBodies) {
      const rows = [...body.rows].sort((a, b) =>
        (direction === "none" ? 0 : compare(key(a, column), key(b, column), sign)) || order.get(a) - order.get(b));
      body.append(...rows);
    }
  }));
}

// Words separated by spaces must all occur in a row; alternatives are separated by commas. "x2" finds "×2".
function matches(text, query) {
  const wanted = query.toLowerCase().replace(/\bx(?=\d)/g, "×").split(",").map(part => part.split(/\s+/).filter(Boolean));
  return wanted.every(part => !part.length) || wanted.some(part => part.length && part.every(word => text.includes(word)));
}

function filterable(section) {
  const box = section.querySelector(".filter");
  const rows = [...section.querySelectorAll("tbody tr")];
  box.addEventListener("input", () => {
    rows.forEach(row => { row.hidden = !matches(row.textContent.toLowerCase(), box.value); });
    const left = rows.filter(row => !row.hidden).length;
    section.querySelector(".count").textContent = box.value.trim() ? `${left} of ${rows.length} rows` : "";
  });
}

function tables() {
  document.querySelectorAll("table.sortable").forEach(sortable);
  const sections = [...document.querySelectorAll("section.table")];
  sections.forEach(filterable);
  const find = document.getElementById("find");
  find.addEventListener("input", () => sections.forEach(section => {
    const box = section.querySelector(".filter");
    box.value = find.value;
    box.dispatchEvent(new Event("input"));
  }));
}

// ---------------------------------------------------------------------------------------------------------------------
// Where a number comes from: its measurement files and the commands that made them.

function element(name, text, attributes = {}) {
  const made = Object.assign(document.createElement(name), attributes);
  if (text) made.textContent = text;
  return made;
}

function described(origin) {
  const link = element("p");
  link.append(element("a", origin.file, { href: origin.href }));
  if (!origin.command) return [link];
  const command = element("p");
  command.append(element("code", origin.command));
  const copy = element("button", "Copy", { type: "button", className: "copy" });
  copy.dataset.copy = origin.command;
  command.append(" ", copy);
  return [link, command, element("p", `${origin.started}, ${origin.seconds} s, commit ${origin.commit}, ${origin.device}`, { className: "soft" })];
}

function showOrigin(panel, cell, origins) {
  const value = cell.closest("[data-value]")?.dataset.value;
  const parts = origins.map(described);
  panel.replaceChildren(...(value ? [element("p", `Unrounded: ${value}`)] : []), ...parts.flatMap((part, i) => i ? [element("hr"), ...part] : part));
  panel.showPopover();
  panel.dataset.at = scrollY;
  const at = cell.getBoundingClientRect(), size = panel.getBoundingClientRect();
  panel.style.left = `${Math.max(16, Math.min(at.left, innerWidth - size.width - 16))}px`;
  panel.style.top = `${at.bottom + 6 + size.height > innerHeight ? Math.max(16, at.top - size.height - 6) : at.bottom + 6}px`;
  panel.querySelector("a").focus({ preventScroll: true });
}

function numbers(origins) {
  const panel = document.getElementById("origin");
  document.addEventListener("click", event => {
    const cell = event.target.closest("a[data-files]");
    if (!cell || event.ctrlKey || event.metaKey || event.shiftKey || !panel.showPopover) return;
    event.preventDefault();
    showOrigin(panel, cell, cell.dataset.files.split(" ").map(index => origins[index]));
  });
  panel.addEventListener("toggle", event => { if (event.newState === "open") panel.scrollTop = 0; });
  // the last pixels of a scroll that the click ended do not hide it
  const away = () => panel.matches(":popover-open") && Math.abs(scrollY - panel.dataset.at) > 60;
  addEventListener("scroll", () => { if (away()) panel.hidePopover(); }, { passive: true });
}

// ---------------------------------------------------------------------------------------------------------------------

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea", "", { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function copies() {
  document.addEventListener("click", async event => {
    const button = event.target.closest(".copy");
    if (!button) return;
    await copy(button.dataset.copy ?? document.getElementById(button.dataset.copyFrom).textContent);
    const label = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1200);
  });
}

function figures() {
  const viewer = document.getElementById("viewer");
  const shown = [...document.querySelectorAll(".shown")];
  let current = 0;
  const show = index => {
    current = (index + shown.length) % shown.length;
    const image = shown[current].querySelector("img");
    viewer.querySelector("img").src = image.src;
    viewer.querySelector("img").alt = image.alt;
    viewer.querySelector("p").textContent = `${shown[current].querySelector("h2").firstChild.textContent.trim()} (${current + 1} of ${shown.length})`;
  };
  shown.forEach((section, index) => section.querySelector(".enlarge").addEventListener("click", () => { show(index); viewer.showModal(); }));
  viewer.querySelector(".previous").addEventListener("click", () => show(current - 1));
  viewer.querySelector(".next").addEventListener("click", () => show(current + 1));
  for (const part of [".close", "img"]) viewer.querySelector(part).addEventListener("click", () => viewer.close());
  viewer.addEventListener("keydown", event => {
    if (event.key === "ArrowLeft") show(current - 1);
    if (event.key === "ArrowRight") show(current + 1);
  });
  viewer.addEventListener("close", () => shown[current].querySelector(".enlarge").focus());
}

function comparison(crops) {
  if (!crops.length) return;
  const [crop, left, right, range] = ["crop", "left", "right", "range"].map(name => document.getElementById(`compare-${name}`));
  const stage = range.parentElement;
  const panels = () => crops[crop.value].panels;
  const title = panel => panel.score ? `${panel.label} ${panel.score}` : panel.label;
  const show = () => {
    for (const [select, image, tag] of [[left, "above", "left-tag"], [right, "below", "right-tag"]]) {
      const panel = panels()[select.value];
      const shown = document.getElementById(`compare-${image}`);
      [shown.src, shown.alt] = [panel.source, `${crops[crop.value].title} by ${panel.label}`];
      document.getElementById(`compare-${tag}`).textContent = title(panel);
    }
  };
  const fill = () => {
    for (const [select, first] of [[left, 1], [right, 0]]) {
      const before = select.value || String(Math.min(first, panels().length - 1));
      select.replaceChildren(...panels().map((panel, index) => element("option", title(panel), { value: index })));
      select.value = before;
    }
    show();
  };
  crop.addEventListener("change", fill);
  [left, right].forEach(select => select.addEventListener("change", show));
  document.getElementById("compare-swap").addEventListener("click", () => { [left.value, right.value] = [right.value, left.value]; show(); });
  range.addEventListener("input", () => stage.style.setProperty("--split", `${range.value}%`));
  fill();
}

// A table that is wider than the screen says which columns are out of sight.
function cues() {
  const show = box => {
    const cue = box.nextElementSibling;
    if (!cue?.classList.contains("cue")) return;
    const edge = box.getBoundingClientRect().right;
    const heads = [...box.querySelectorAll("thead tr:last-child th")];
    const out = heads.filter(head => head.getBoundingClientRect().right > edge + 1).map(head => head.textContent.trim());
    cue.hidden = !out.length;
    cue.querySelector(".cut").textContent = out.length > 4 ? `${out.slice(0, 4).join(", ")} and ${out.length - 4} more columns` : out.join(", ");
  };
  document.querySelectorAll(".wide").forEach(box => {
    box.addEventListener("scroll", () => show(box), { passive: true });
    new ResizeObserver(() => show(box)).observe(box);
  });
}

// What is folded up on the screen is printed all the same.
function printing() {
  const folded = document.querySelectorAll("#claims details");
  addEventListener("beforeprint", () => folded.forEach(part => { part.open = true; }));
}

// The contents mark the section that is read; where they would stand above the answer they are folded up.
function contents() {
  const narrow = matchMedia("(max-width: 62rem)");
  const fold = () => { document.querySelector("nav details").open = !narrow.matches; };
  fold();
  narrow.addEventListener("change", fold);
  const links = new Map([...document.querySelectorAll("nav a")].map(link => [link.hash.slice(1), link]));
  const seen = new IntersectionObserver(entries => entries.filter(entry => entry.isIntersecting).forEach(entry => {
    if (!links.has(entry.target.id)) return;
    links.forEach(link => link.removeAttribute("aria-current"));
    links.get(entry.target.id).setAttribute("aria-current", "true");
  }), { rootMargin: "-15% 0px -75% 0px" });
  document.querySelectorAll("main > section").forEach(section => seen.observe(section));
}

document.addEventListener("DOMContentLoaded", () => {
  const data = JSON.parse(document.getElementById("page-data").textContent);
  themes();
  tables();
  numbers(data.origins);
  copies();
  figures();
  comparison(data.crops);
  contents();
  printing();
  cues();
});
