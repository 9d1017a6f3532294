import type { Store } from "../data/store";

/** What is known now. The store changes in place; a new `Known` tells that it did. */
export interface Known {
  readonly store: Store;
}
