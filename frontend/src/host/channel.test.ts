import { afterEach, expect, test, vi } from "vitest";
import { Channel } from "./channel";

interface Told {
  type: string;
  id: number;
  isReply: boolean;
  payload: unknown;
}

/** TensorBoard's end of a channel, and what it was sent. */
function openPair() {
  const { port1, port2 } = new MessageChannel();
  const told: Told[] = [];
  port2.onmessage = (event) => told.push(JSON.parse(event.data as string) as Told);
  const tell = (message: object) => port2.postMessage(JSON.stringify(message));
  return { channel: new Channel(port1), told, tell, close: () => port1.close() };
}

afterEach(() => vi.useRealTimers());

test("a request is answered by the reply with its id", async () => {
  const { channel, told, tell, close } = openPair();
  const first = channel.request("experimental.GetRuns");
  const second = channel.request("experimental.GetRuns");
  await vi.waitFor(() => expect(told.map(({ id }) => id)).toEqual([1, 2]));
  tell({ type: "experimental.GetRuns", id: 2, payload: ["b"], error: null, isReply: true });
  tell({ type: "experimental.GetRuns", id: 1, payload: ["a"], error: null, isReply: true });
  expect(await Promise.all([first, second])).toEqual([["a"], ["b"]]);
  close();
});

test("what the host tells is heard and acknowledged", async () => {
  const { channel, told, tell, close } = openPair();
  const heard: unknown[] = [];
  channel.listen("experimental.RunsChanged", (payload) => heard.push(payload));
  tell({ type: "experimental.RunsChanged", id: 7, payload: ["a", "b"], error: null, isReply: false });
  await vi.waitFor(() => expect(told).toMatchObject([{ id: 7, isReply: true }]));
  expect(heard).toEqual([["a", "b"]]);
  close();
});

test("a host that stays silent is no answer", async () => {
  vi.useFakeTimers();
  const { channel, close } = openPair();
  const answer = channel.request("experimental.GetRuns");
  await vi.advanceTimersByTimeAsync(1000);
  expect(await answer).toBeNull();
  close();
});
