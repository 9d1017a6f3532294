/**
 * The guest's end of TensorBoard's plugin channel. TensorBoard publishes no package for it; the protocol is JSON text over
 * a message port: requests `{type, id, payload}`, replies the same with `isReply`.
 */

interface Message {
  readonly type: string;
  readonly id: number;
  readonly payload: unknown;
  readonly error: string | null;
  readonly isReply: boolean;
}

/** TensorBoard answers within milliseconds; where nothing answers, the page stands alone. */
const ANSWER_MS = 1000;

export class Channel {
  private readonly listeners = new Map<string, (payload: unknown) => void>();
  private readonly waiting = new Map<number, (payload: unknown) => void>();
  private lastId = 0;

  constructor(private readonly port: MessagePort) {
    port.onmessage = (event: MessageEvent<unknown>) => this.receive(JSON.parse(String(event.data)) as Message);
  }

  /** Asks the host; null where it does not answer. */
  request(type: string): Promise<unknown> {
    const id = ++this.lastId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.settle(id, null), ANSWER_MS);
      this.waiting.set(id, (payload) => {
        clearTimeout(timer);
        resolve(payload);
      });
      this.send({ type, id, payload: null, error: null, isReply: false });
    });
  }

  /** Hears what the host tells unasked. */
  listen(type: string, listener: (payload: unknown) => void): void {
    this.listeners.set(type, listener);
  }

  private receive({ type, id, payload, isReply }: Message): void {
    if (isReply) {
      this.settle(id, payload);
      return;
    }
    this.listeners.get(type)?.(payload);
    this.send({ type, id, payload: null, error: null, isReply: true });
  }

  private settle(id: number, payload: unknown): void {
    this.waiting.get(id)?.(payload);
    this.waiting.delete(id);
  }

  private send(message: Message): void {
    this.port.postMessage(JSON.stringify(message));
  }
}

/** Opens the channel to the page around this one; null where there is none. */
export function openChannel(): Channel | null {
  if (window.parent === window) return null;
  const { port1, port2 } = new MessageChannel();
  window.parent.postMessage("experimental.bootstrap", "*", [port2]);
  return new Channel(port1);
}
