// Numbers in few columns.
import { count } from "../../output/units.ts";

/** `12,345`, or `1.2 M` where that is wider than `width`; of a whole number. */
export function short(value: number, width: number): string {
  const whole = count(value);
  if (whole.length <= width) return whole;
  const units = ["", " k", " M", " G", " T", " P"];
  let unit = 0;
  let rest = value;
  while (rest >= 1000 && unit < units.length - 1) {
    rest /= 1000;
    unit++;
  }
  return `${rest.toFixed(1)}${units[unit]}`;
}

/** Of a whole: `61 %`; what is neither nothing nor all never looks so. */
export function percent(part: number, whole: number): string {
  if (part === 0 || whole === 0) return "0 %";
  const share = (part / whole) * 100;
  if (share < 1) return "<1 %";
  if (share > 99 && part < whole) return ">99 %";
  return `${Math.round(share)} %`;
}
