/**
 * Charts: numbers in, pixels out. Nothing here fetches, remembers choices, or touches the page outside a host element.
 */
export {
  OKABE_ITO,
  type Palette,
  rampStops,
  runColor,
  runDash,
  TENSORBOARD_DARK,
  TENSORBOARD_LIGHT,
  textOn,
} from "./colors";
export type { Box, Size } from "./frame";
export type {
  Axis,
  BandMark,
  Guide,
  LineMark,
  MatrixSpec,
  Numbers,
  PlotSpec,
  PointMark,
  RuleMark,
  Step,
  Theme,
} from "./mark";
export { type Cell, Matrix, type MatrixTheme } from "./matrix";
export type { Hit } from "./nearest";
export { type DrawOptions, type Overlay, Plot } from "./plot";
export { type LegendEntry, type Picture, pictureCanvas, pictureSvg } from "./picture";
export { makeScale, type Scale, type ScaleKind } from "./scale";
export { sparkline } from "./sparkline";
