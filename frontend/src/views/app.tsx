import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { View } from "../state/choice";
import type { Session } from "../state/session";
import { ClassesView } from "./classes-view";
import { CodeDialog } from "./code-dialog";
import { ConfusionView } from "./confusion-view";
import { SessionContext } from "./context";
import { CurvesView } from "./curves-view";
import { Help } from "./help";
import { handleKey } from "./keys";
import { Sidebar } from "./sidebar";
import { ErrorBar, useEmptyState } from "./states";
import { Toolbar } from "./toolbar";
import { Transport } from "./transport";

const VIEWS: Record<View, () => ComponentChildren> = { curves: CurvesView, classes: ClassesView, confusion: ConfusionView };

export function App({ session }: { session: Session }) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => handleKey(session, event);
    document.addEventListener("keydown", onKey);
    // Keys reach a frame only once it has the focus; taking it on entry must not take it from who is typing.
    const takeFocus = () => {
      if (document.activeElement === document.body && !document.hasFocus()) window.focus();
    };
    document.addEventListener("pointerenter", takeFocus);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("pointerenter", takeFocus);
    };
  }, []);
  return (
    <SessionContext.Provider value={session}>
      <div class="app">
        <Sidebar />
        <div class="side">
          <Toolbar />
          <ErrorBar />
          <Main session={session} />
          {session.selection.steps.value.length > 0 && <Transport />}
        </div>
        <Help />
        <CodeDialog />
      </div>
    </SessionContext.Provider>
  );
}

function Main({ session }: { session: Session }) {
  const empty = useEmptyState();
  const View = VIEWS[session.choice.view.value];
  return <main tabIndex={-1}>{empty ?? <View />}</main>;
}
