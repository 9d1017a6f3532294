/** Icons of 24 × 24 px, decorative: what they stand on carries the name. */

const PATHS = {
  search: "M10 4a6 6 0 1 0 3.6 10.8l4.8 4.8 1.4-1.4-4.8-4.8A6 6 0 0 0 10 4zm0 2a4 4 0 1 1 0 8 4 4 0 0 1 0-8z",
  play: "M8 5v14l11-7z",
  pause: "M7 5h4v14H7zm6 0h4v14h-4z",
  first: "M6 6h2v12H6zm12 0v12l-8.5-6z",
  last: "M16 6h2v12h-2zM6 6l8.5 6L6 18z",
  previous: "M15.4 7.4 14 6l-6 6 6 6 1.4-1.4L10.8 12z",
  next: "M8.6 7.4 10 6l6 6-6 6-1.4-1.4 4.6-4.6z",
  down: "M7 10l5 5 5-5z",
  download: "M11 3h2v9.2l3.6-3.6L18 10l-6 6-6-6 1.4-1.4 3.6 3.6zM5 19h14v2H5z",
  help: "M11 18h2v-2h-2zm1-16a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm0 18a8 8 0 1 1 0-16 8 8 0 0 1 0 16zm0-14a4 4 0 0 0-4 4h2a2 2 0 1 1 3.2 1.6c-1 .8-2.2 1.6-2.2 3.4h2c0-1.4 3-1.6 3-5a4 4 0 0 0-4-4z",
  close: "M18 7.4 16.6 6 12 10.6 7.4 6 6 7.4 10.6 12 6 16.6 7.4 18l4.6-4.6 4.6 4.6 1.4-1.4-4.6-4.6z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function IconButton({ name, label, onClick, title }: { name: IconName; label: string; onClick: () => void; title?: string }) {
  return (
    <button type="button" class="icon-button" aria-label={label} title={title ?? label} onClick={onClick}>
      <Icon name={name} />
    </button>
  );
}
