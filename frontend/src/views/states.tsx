import type { ComponentChildren } from "preact";
import { useSession } from "./context";

const CODE = `from curveboard import CurveLogger

model.fit(x, y, validation_data=(xv, yv),
          callbacks=[CurveLogger("logs/run1")])`;

/** What stands in place of the charts; null where there is something to draw. */
export function useEmptyState(): ComponentChildren {
  const session = useSession();
  const { selection, index, error, choice } = session;
  if (!index.value) return error.value ? <LoadFailed /> : <Skeleton />;
  if (!selection.dataSet.value) return <NothingLogged />;
  if (!selection.listed.value.length) {
    return (
      <Message title="No run matches the filter">
        <p>
          None of {selection.dataSet.value.series.length} runs has <code>{choice.filter.value}</code> in its name.
        </p>
        <button type="button" class="primary" onClick={() => (choice.filter.value = "")}>
          Clear the filter
        </button>
      </Message>
    );
  }
  if (!selection.shown.value.length) {
    return (
      <Message title="No runs selected">
        <p>Check the runs to compare in the list on the left.</p>
        <button type="button" class="primary" onClick={() => session.showListed(true)}>
          Show all {selection.listed.value.length} runs
        </button>
      </Message>
    );
  }
  return null;
}

function Message({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="message">
      <svg viewBox="0 0 96 96" aria-hidden="true" focusable="false">
        <path class="frame" d="M2 2h92v92H2z" />
        <path class="chance" d="M2 94 94 2" />
        <path class="curve" d="M2 94C8 40 30 8 94 2" />
      </svg>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

function NothingLogged() {
  const session = useSession();
  return (
    <Message title="No curves logged yet">
      <p>This log directory holds no curves. Add the callback; the first epoch appears here after a reload.</p>
      <pre tabIndex={0} aria-label="Code that logs curves">{CODE}</pre>
      <button type="button" class="primary" onClick={() => session.refresh()}>
        Look again
      </button>
    </Message>
  );
}

function LoadFailed() {
  const session = useSession();
  return (
    <Message title="The curves could not be loaded">
      <p>{session.error.value?.message}</p>
      <button type="button" class="primary" onClick={() => session.refresh()}>
        Try again
      </button>
    </Message>
  );
}

/** The outlines of what is about to appear; they show themselves only after 150 ms. */
function Skeleton() {
  return (
    <div class="skeleton" role="status" aria-label="Loading the curves">
      <div /><div /><div /><div />
    </div>
  );
}

/** An error while something is in view: what is drawn stays, and this says that it is not the newest. */
export function ErrorBar() {
  const session = useSession();
  if (!session.error.value || !session.index.value) return null;
  return (
    <div class="error-bar" role="alert">
      <span>
        Could not load the latest data; what you see may be out of date. <q>{session.error.value.message}</q>
      </span>
      <button type="button" onClick={() => session.refresh()}>
        Try again
      </button>
    </div>
  );
}
