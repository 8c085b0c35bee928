// The two workflows that Spool runs in its own way beside its peers.
const task = (Next) => ({ Type: 'Task', Resource: 'function:nothing', ...(Next ? { Next } : { End: true }) });
const ItemProcessor = { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'Part', States: { Part: task() } };

export const THREE = { name: 'three', definition: { StartAt: 'A', States: { A: task('B'), B: task('C'), C: task() } } };
export const FAN = {
  name: 'fan',
  definition: { StartAt: 'Each', States: { Each: { Type: 'Map', ItemProcessor, End: true } } },
};
export const partsOf = (count) => Array.from({ length: count }, (_, n) => n);
