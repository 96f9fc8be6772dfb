// Opens a run's report.html and every charts/*.html in headless Chromium, as a prosecutor would,
// with the network cut off, and checks what a reader relies on.
//
//     cd tests/browser && npm ci && cd ../..
//     node tests/browser/check.mjs OUT_DIR
//
// CHROMIUM names the browser, /usr/bin/chromium when unset. Prints one line a failure, then
// `N passed, N failed`; exits 1 when a check failed or there was nothing to check.
//
// A chart page is relied on for: an input #search; a panel #panel with a heading and, for a tie,
// the table of its records; the articles `#ties .tie` further down, which read the same without
// scripts; and window.moneytrailChart with cy, the drawing, and showTie(at).

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const NONSENSE = "qqxzvw no such name";
const EDGES_CHECKED_MAX = 500;

const outDir = process.argv[2];
if (!outDir) {
  console.error("usage: node tests/browser/check.mjs OUT_DIR");
  process.exit(2);
}

let passed = 0;
let failed = 0;

function expect(page, what, holds, found = "") {
  if (holds) {
    passed += 1;
  } else {
    failed += 1;
    console.log(`FAILED ${page}: ${what}${found === "" ? "" : `; found ${found}`}`);
  }
}

/** Opens a file with everything but itself cut off; returns the page and what it complained of. */
async function open(browser, path, options = {}) {
  const context = await browser.newContext({ offline: true, ...options });
  const page = await context.newPage();
  const own = pathToFileURL(path).href;
  const complaints = [];
  const fetched = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    const url = request.url().split("#")[0];
    if (url !== own && !url.startsWith("data:")) fetched.push(url);
  });
  await page.goto(own);
  return { context, page, complaints, fetched, own };
}

function expectQuiet(name, { complaints, fetched }) {
  expect(name, "the console stays empty", complaints.length === 0, complaints.join(" | "));
  expect(name, "nothing but the page itself is fetched", fetched.length === 0, fetched.join(" "));
}

async function expectNoSidewaysScroll(name, browser, path) {
  const phone = await open(browser, path, { viewport: { width: 390, height: 844 } });
  const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth);
  expect(name, "fits a phone's width", wide <= 390, `${wide} pixels`);
  await phone.context.close();
}

const visibleRows = (page) =>
  page.evaluate(
    () => [...document.querySelectorAll("[data-row]")].filter((row) => !row.hidden).length,
  );

async function checkReport(browser, path) {
  const name = basename(path);
  const opened = await open(browser, path);
  const { page } = opened;
  const status = page.locator("#search-status");

  const headings = await page.locator("h2").allTextContents();
  for (const heading of ["What was read", "What does not prove", "Findings", "How to read this page"]) {
    expect(name, `has a part "${heading}"`, headings.includes(heading), headings.join(", "));
  }

  const all = await visibleRows(page);
  expect(name, "has rows", all > 0);
  const row = page.locator("[data-row]").last();
  const words = (await row.innerText()).split(/\s+/).filter((word) => word.length > 3);
  if (words.length > 0) {
    await page.fill("#search", words[0].toUpperCase());
    const some = await visibleRows(page);
    expect(name, `search for ${words[0]} keeps its row`, await row.isVisible());
    expect(name, "search keeps no more rows than there are", some > 0 && some <= all, some);
    expect(name, "search says how many rows match", /\d+ of \d+ rows and charts match/.test(await status.innerText()));
  }
  await page.fill("#search", NONSENSE);
  expect(name, "search for nonsense hides every row", (await visibleRows(page)) === 0);
  expect(name, "search for nonsense says so", /no row/i.test(await status.innerText()));
  await page.fill("#search", "");
  expect(name, "an empty search shows every row again", (await visibleRows(page)) === all);

  const links = await page.locator("a[href]").evaluateAll((found) => found.map((one) => one.href));
  const missing = links.filter((link) => {
    const url = new URL(link);
    if (url.href.split("#")[0] === opened.own) {
      return false;
    }
    return url.protocol !== "file:" || !existsSync(fileURLToPath(url));
  });
  expect(name, "every link leads to a file of the run", missing.length === 0, missing.join(" "));
  expectQuiet(name, opened);
  await opened.context.close();

  const still = await open(browser, path, { javaScriptEnabled: false });
  expect(name, "reads without scripts", await still.page.locator("#read").isVisible());
  expect(name, "hides its search without scripts", !(await still.page.locator("#search").isVisible()));
  await still.context.close();
  await expectNoSidewaysScroll(name, browser, path);
}

/** Decimal text as an exact integer of its smallest unit. */
function units(text, digits) {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text.replaceAll(",", "").trim());
  if (!match) return null;
  const decimals = match[3] ?? "";
  if (decimals.length > digits) return null;
  return BigInt(match[1] + match[2] + decimals.padEnd(digits, "0"));
}

const decimals = (text) => (text.split(".")[1] ?? "").trim().length;

/** A party on the chart, or else any entity, by the label in the GraphML file beside the page. */
function nameOnChart(path) {
  const beside = join(dirname(path), `${basename(path, ".html")}.graphml`);
  if (!existsSync(beside)) return null;
  const text = readFileSync(beside, "utf8");
  const keys = new Map();
  for (const [tag] of text.matchAll(/<key\s[^>]*>/g)) {
    const value = (attribute) => new RegExp(`\\b${attribute}="([^"]*)"`).exec(tag)?.[1];
    if (value("for") === "node") keys.set(value("attr\\.name"), value("id"));
  }
  const nodes = text.split(/<node\b/).slice(1);
  const data = (node, key) =>
    new RegExp(`<data key="${keys.get(key)}">([^<]*)</data>`).exec(node)?.[1];
  const party = nodes.find((node) => data(node, "kind") === "party") ?? nodes[0];
  const label = party && data(party, "label");
  const letters = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return label?.replace(/&(lt|gt|quot|apos|amp);/g, (_, letter) => letters[letter]) ?? null;
}

async function checkChart(browser, path) {
  const name = `charts/${basename(path)}`;
  const opened = await open(browser, path, { viewport: { width: 1280, height: 800 } });
  const { page } = opened;
  if ((await page.locator("#search").count()) === 0) {
    // A chart on which nothing meets the conditions has nothing to search, and has to say so.
    expect(name, "a chart without entities says so", /no entit/i.test(await page.innerText("body")));
    expectQuiet(name, opened);
    await opened.context.close();
    return;
  }
  const ready = await page
    .waitForFunction(() => Boolean(window.moneytrailChart), null, { timeout: 20_000 })
    .then(() => true, () => false);
  expect(name, "the chart is drawn", ready);
  if (ready) {
    await checkChartSearch(name, page, nameOnChart(path));
    await checkChartClick(name, page);
    await checkChartEdges(name, page);
  }
  expectQuiet(name, opened);
  await opened.context.close();
}

/** What the panel says above everything else. */
const heading = (page) => page.locator("#panel h2").first().innerText();

async function checkChartSearch(name, page, party) {
  expect(name, "names an entity in its GraphML file", party !== null);
  if (party === null) return;
  await page.fill("#search", party);
  const said = await heading(page);
  const found = await page.locator("#panel .pick bdi").allTextContents();
  expect(name, `search finds ${party}`, found.includes(party), found.join(", "));
  expect(name, "search says how many it found", said.startsWith(`${found.length} entit`), said);
  await page.press("#search", "Enter");
  expect(name, `Enter shows ${found[0]}`, (await heading(page)) === found[0], await heading(page));
  await page.fill("#search", NONSENSE);
  const none = await heading(page);
  expect(name, "search for nonsense finds nothing and says so", none === "0 entities found", none);
  await page.press("#search", "Escape");
  expect(name, "Escape lists everything again", (await heading(page)) === "Entities");
}

/** Clicks the label of the first tie that is drawn in view, with the mouse, as a reader does. */
async function checkChartClick(name, page) {
  const place = await page.evaluate(() => {
    const { cy } = window.moneytrailChart;
    const box = document.getElementById("canvas").getBoundingClientRect();
    for (const label of cy.nodes(".label").toArray()) {
      const { x, y } = label.renderedPosition();
      if (x > 5 && y > 5 && x < box.width - 5 && y < box.height - 5) {
        return { x: box.x + x, y: box.y + y };
      }
    }
    return null;
  });
  expect(name, "a tie is drawn in view", place !== null);
  if (place === null) return;
  await page.mouse.click(place.x, place.y);
  const shown = await page
    .waitForFunction(() => document.querySelector("#panel table tbody code"), null, { timeout: 5_000 })
    .then(() => true, () => false);
  expect(name, "a click on a tie shows the records behind it", shown);
}

async function checkChartEdges(name, page) {
  const count = await page.locator("#ties article.tie").count();
  const wrong = [];
  const bare = [];
  let totals = 0;
  for (let at = 0; at < Math.min(count, EDGES_CHECKED_MAX); at += 1) {
    const shown = await page.evaluate((tie) => {
      window.moneytrailChart.showTie(tie, true);
      const panel = document.getElementById("panel");
      const text = (from, selector) => from.querySelector(selector)?.textContent.trim() ?? "";
      return {
        visible: panel.checkVisibility(),
        label: text(panel, "p.what"),
        total: text(panel, "tfoot .total"),
        rows: [...panel.querySelectorAll("tbody tr")].map((row) => ({
          amount: text(row, "td.number"),
          places: [...row.querySelectorAll("code")].map((place) => place.textContent),
        })),
      };
    }, at);
    const placed = (row) => row.places.length > 0 && row.places.every((place) => /:\d+$/.test(place));
    if (!shown.visible || shown.rows.length === 0 || !shown.rows.every(placed)) {
      bare.push(at);
    }
    if (shown.total !== "") {
      totals += 1;
      const digits = decimals(shown.total);
      const amounts = shown.rows.map((row) => units(row.amount, digits));
      const sum = amounts.includes(null) ? null : amounts.reduce((left, right) => left + right, 0n);
      const labelled = shown.label.replaceAll(",", "").includes(` ${shown.total} `);
      if (sum === null || sum !== units(shown.total, digits) || !labelled) {
        wrong.push(`${at} (${shown.label})`);
      }
    }
  }
  expect(name, "has ties", count > 0);
  expect(name, "every tie shows the records behind it, each with its source line",
    bare.length === 0, bare.slice(0, 5).join(", "));
  expect(name, `the amounts of each of ${totals} totals add up to it and to the label`,
    wrong.length === 0, wrong.slice(0, 5).join(", "));
}

const root = resolve(outDir);
const report = join(root, "report.html");
const chartsDir = join(root, "charts");
const charts = existsSync(chartsDir)
  ? readdirSync(chartsDir).filter((file) => file.endsWith(".html")).sort()
  : [];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  expect("report.html", "the run has a report", existsSync(report));
  if (existsSync(report)) await checkReport(browser, report);
  for (const chart of charts) await checkChart(browser, join(chartsDir, chart));
} finally {
  await browser.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
