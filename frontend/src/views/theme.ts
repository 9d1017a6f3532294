import type { Theme } from "../chart";

const LIGHT: Theme & { dark: boolean } = {
  dark: false,
  text: "#212121",
  secondary: "#616161",
  grid: "#ebebeb",
  axis: "#9e9e9e",
  surface: "#ffffff",
  guide: "#9e9e9e",
};

const DARK: Theme & { dark: boolean } = {
  dark: true,
  text: "#ffffff",
  secondary: "#bdbdbd",
  grid: "#454545",
  axis: "#8a8a8a",
  surface: "#303030",
  guide: "#8a8a8a",
};

/** What charts need to know of the theme; the same object for the same theme. */
export function chartTheme(dark: boolean): Theme & { dark: boolean } {
  return dark ? DARK : LIGHT;
}
