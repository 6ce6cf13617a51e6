/** The table of the results: a row as soon as it is known. */

/** @import { Metric } from './figures.js' */

const UNITS = {
  bytes: (/** @type {number} */ v) => `${(v / (1 << 20)).toFixed(v < 10 << 20 ? 1 : 0)} MiB/s`,
  times: (/** @type {number} */ v) =>
    v >= 1e5 ? `${(v / 1e3).toFixed(0)}k/s` : `${v.toFixed(0)}/s`,
  micros: (/** @type {number} */ v) => `${v.toFixed(0)} µs`,
};

/** Width of each column; negative for those that begin at the left. */
const WIDTHS = [-33, -5, 10, 10, 10, 9, 12, -21, 0];

export class Table {
  missed = 0;
  #print;

  /** @param {(line: string) => void} print */
  constructor(print) {
    this.#print = print;
    this.#line(['page figure', '', 'raw', 'bare', 'ours', 'ours/base', 'in rounds', 'target', '']);
  }

  /**
   * Prints the medians of a metric, their ratio, and the range of the ratios of single rounds.
   *
   * @param {string} figure
   * @param {Metric} metric
   * @param {'bare' | 'raw'} against
   * @param {number[]} base One number per round.
   * @param {number[]} ours
   */
  row(figure, { name = '', unit, target }, against, base, ours) {
    const show = UNITS[unit];
    const ratio = median(ours) / median(base);
    const ratios = ours.map((v, i) => v / base[i]);
    const cells = [figure, name, '', '', show(median(ours)), ratio.toFixed(2)];
    cells[against === 'raw' ? 2 : 3] = show(median(base));
    cells.push(`${Math.min(...ratios).toFixed(2)}..${Math.max(...ratios).toFixed(2)}`);
    if (target) {
      const { bound, atMost, absolute } = target;
      const value = absolute ? median(ours) : ratio;
      const met = atMost ? value <= bound : value >= bound;
      if (!met) this.missed++;
      const shown = absolute ? show(bound) : `${bound} of ${against}`;
      cells.push(`at ${atMost ? 'most' : 'least'} ${shown}`, met ? 'ok' : 'MISS');
    }
    this.#line(cells);
  }

  /** Prints how many targets were missed. */
  end() {
    this.#print(`page targets missed: ${this.missed}`);
  }

  /** @param {string[]} cells */
  #line(cells) {
    const padded = cells.map((cell, i) =>
      WIDTHS[i] < 0 ? cell.padEnd(-WIDTHS[i]) : cell.padStart(WIDTHS[i]),
    );
    this.#print(padded.join(' ').trimEnd());
  }
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const { length } = sorted;
  return (sorted[(length - 1) >> 1] + sorted[length >> 1]) / 2;
}
