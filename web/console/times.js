/** Times as people read them. */

const UNITS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const date = new Intl.DateTimeFormat("en", { dateStyle: "medium" });

/**
 * @param {number} time In seconds since 1970.
 * @param {number} now
 * @returns {string} Such as "3 hours ago", and beyond a month the date.
 */
export function formatWhen(time, now = Date.now() / 1000) {
  const seconds = time - now;
  if (Math.abs(seconds) > 31 * 86400) return date.format(time * 1000);
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  }
  return "just now";
}

/**
 * @param {number} seconds
 * @returns {string} Such as "1:45".
 */
export function formatCountdown(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}
