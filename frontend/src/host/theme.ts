/** Whether TensorBoard is dark. It tells its plugins nothing: neither media query nor colour scheme reach the frame. */

/** Calls `changed` now and whenever the answer changes. */
export function watchDark(changed: (dark: boolean) => void): void {
  const body = parentBody();
  if (body) {
    const tell = () => changed(body.classList.contains("dark-mode"));
    new MutationObserver(tell).observe(body, { attributes: true, attributeFilter: ["class"] });
    tell();
    return;
  }
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const tell = () => changed(storedTheme() ?? system.matches);
  system.addEventListener("change", tell);
  window.addEventListener("storage", tell);
  tell();
}

function parentBody(): HTMLElement | null {
  try {
    return window.parent === window ? null : window.parent.document.body;
  } catch {
    return null; // another origin
  }
}

/** The theme chosen in TensorBoard's settings: true for dark, null where the browser decides. */
function storedTheme(): boolean | null {
  try {
    const settings = JSON.parse(localStorage.getItem("_tb_global_settings") ?? "{}") as { theme?: string };
    return settings.theme === "dark" ? true : settings.theme === "light" ? false : null;
  } catch {
    return null; // storage is blocked, or not ours to read
  }
}
