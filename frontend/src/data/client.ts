/** The backend's routes as functions. Addresses are relative, so that any path prefix works. */

import { readAreas, readConfusion, readCurves } from "./answers";
import { decodeBlock } from "./block";
import type { Areas, Confusion, Curve, Index } from "./model";

export type Fetch = (address: string, init: RequestInit) => Promise<Response>;

/** Longest address sent as GET; proxies in the wild refuse more than 2048 characters. */
const LONGEST_ADDRESS = 2000;

export class Client {
  constructor(private readonly fetch: Fetch) {}

  async index(signal: AbortSignal): Promise<Index> {
    return (await (await this.ask("index", [], signal)).json()) as Index;
  }

  async areas(head: string, curve: string, runs: readonly string[], signal: AbortSignal): Promise<Map<string, Areas>> {
    return readAreas(await this.block("areas", [["head", head], ["curve", curve], ...each("run", runs)], signal));
  }

  /** `steps`: one selection for all runs, or one for each. */
  async curves(
    head: string,
    curve: string,
    runs: readonly string[],
    steps: readonly string[],
    signal: AbortSignal,
  ): Promise<Map<string, Curve[]>> {
    const query: Query = [["head", head], ["curve", curve], ...each("steps", steps), ...each("run", runs)];
    return readCurves(await this.block("curves", query, signal));
  }

  async confusion(
    head: string,
    step: number,
    runs: readonly string[],
    signal: AbortSignal,
  ): Promise<Map<string, Confusion>> {
    const query: Query = [["head", head], ["step", String(step)], ...each("run", runs)];
    return readConfusion(await this.block("confusion", query, signal));
  }

  private async block(route: string, query: Query, signal: AbortSignal) {
    return decodeBlock(await (await this.ask(route, query, signal)).arrayBuffer());
  }

  private async ask(route: string, query: Query, signal: AbortSignal): Promise<Response> {
    const body = new URLSearchParams(query);
    const address = query.length ? `./${route}?${body.toString()}` : `./${route}`;
    const response = await (address.length > LONGEST_ADDRESS
      ? this.fetch(`./${route}`, { method: "POST", body, signal })
      : this.fetch(address, { signal }));
    if (response.ok) return response;
    const reason = (await response.text()).trim().slice(0, 300);
    throw new Error(`${route}: ${response.status} ${response.statusText}${reason && `; ${reason}`}`);
  }
}

type Query = [string, string][];

const each = (name: string, values: readonly string[]): Query => values.map((value) => [name, value]);
