/** The binary container of the API's answers (http_api.md, "Blocks"). */

export type Column = Uint32Array | Float32Array | Float64Array;
type Dtype = "u4" | "f4" | "f8";

export interface Block {
  readonly header: Readonly<Record<string, unknown>>;
  readonly columns: Readonly<Record<string, Column>>;
}

interface ColumnEntry {
  readonly dtype: Dtype;
  readonly offset: number;
  readonly count: number;
  readonly codec: "raw" | "delta";
}

const MAGIC = 0x4b425643; // "CVBK", read as a little-endian word
const ARRAYS = { u4: Uint32Array, f4: Float32Array, f8: Float64Array } as const;

/**
 * Decodes a block. Columns are typed arrays of their own, so that keeping a part of one does not keep the answer.
 *
 * @throws Error if the bytes are no block, or end before a column does.
 */
export function decodeBlock(buffer: ArrayBuffer): Block {
  const head = new DataView(buffer);
  if (buffer.byteLength < 8 || head.getUint32(0, true) !== MAGIC) {
    throw new Error(`expected a block that begins with "CVBK"; received ${buffer.byteLength} other bytes`);
  }
  const start = 8 + head.getUint32(4, true);
  if (start > buffer.byteLength) throw truncated("the header", start, buffer.byteLength);
  const text = new TextDecoder().decode(new Uint8Array(buffer, 8, start - 8));
  const header = JSON.parse(text) as { columns: Record<string, ColumnEntry> };
  const columns: Record<string, Column> = {};
  for (const [name, entry] of Object.entries(header.columns)) columns[name] = decodeColumn(buffer, start, name, entry);
  return { header: { ...header }, columns };
}

function decodeColumn(buffer: ArrayBuffer, start: number, name: string, entry: ColumnEntry): Column {
  const { dtype, offset, count, codec } = entry;
  const end = start + offset + count * ARRAYS[dtype].BYTES_PER_ELEMENT;
  if (end > buffer.byteLength) throw truncated(`column ${name}`, end, buffer.byteLength);
  const bytes = buffer.slice(start + offset, end);
  return new ARRAYS[dtype](codec === "raw" ? bytes : undoDelta(new Uint8Array(bytes), count));
}

/** Words from their byte planes, then from their differences; sums wrap modulo 2^32, as they were taken. */
function undoDelta(planes: Uint8Array, count: number): ArrayBuffer {
  const words = new Uint32Array(count);
  let word = 0;
  for (let i = 0; i < count; i++) {
    const difference =
      planes[i]! | (planes[i + count]! << 8) | (planes[i + 2 * count]! << 16) | (planes[i + 3 * count]! << 24);
    word = (word + difference) >>> 0;
    words[i] = word;
  }
  return words.buffer;
}

function truncated(what: string, expected: number, received: number): Error {
  return new Error(`expected ${what} to end at byte ${expected}; received a block of ${received} bytes`);
}
