import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import { curveName } from "../state/runs";
import { useSession } from "./context";
import { Icon } from "./icons";

/** More matches than this are counted, not listed. */
const MOST_OPTIONS = 200;

/** Micro, macro or a class by name, found by typing. */
export function ClassCombo() {
  const { choice, selection } = useSession();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const open = useSignal(false);
  const query = useSignal("");
  const active = useSignal(0);

  const wanted = query.value.toLowerCase();
  const matches = (selection.dataSet.value?.curves ?? []).filter((curve) => curveName(curve).toLowerCase().includes(wanted));
  const options = matches.slice(0, MOST_OPTIONS);
  const current = selection.curve.value;

  const show = () => {
    if (open.value) return;
    query.value = "";
    active.value = Math.max(0, selection.dataSet.value?.curves.indexOf(current) ?? 0);
    open.value = true;
  };
  const choose = (curve: string | undefined) => {
    if (curve) choice.curve.value = curve;
    open.value = false;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) {
      if (open.value) active.value = (active.value + move + options.length) % Math.max(1, options.length);
      else show();
    } else if (event.key === "Enter") choose(options[active.value]);
    else if (event.key === "Escape") open.value = false;
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="combo">
      <input
        ref={input}
        role="combobox"
        aria-label="Class"
        aria-expanded={open.value}
        aria-controls={`${id}-list`}
        aria-activedescendant={open.value && options.length ? `${id}-${active.value}` : undefined}
        aria-autocomplete="list"
        autocomplete="off"
        spellcheck={false}
        value={open.value ? query.value : curveName(current)}
        placeholder={curveName(current)}
        onFocus={show}
        onClick={show}
        onBlur={() => (open.value = false)}
        onInput={(event) => {
          query.value = event.currentTarget.value;
          active.value = 0;
          open.value = true;
        }}
        onKeyDown={onKeyDown}
      />
      <Icon name="down" />
      <ul id={`${id}-list`} role="listbox" aria-label="Classes" class={open.value ? "" : "closed"}>
        {open.value &&
          options.map((curve, i) => (
            <li
              key={curve}
              id={`${id}-${i}`}
              role="option"
              aria-selected={curve === current}
              class={i === active.value ? "active" : ""}
              ref={(item) => {
                if (i === active.value) item?.scrollIntoView({ block: "nearest" });
              }}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => {
                choose(curve);
                input.current?.blur();
              }}
            >
              {curveName(curve)}
            </li>
          ))}
        {open.value && matches.length !== options.length && (
          <li role="presentation" class="quiet">{matches.length - options.length} more: type to find them</li>
        )}
        {open.value && !matches.length && <li role="presentation" class="quiet">No class has this in its name.</li>}
      </ul>
    </div>
  );
}
