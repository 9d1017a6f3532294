import type { ComponentChildren } from "preact";

interface Props {
  title: string;
  detail?: string;
  /** Controls at the right end of the header. */
  controls?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}

export function Card({ title, detail, controls, class: extra = "", children }: Props) {
  return (
    <section class={`card ${extra}`} aria-label={title}>
      <header>
        <h2>{title}</h2>
        <span class="detail" title={detail}>{detail}</span>
        {controls}
      </header>
      {children}
    </section>
  );
}
