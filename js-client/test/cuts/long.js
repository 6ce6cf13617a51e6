/** The property test with many more cuts: 10,000, or as many as `CUTS` says. It prints its seeds. */

process.env.CUTS ??= '10000';
await import('./cuts.test.js');
