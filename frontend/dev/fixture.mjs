/**
 * A backend without TensorBoard, for work on the dashboard: answers http_api.md with synthetic runs.
 *
 *   npm run dev:fixture -- [--runs 12] [--epochs 100] [--classes 10] [--port 6010]
 *
 * Then open http://localhost:6010/data/plugin_entry.html. Run `npm run build` first; reload after each build.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";

const STATIC = new URL("../../plugin/tensorboard_curveboard/static/", import.meta.url);
const ENTRY = `<!DOCTYPE html><head><base href="plugin/curveboard/"></head><body><script type="module" src="entry.js"></script></body>`;
const POLICY = "default-src 'self';img-src 'self' data: blob:;object-src 'none';require-trusted-types-for 'script'";
const POINTS = 200;
const POSITIVES = 2000;
const NEGATIVES = 8000;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "12" },
    epochs: { type: "string", default: "100" },
    classes: { type: "string", default: "10" },
    port: { type: "string", default: "6010" },
  },
});
const [RUNS, EPOCHS, CLASSES, PORT] = ["runs", "epochs", "classes", "port"].map((name) => Number(values[name]));

// ---- synthetic runs: two normal distributions of scores that drift apart, and with some runs together again

const classNames = Array.from({ length: CLASSES }, (_, i) => `class ${i}`);
const runs = Array.from({ length: RUNS }, (_, i) => ({
  name: `model${Math.floor(i / 5)}/fold${i % 5}/validation`,
  number: i,
  // Every fourth run logs every third epoch only.
  steps: Array.from({ length: EPOCHS }, (_, step) => step).filter((step) => i % 4 !== 3 || step % 3 === 0),
}));

function separation(run, curve, step) {
  const learned = 1 - Math.exp(-(step + 1) / (6 + (run.number % 5) * 3));
  const overfit = run.number % 3 === 0 ? (0.5 * Math.max(0, step - 30)) / EPOCHS : 0;
  const wobble = 0.03 * Math.sin(step * 1.7 + run.number * 3 + curve.length);
  return (1.4 + (run.number % 7) * 0.15) * (learned - overfit) + wobble + 0.1;
}

function upperTail(z) {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = poly * Math.exp((-z * z) / 2) * 0.3989422804;
  return z >= 0 ? tail : 1 - tail;
}

function countCurve(run, curve, step) {
  const distance = separation(run, curve, step);
  const point = (i) => 4.5 - (9 * i) / (POINTS - 1);
  const last = (i) => i === POINTS - 1;
  const indices = Array.from({ length: POINTS }, (_, i) => i);
  return {
    threshold: indices.map((i) => 1 / (1 + Math.exp(-point(i)))),
    tp: indices.map((i) => (last(i) ? POSITIVES : Math.round(POSITIVES * upperTail(point(i) - distance)))),
    fp: indices.map((i) => (last(i) ? NEGATIVES : Math.round(NEGATIVES * upperTail(point(i))))),
  };
}

function areasOf(run, curve, step) {
  const { tp, fp } = countCurve(run, curve, step);
  let [auc, ap] = [0, 0];
  for (let i = 0; i < POINTS; i++) {
    const [t, f] = i ? [tp[i - 1], fp[i - 1]] : [0, 0];
    auc += ((fp[i] - f) * (tp[i] + t)) / 2;
    ap += tp[i] ? ((tp[i] - t) * tp[i]) / (tp[i] + fp[i]) : 0;
  }
  return { auc: auc / POSITIVES / NEGATIVES, ap: ap / POSITIVES };
}

function confusionOf(run, step) {
  const cells = new Map();
  const right = Math.min(0.98, 0.4 + 0.3 * separation(run, "micro", step));
  for (let row = 0; row < CLASSES; row++) {
    cells.set(row * CLASSES + row, Math.round(200 * right));
    for (const [shift, share] of [[1, 0.5], [2, 0.3], [5, 0.2]]) {
      const wrong = Math.round(200 * (1 - right) * share * (1 + 0.5 * Math.sin(row + run.number)));
      const cell = row * CLASSES + ((row + shift) % CLASSES);
      if (wrong > 0) cells.set(cell, (cells.get(cell) ?? 0) + wrong);
    }
  }
  return [...cells].sort((a, b) => a[0] - b[0]);
}

// ---- blocks

const ARRAYS = { u4: Uint32Array, f4: Float32Array, f8: Float64Array };

function block(header, columns) {
  const parts = [];
  const entries = {};
  let offset = 0;
  for (const [name, [dtype, codec, numbers]] of Object.entries(columns)) {
    const array = ARRAYS[dtype].from(numbers);
    const raw = new Uint8Array(array.buffer);
    const bytes = codec === "delta" ? shuffledDeltas(new Uint32Array(array.buffer)) : raw;
    entries[name] = { dtype, offset, count: array.length, codec };
    const padding = (8 - (bytes.length % 8)) % 8;
    parts.push(bytes, new Uint8Array(padding));
    offset += bytes.length + padding;
  }
  let text = JSON.stringify({ ...header, columns: entries });
  text += " ".repeat((8 - (Buffer.byteLength(text) % 8)) % 8);
  const head = Buffer.alloc(8);
  head.write("CVBK");
  head.writeUInt32LE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text), ...parts]);
}

function shuffledDeltas(words) {
  const bytes = new Uint8Array(words.length * 4);
  words.forEach((word, i) => {
    const difference = (word - (i ? words[i - 1] : 0)) >>> 0;
    for (let plane = 0; plane < 4; plane++) bytes[plane * words.length + i] = difference >>> (8 * plane);
  });
  return bytes;
}

// ---- routes

const find = (query) => query.getAll("run").map((name) => runs.find((run) => run.name === name)).filter(Boolean);

function selected(run, selection) {
  if (selection === "all") return run.steps;
  if (selection === "last") return run.steps.slice(-1);
  const [from, to] = selection.split("-").map(Number);
  if (to !== undefined) return run.steps.filter((step) => step >= from && step <= to);
  return run.steps.filter((step) => step <= from).slice(-1);
}

const ROUTES = {
  index: () => ({
    version: "0.0.0",
    series: runs.map(({ name, steps }) => ({
      run: name,
      split: "validation",
      head: "output",
      task: "multiclass",
      class_names: classNames,
      curves: ["micro", "macro", ...classNames.map((each) => `class:${each}`)],
      steps,
      wall_times: steps.map((step) => 1763769600 + step),
      revision: String(steps.length),
    })),
    problems: [{ run: "old/validation", head: "output", reason: "1 of 3 records skipped: version 2 is newer than 1" }],
  }),

  areas(query) {
    const rows = find(query).flatMap((run) => run.steps.map((step) => ({ step, ...areasOf(run, query.get("curve"), step) })));
    const column = (value) => ["f8", "raw", rows.map(value)];
    return block(
      { runs: find(query).map(({ name, steps }) => ({ run: name, records: steps.length })), missing: [] },
      {
        step: column(({ step }) => step),
        wall_time: column(({ step }) => 1763769600 + step),
        roc_auc: column(({ auc }) => auc),
        average_precision: column(({ ap }) => ap),
        roc_auc_se: column(() => 0.004),
        positives: column(() => POSITIVES),
        negatives: column(() => NEGATIVES),
      },
    );
  },

  curves(query) {
    const selections = query.getAll("steps");
    const asked = find(query).map((run, i) => ({ run, steps: selected(run, selections[i] ?? selections[0]) }));
    const rows = asked.flatMap(({ run, steps }) => steps.map((step) => ({ step, ...countCurve(run, query.get("curve"), step) })));
    const header = { runs: asked.map(({ run, steps }) => ({ run: run.name, records: steps.length })), missing: [] };
    const steps = ["f8", "raw", rows.map(({ step }) => step)];
    const points = ["u4", "delta", rows.map(() => POINTS)];
    if (query.get("curve") === "macro") {
      const none = ["f8", "raw", rows.map(() => NaN)];
      const rates = (value) => ["f4", "delta", rows.flatMap(({ tp, fp }) => tp.map((t, i) => value(t, fp[i])))];
      return block(header, {
        ...{ step: steps, positives: none, negatives: none, points, pr_points: points },
        fpr: rates((t, f) => f / NEGATIVES),
        tpr: rates((t) => t / POSITIVES),
        recall: rates((t) => t / POSITIVES),
        precision: rates((t, f) => (t + f ? t / (t + f) : 1)),
      });
    }
    return block(header, {
      step: steps,
      positives: ["f8", "raw", rows.map(() => POSITIVES)],
      negatives: ["f8", "raw", rows.map(() => NEGATIVES)],
      points,
      threshold: ["f4", "delta", rows.flatMap(({ threshold }) => threshold)],
      tp: ["u4", "delta", rows.flatMap(({ tp }) => tp)],
      fp: ["u4", "delta", rows.flatMap(({ fp }) => fp)],
    });
  },

  confusion(query) {
    const asked = find(query).map((run) => ({ run, step: selected(run, query.get("step"))[0] }));
    const cells = asked.map(({ run, step }) => confusionOf(run, step));
    return block(
      {
        runs: asked.map(({ run, step }, i) => ({
          ...{ run: run.name, records: 1, step, class_names: classNames, shape: [CLASSES, CLASSES], threshold: 0.5 },
          n_examples: cells[i].reduce((sum, [, count]) => sum + count, 0),
          cells: cells[i].length,
        })),
        missing: [],
      },
      {
        index: ["u4", "delta", cells.flat().map(([index]) => index)],
        count: ["u4", "delta", cells.flat().map(([, count]) => count)],
      },
    );
  },
};

function send(response, type, body, extra = {}) {
  response.writeHead(200, { "content-type": type, "content-security-policy": POLICY, ...extra });
  response.end(body);
}

async function bodyOf(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

const server = createServer(async (request, response) => {
  const { pathname, search } = new URL(request.url, "http://localhost");
  const name = pathname.split("/").at(-1);
  if (name === "plugin_entry.html") send(response, "text/html", ENTRY);
  else if (name === "entry.js") send(response, "text/javascript", 'import { render } from "./index.js"; render();');
  else if (name === "index.js") send(response, "text/javascript", readFileSync(new URL("index.js", STATIC)));
  else if (name === "favicon.ico") response.writeHead(204).end();
  else if (name === "runs") send(response, "application/json", JSON.stringify(runs.map((run) => run.name)));
  else if (name in ROUTES) {
    const query = new URLSearchParams(request.method === "POST" ? await bodyOf(request) : search);
    const answer = ROUTES[name](query);
    if (Buffer.isBuffer(answer)) {
      send(response, "application/octet-stream", gzipSync(answer, { level: 1 }), { "content-encoding": "gzip" });
    } else send(response, "application/json", JSON.stringify(answer));
  } else response.writeHead(404).end(`expected a known route; received ${name}`);
});

server.listen(PORT, () => console.log(`http://localhost:${PORT}/data/plugin_entry.html`));
