import { expect, test } from "vitest";
import { Client } from "./client";

const signal = new AbortController().signal;

test("names are escaped, and a list that outgrows an address is posted", async () => {
  const asked: [string, RequestInit][] = [];
  const client = new Client((address, init) => {
    asked.push([address, init]);
    return Promise.resolve(new Response("no block"));
  });
  await client.areas("my head", "class:a&b", ["r/ü"], signal).catch(() => null);
  expect(asked[0]?.[0]).toBe("./areas?head=my+head&curve=class%3Aa%26b&run=r%2F%C3%BC");
  const runs = Array.from({ length: 200 }, (_, i) => `experiment/run${i}`);
  await client.curves("h", "micro", runs, ["3"], signal).catch(() => null);
  const [address, { method, body }] = asked[1]!;
  expect([address, method]).toEqual(["./curves", "POST"]);
  expect((body as URLSearchParams).getAll("run")).toEqual(runs);
  expect((body as URLSearchParams).getAll("steps")).toEqual(["3"]);
});

test("an error names the route and what the backend said", async () => {
  const client = new Client(() => Promise.resolve(new Response("expected a head\n", { status: 400, statusText: "Bad" })));
  await expect(client.index(signal)).rejects.toThrow("index: 400 Bad; expected a head");
});
