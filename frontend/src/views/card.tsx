import type { ComponentChildren } from "preact";

interface Props {
  title: string;
  /** In place of the title where it can be changed. */
  heading?: ComponentChildren;
  detail?: string;
  /** Controls at the right end of the header. */
  controls?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}

export function Card({ title, heading, detail, controls, class: extra = "", children }: Props) {
  return (
    <section class={`card ${extra}`} aria-label={title}>
      <header>
        {heading ? (
          <>
            <h2 class="visually-hidden">{title}</h2>
            {heading}
          </>
        ) : (
          <h2>{title}</h2>
        )}
        <span class="detail" title={detail}>{detail}</span>
        {controls}
      </header>
      {children}
    </section>
  );
}

interface TitleProps<T extends string> {
  label: string;
  options: readonly (readonly [value: T, text: string])[];
  value: T;
  onChange: (value: T) => void;
}

/** A card's title that says what it shows and changes it. */
export function TitleSelect<T extends string>({ label, options, value, onChange }: TitleProps<T>) {
  return (
    <select class="title" aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
      {options.map(([id, text]) => (
        <option key={id} value={id}>
          {text}
        </option>
      ))}
    </select>
  );
}
