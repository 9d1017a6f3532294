import { useSession } from "./context";
import { Icon, IconButton } from "./icons";

export const FILTER_ID = "curveboard-filter";

export function FilterBox() {
  const { choice, selection } = useSession();
  const { error } = selection.filter.value;
  return (
    <>
      <div class={error ? "filter invalid" : "filter"}>
        <Icon name="search" />
        <input
          id={FILTER_ID}
          type="text"
          placeholder="Filter runs (regex)"
          aria-label="Filter runs by regular expression"
          aria-invalid={error !== null}
          aria-describedby={error ? `${FILTER_ID}-error` : undefined}
          autocomplete="off"
          spellcheck={false}
          value={choice.filter.value}
          onInput={(event) => (choice.filter.value = event.currentTarget.value)}
        />
        {choice.filter.value && <IconButton name="close" label="Clear the filter" onClick={() => (choice.filter.value = "")} />}
      </div>
      {error && (
        <p id={`${FILTER_ID}-error`} class="filter-error" role="alert">
          Not a regular expression, so all runs are listed: {error}
        </p>
      )}
    </>
  );
}
