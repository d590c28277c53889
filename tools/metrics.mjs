// What a running Prometheus knows of Latchkey, held against the rules and the dashboard: prints how
// many looks were good, and how many were not. usage: node tools/metrics.mjs PROMETHEUS
import { readFileSync } from "node:fs";

const [prometheus] = process.argv.slice(2);
const RULES = "deploy/prometheus/alerts.yml";
const DASHBOARD = "deploy/grafana/latchkey.json";
const WITHIN = 60_000;

const rules = readFileSync(RULES, "utf8");
const dashboard = JSON.parse(readFileSync(DASHBOARD, "utf8"));
const targets = dashboard.panels.flatMap((panel) => panel.targets ?? []);

let passed = 0;
let failed = 0;
function look(isGood, what) {
    if (isGood) passed += 1;
    else {
        failed += 1;
        console.error(`== metrics: ${what}`);
    }
}

async function ask(path, query = {}) {
    const answer = await fetch(`${prometheus}/api/v1/${path}?${new URLSearchParams(query)}`);
    const { status, data, error } = await answer.json();
    if (status !== "success") throw new Error(error);
    return data;
}

// Until something is so; what it is in the end.
async function until(find, isSo) {
    const end = Date.now() + WITHIN;
    for (;;) {
        const found = await find().catch(() => undefined);
        if ((found !== undefined && isSo(found)) || Date.now() > end) return found;
        await new Promise((resolve) => setTimeout(resolve, 200));
    }
}

const scraped = await until(
    () => ask("targets"),
    ({ activeTargets }) => activeTargets.some(({ health }) => health === "up"),
);
look(
    scraped?.activeTargets.some(({ health }) => health === "up"),
    `the target is not up: ${JSON.stringify(scraped?.activeTargets)}`,
);

// Twice, so that there is a rate.
await until(
    () => ask("query", { query: "count_over_time(up[1m])" }),
    ({ result }) => result.some(({ value }) => Number(value[1]) >= 3),
);
const known = new Set(await ask("label/__name__/values"));
const named = (text) => text.match(/\b(?:latchkey|process)_[a-z_]+\b/g) ?? [];
const expressions = [...rules.matchAll(/expr: >-\n((?: {10}.*\n)+)/g)].map(([, text]) => text);
look(expressions.length > 10, "the rules' expressions were not found");
look(targets.length > 30, "the dashboard's expressions were not found");
for (const [where, texts] of [
    [RULES, expressions],
    [DASHBOARD, targets.map(({ expr }) => expr)],
]) {
    for (const name of new Set(texts.flatMap(named))) {
        look(known.has(name), `${where} names ${name}, which the binary does not give`);
    }
}

// Everything the dashboard asks is understood.
for (const { expr } of targets) {
    const query = expr
        .replaceAll("$__rate_interval", "1m")
        .replaceAll("$job", ".*")
        .replaceAll("$instance", ".*");
    const error = await ask("query", { query }).then(
        () => undefined,
        (error) => error.message,
    );
    look(error === undefined, `${expr}: ${error}`);
}

// Where its figures come from is the reader's to say.
const uids = [...JSON.stringify(dashboard).matchAll(/"datasource":\{[^}]*"uid":"([^"]*)"/g)];
look(
    uids.length > 0 && uids.every(([, uid]) => uid === "${datasource}"),
    "the dashboard names a data source of its own",
);

// Each rule says what to do, and leads to its part of the documents.
const alerts = rules.split("- alert: ").slice(1);
const slug = (words) => words.toLowerCase().replace(/[^a-z0-9 -]/g, "").replaceAll(" ", "-");
for (const alert of alerts) {
    const name = alert.split("\n")[0];
    const [, file, anchor] = alert.match(/docs: (\S+\.md)#(\S+)/) ?? [];
    const parts = ["summary:", "description:", "action:", "severity:"];
    look(file && parts.every((part) => alert.includes(part)), `${name} does not say all`);
    const headings = file ? readFileSync(file, "utf8").match(/^#+ .*$/gm) : [];
    const isThere = headings.some((line) => slug(line.replace(/^#+ /, "")) === anchor);
    look(isThere, `${name}: ${file} has no part ${anchor}`);
}

// What fires at once on a desk that is well would wake somebody for nothing.
const { alerts: firing } = await ask("alerts");
look(
    firing.every(({ state }) => state !== "firing"),
    `on a desk that is well: ${JSON.stringify(firing)}`,
);

console.log(passed, failed);
