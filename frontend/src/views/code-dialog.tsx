import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { scikitLearnSnippet } from "../state/snippet";
import { useSession } from "./context";
import { Dialog } from "./dialog";

/** The code that gives the same numbers, to read and to copy. */
export function CodeDialog() {
  const session = useSession();
  const text = useRef<HTMLTextAreaElement>(null);
  const copied = useSignal(false);
  if (!session.codeOpen.value) return null;
  const code = scikitLearnSnippet(session);
  const copy = async () => {
    text.current?.select();
    // Only pages served over https or from this machine have a clipboard; elsewhere the text is selected, ready to copy.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    await clipboard?.writeText(code);
    copied.value = clipboard !== undefined;
  };
  return (
    <Dialog
      title="The same numbers with scikit-learn"
      onClose={() => {
        session.codeOpen.value = false;
        copied.value = false;
      }}
    >
      <textarea ref={text} class="code" aria-label="scikit-learn code" readOnly rows={code.split("\n").length} value={code} spellcheck={false} />
      <p class="actions">
        <button type="button" class="primary" onClick={() => void copy()}>
          Copy
        </button>
        <span role="status">{copied.value && "Copied."}</span>
      </p>
    </Dialog>
  );
}
