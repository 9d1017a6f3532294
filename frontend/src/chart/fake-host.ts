/**
 * For tests without a browser: a host element whose canvases write down what is done to them.
 */

/** A method that was called, with its arguments, or a property that was set, with its value. */
export type Call = readonly [name: string, ...args: unknown[]];

export class FakeCanvas {
  width = 300;
  height = 150;
  isAttached = false;
  readonly style: Record<string, string> = {};
  /** Everything done to the 2D context since `calls` was last emptied. */
  calls: Call[] = [];
  private readonly context = recorder(this);

  getContext(): CanvasRenderingContext2D {
    return this.context;
  }

  remove(): void {
    this.isAttached = false;
  }

  /** The arguments of every call of that name. */
  argumentsOf(name: string): unknown[][] {
    return this.calls.filter(([called]) => called === name).map(([, ...args]) => args);
  }
}

function recorder(canvas: FakeCanvas): CanvasRenderingContext2D {
  const answers: Record<string, (...args: number[]) => unknown> = {
    createImageData: (width = 0, height = 0) => ({ data: new Uint8ClampedArray(4 * width * height), width, height }),
    getTransform: () => ({ a: 1 }),
  };
  const handler: ProxyHandler<object> = {
    get: (_, name: string) => {
      return (...args: number[]) => {
        canvas.calls.push([name, ...args]);
        return answers[name]?.(...args);
      };
    },
    set: (_, name: string, value) => canvas.calls.push([name, value]) > 0,
  };
  return new Proxy({}, handler) as CanvasRenderingContext2D;
}

export class FakeHost {
  clientWidth: number;
  clientHeight: number;
  readonly style: Record<string, string> = {};
  /** Every canvas made, in order, attached or not. */
  readonly canvases: FakeCanvas[] = [];
  readonly ownerDocument: object;

  constructor(width: number, height: number, devicePixelRatio = 1) {
    this.clientWidth = width;
    this.clientHeight = height;
    this.ownerDocument = {
      createElement: () => this.canvases[this.canvases.push(new FakeCanvas()) - 1],
      defaultView: { devicePixelRatio, getComputedStyle: () => ({ position: "static" }) },
    };
  }

  append(...canvases: FakeCanvas[]): void {
    for (const canvas of canvases) canvas.isAttached = true;
  }

  get element(): HTMLElement {
    return this as unknown as HTMLElement;
  }
}
